"""From a flow as written to a flow that runs; all its mistakes at once, each with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ..errors import ParseError
from ..model.problem import Path, Problem, Source, suggest
from ..steps.ask import Ask, question_of
from ..steps.wait import Wait
from . import machine as machines
from . import outline
from .answered import assigned, assigned_in
from .assembly import Assembly, check_below, check_id, check_unnamed
from .call_check import Takes, check_calls, check_verifiers
from .content import TABLES, Content, laid
from .flow import Flow, Start, Step
from .folding import squeeze
from .locale import is_language, root
from .meaning import Words, meaning_of, names_in_tables, used, version_of
from .meant import as_step
from .names import ACCOUNT, ANYTHING, CHANNEL, CONTACT, PROCESS, Names
from .office import FACTS as OFFICE
from .reengage_keys import reengage_of
from .workbench import Read, Workbench

NOWHERE = "F207"  # a way that leads to no step: no release ever ran that
CONSENT = ("opt_out", "opt_in")
SIMULATED = "try"  # the simulator's channel in an account that declares none


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rest of the project knows; None where it is not known, and then not checked."""

    flows: Collection[str] | None = None  # ids, for `jump`
    contact_fields: Collection[str] | None = None
    config: Mapping[str, Collection[str]] | None = None  # account -> its keys
    runs: Mapping[str, Collection[str]] = field(default_factory=dict)  # account -> its flows, where it names them
    channels: Collection[str] | None = None  # of all accounts
    verifiers: Collection[str] | None = None  # of all accounts
    actions: Mapping[str, Takes] | None = None  # of all integrations: integration.action -> what it takes
    served: Mapping[str, Collection[str]] = field(default_factory=dict)  # account -> its verifiers and actions
    templates: Collection[str] | None = None  # names


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The flow, unless one of the problems is an error."""

    flow: Flow | None
    problems: tuple[Problem, ...]
    draft: Flow | None = None  # for the linter: the flow in any case, as far as it is one; it cannot run
    reads: tuple[Read, ...] = ()  # what it reads, and where
    shared: Collection[str] = ()  # content keys that it names more than once


def compile_flow(
    source: Source,
    content: Words,
    *,
    languages: Sequence[str] = ("en",),
    known: Facts | None = None,
    shipped: Words | None = None,
) -> Compiled:
    """Compile one flow with its words: language -> key -> entry, those of all flows already beneath its own.

    `languages` are the account's, for a flow that names none; `shipped` are Flowbot's own words, beneath all others.
    """
    making = _Making(source, content, shipped or {}, languages, known or Facts())
    flow = making.flow()
    problems = tuple(sorted(dict.fromkeys(making.bench.problems)))
    failed = any(problem.level == "error" for problem in problems)
    return Compiled(
        flow=None if failed else flow,
        problems=problems,
        draft=flow,
        reads=tuple(making.bench.reads),
        shared=making.bench.shared,
    )


def from_bundle(bundle: bytes, *, version: str = "", shipped: Words | None = None) -> Flow:
    """The flow again that `Flow.bundle` wrote, of the version it had; ParseError when it cannot be read.

    It compiled once, and contacts stand on it: what this release takes for a mistake is passed over as long as the
    flow can be made. `shipped` are this release's own words, for those that it did not know yet.
    """
    try:
        kept = orjson.loads(bundle)
        source = Source(file=f"flows/{kept['flow']}.yaml", text="", data=kept["data"])
        beneath = _over(kept.get("shipped", {}), shipped or {})
        making = _Making(source, kept["content"], beneath, kept["languages"], Facts(), lenient=True)
        flow = making.flow()
        assert flow is None or flow.machine  # what it cannot be built of is said now, not in a contact's turn
    except Exception as error:  # whatever it is: the contacts on other versions go on
        raise ParseError(f"not a flow: {type(error).__name__}") from None
    if flow is None:
        raise ParseError("not a flow: it has no steps, or ways that lead nowhere")
    return replace(flow, version=version or kept.get("version", "") or flow.version)


def _over(first: Words, rest: Words) -> Words:
    return {lang: laid(rest.get(lang, {}), first.get(lang, {})) for lang in dict.fromkeys((*first, *rest))}


class _Making:
    """One flow on its way through the compiler."""

    def __init__(
        self,
        source: Source,
        content: Words,
        shipped: Words,
        languages: Sequence[str],
        known: Facts,
        *,
        lenient: bool = False,
    ) -> None:
        self.source = source
        self.data: Mapping[str, Any] = source.data if isinstance(source.data, Mapping) else {}
        self.languages = _languages(self.data, languages)
        self.own = _spoken(content, self.languages)
        self.shipped = _spoken(shipped, self.languages)
        self.known = known
        self.lenient = lenient
        words = {
            lang: laid(self.shipped.get(lang, {}), self.own.get(lang, {}))
            for lang in dict.fromkeys((*self.own, *self.shipped))
        }
        self.bench = Workbench(source, words, self.languages, lenient=lenient)

    def flow(self) -> Flow | None:
        bench, languages = self.bench, self.languages
        if not isinstance(self.source.data, Mapping):
            bench.problem((), "F203", "a flow should be keys with values", hint="begin with `flow:` and `steps:`")
            return None
        keys = bench.table(self.data, (), outline.FlowKeys)
        self._check_languages()
        start = outline.start_of(keys.get("start"), bench, languages)
        inputs = outline.inputs_of(keys.get("inputs"), bench)
        settings = outline.settings_of(keys.get("settings"), bench)
        anytime, ways = outline.anytime_of(keys.get("anytime"), bench)
        reengage, answers = reengage_of(keys.get("reengage"), bench)
        ways = {**ways, **answers}
        steps = self._steps(keys.get("steps"), keys.get("defaults"))
        if not steps:
            return None
        check_below(steps, bench)
        check_unnamed(bench)
        self._check_jumps()
        self._check_channels(start)
        lacking = self._lacking()
        check_calls(bench, self.known.actions, lacking)
        check_verifiers(bench, self.known.verifiers, lacking)
        self._check_templates()
        names = self._names(steps, inputs)
        self._check_names(names)
        self._check_fields(steps)
        wrong = {problem.code for problem in bench.problems if problem.level == "error"}
        if self.lenient and NOWHERE in wrong:
            return None
        first = next(iter(steps))
        words = Content(bench.content, languages, lenient=self.lenient)
        targets = [way.target for step in steps.values() for found in step.routes.values() for way in found]
        if wrong and not self.lenient:  # a draft, whose ways may lead nowhere
            ways = {word: way for word, way in ways.items() if way.kind != "step" or way.name in steps}
        meaning = meaning_of(self._id(), self.data, languages, self._used(steps, anytime))
        return Flow(
            id=self._id(),
            version=version_of(meaning),
            title=keys.get("title", self._id()),
            languages=languages,
            start=start,
            inputs=inputs,
            settings=settings,
            anytime=anytime,
            reengage=reengage,
            words=_words(words, anytime, languages, own=True),
            consent=_words(words, CONSENT, languages, own=False),
            steps={id: _with_commands(step, words, languages) for id, step in steps.items()},
            first=first,
            ways=ways,
            ends=machines.ends([*targets, *ways.values()]),
            content=words,
            meaning=meaning,
            shipped=self.shipped,
            names=names,
            entries=frozenset(bench.entries),
            places=bench.entries,
        )

    def _id(self) -> str:
        return self.bench.flow

    def _used(self, steps: Mapping[str, Step], anytime: Collection[str]) -> Words:
        """Of the author's words those that this flow may say or understand, the engine's own among them."""
        keys = {*self.bench.entries, *(key for entries in self.shipped.values() for key in entries)}
        heard = {word for step in steps.values() for word in _heard(step)}
        return used(self.own, keys - TABLES, {*anytime, *CONSENT, *heard, *names_in_tables(self.shipped)})

    def _check_languages(self) -> None:
        named = self.data.get("flow")
        if named is not None and named != self._id():
            hint = f"the file's name is the flow's id: write `flow: {self._id()}`, or rename the file"
            self.bench.problem(("flow",), "F211", f"{named!r} is not what the file is called", hint=hint)
        elif not self._id().replace("_", "a").isalnum() or not self._id().islower():
            hint = "small letters, digits and _"
            self.bench.problem(("flow",), "F211", f"{self._id()!r} is no id for a flow", hint=hint)
        spoken = self.data.get("languages")
        for number, lang in enumerate(spoken if isinstance(spoken, list) else [spoken]):
            if isinstance(lang, str) and not is_language(lang):
                path = ("languages", number) if isinstance(spoken, list) else ("languages",)
                self.bench.problem(path, "F203", f"{lang!r} is no language", hint="a code such as es, en or pt-BR")

    def _steps(self, data: Any, defaults: Any) -> dict[str, Step]:
        bench = self.bench
        if not isinstance(data, Mapping) or not data:
            what = "should be ids with steps" if data else "are missing: a flow needs at least one"
            hint = "write `hello: {say: …}`, not `- say: …`" if isinstance(data, list) else ""
            path = ("steps",) if "steps" in self.data else ()
            bench.problem(path, "F219", f"the steps of {self._id()!r} {what}", hint=hint)
            return {}
        shared = bench.table(defaults, ("defaults",), outline.DefaultKeys) if defaults is not None else {}
        if "retry" in shared:
            row = outline.in_short(shared["retry"])
            bench.table(row, ("defaults", "retry"), outline.RetryKeys)
            shared = {**shared, "retry": row}
        found: dict[str, Step] = {}
        ids = list(data)
        last = self._behind(ids[-1])
        for number, (id, item) in enumerate(data.items()):
            check_id(id, bench)
            if not isinstance(item, Mapping):
                bench.problem(("steps", id), "F203", "a step should be keys with values", hint=as_step(item))
                item = {}
                step = None
            else:
                below = str(ids[number + 1]) if number + 1 < len(ids) else last
                given = {**({"timeout": shared["timeout"]} if "timeout" in shared and "ask" in item else {}), **item}
                step = self._step(Assembly(id=str(id), data=given, below=below, bench=bench, defaults=shared))
            # A step with mistakes still is one to go to.
            found[str(id)] = step or Step(id=str(id))
        return found

    def _behind(self, last: Any) -> str:
        """The id of the step that stands behind the last one, and was given before; "" for none."""
        line, _ = self.source.at(("steps", last))
        behind = [lost.path for lost in self.source.lost if len(lost.path) == 2 and lost.line > line]
        return next((str(path[1]) for path in behind if path[0] == "steps"), "")

    def _step(self, assembly: Assembly) -> Step | None:
        try:
            return assembly.build()
        except Exception:
            if self.lenient:  # who never comes to this step goes on
                return None
            raise

    def _check_jumps(self) -> None:
        flows = self.known.flows
        jumps = [(one.name, (*one.path, "jump")) for one in self.bench.targets if one.kind == "jump"]
        for name, path in (*jumps, *self.bench.flows) if flows is not None else ():
            if name not in (flows or ()):
                hint = suggest(name, flows or ())
                self.bench.problem(path, "F214", f"there is no flow {name!r}", hint=hint)

    def _check_channels(self, start: Start) -> None:
        """The channels that it may start on are some account's, or the simulator's."""
        known = self.known.channels
        written = self.data["start"].get("channels") if start.channels else None
        for number, name in enumerate(start.channels if known else ()):
            if name not in (*(known or ()), SIMULATED):
                path: Path = ("start", "channels", number) if isinstance(written, list) else ("start", "channels")
                hint = suggest(name, known or ()) or f"there are: {', '.join(known or ())}; or all"
                self.bench.problem(path, "F214", f"no account has a channel {name!r}", hint=hint)

    def _check_templates(self) -> None:
        known = self.known.templates
        for name, path in self.bench.templates if known is not None else ():
            if name and name not in (known or ()):
                hint = suggest(name, known or ()) or f"write content/templates/{name}.yaml"
                self.bench.problem(path, "M511", f"there is no template {name!r}", hint=hint)

    def _names(self, steps: Mapping[str, Step], inputs: Collection[str]) -> Names:
        answers = {step.save for step in steps.values() if isinstance(step.main, Ask)}
        answers |= {name for id, step in steps.items() if step.main is None for name in self._meant(id)}
        variables: set[str] = set()
        fields = {step.contact_field for step in steps.values()}
        for name in assigned(steps):
            home, _, rest = name.partition(".")
            if home == "vars":
                variables.add(rest)
            elif home == "answers":
                answers.add(rest)
            else:
                fields.add(rest)
        members: dict[str, Collection[str]] = {
            "answers": sorted(answers),
            "vars": sorted(variables),
            "inputs": sorted(inputs),
            "process": PROCESS,
            "channel": CHANNEL,
            "account": ACCOUNT,
            "office": OFFICE,
        }
        if self.known.contact_fields is not None:
            members["contact"] = CONTACT.union(fields, self.known.contact_fields)
        config = self._config()
        return Names(
            members={**members, **config.get("members", {})},
            steps={id: _finds(step) for id, step in steps.items()},
            lacking=config.get("lacking", {}),
        )

    def _config(self) -> Mapping[str, Any]:
        """Of the accounts that run the flow; of all where none does."""
        known = self.known.config
        return {} if known is None else Names.of_config(self._mine(known) or known)

    def _lacking(self) -> Mapping[str, Collection[str]]:
        """Verifiers and actions that some account has, and accounts that run the flow without them."""
        mine = self._mine(self.known.served)
        every = {name for names in self.known.served.values() for name in names}
        return {one: [name for name, names in mine.items() if one not in names] for one in every}

    def _mine(self, known: Mapping[str, Collection[str]]) -> dict[str, Collection[str]]:
        """By account, of those that run the flow."""
        runs = self.known.runs
        return {name: found for name, found in known.items() if self._id() in runs.get(name, (self._id(),))}

    def _meant(self, id: str) -> Iterator[str]:
        """What a question with mistakes would save."""
        data = self.data["steps"].get(id)
        if isinstance(data, Mapping) and "ask" in data:
            save = data.get("save", id)
            yield save if isinstance(save, str) and not save.startswith("contact.") else id

    def _check_fields(self, steps: Mapping[str, Step]) -> None:
        """What is kept with the contact is declared in flowbot.yaml."""
        declared = self.known.contact_fields
        if not declared:  # who declares none does without
            return
        for id, step in steps.items():
            written = [(name, path) for name, path in assigned_in(step) if name.startswith("contact.")]
            if step.contact_field:
                written.append((f"contact.{step.contact_field}", ("steps", id, "save")))
            for name, path in written:
                field = name.removeprefix("contact.")
                if field not in declared and field not in CONTACT:
                    near = suggest(field, [*declared, *CONTACT]) or f"contact_fields: {{{field}: text}} in flowbot.yaml"
                    message = f"no account declares the contact's field '{field}'"
                    self.bench.problem(path, "E305", message, hint=near, level="warning")

    def _check_names(self, names: Names) -> None:
        for read in self.bench.reads:
            for name in read.names:
                wrong = names.unknown(name)
                if wrong:
                    self.bench.problem(read.path, "E302", wrong[0], hint=wrong[1], about=name)
                elif empty := names.empty(name):
                    self.bench.problem(read.path, "E306", empty[0], hint=empty[1], about=name, level="warning")


def _finds(step: Step) -> Collection[str]:
    """What stands under the step's id; of one with mistakes, and of a verb that does not say, anything."""
    verb = step.main
    if verb is None:
        return () if step.acts else ANYTHING
    found: Collection[str] = getattr(verb, "finds", ANYTHING if verb.role == "wait" else ())
    return found


def _languages(data: Mapping[str, Any], fallback: Sequence[str]) -> tuple[str, ...]:
    given = data.get("languages")
    if isinstance(given, str):
        given = [given]
    if isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        return tuple(given)
    return tuple(fallback) or ("en",)


def _spoken(content: Words, languages: Sequence[str]) -> Words:
    """The content that this flow may ever say."""
    wanted = {root(lang) for lang in languages} | {"en"}
    return {lang: entries for lang, entries in content.items() if root(lang) in wanted}


def _words(content: Content, names: Collection[str], languages: Sequence[str], *, own: bool) -> dict[str, str]:
    """Folded words of all languages -> name; a name without words is its own word when `own`."""
    found: dict[str, str] = {}
    for name in names:
        said = [word for lang in languages for word in content.words(name, lang)]
        for word in said or ([name, name.replace("_", " ")] if own else []):
            found.setdefault(squeeze(word), name)
    return found


def _with_commands(step: Step, content: Content, languages: Sequence[str]) -> Step:
    """The words of the step alone: a question's commands, what a wait listens for."""
    own = _heard(step)
    return replace(step, commands=_words(content, own, languages, own=True)) if own else step


def _heard(step: Step) -> Collection[str]:
    question = question_of(step.main)
    if question is not None:
        until = question.collect.until if question.collect else ""
        return (*question.commands, until) if until else question.commands
    return step.main.listen if isinstance(step.main, Wait) else ()
