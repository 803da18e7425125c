"""From a flow as written to a flow that runs; all its mistakes at once, each with its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from ..errors import ParseError
from ..model.problem import Problem, Source, suggest
from ..steps.ask import Ask
from ..steps.set import Set
from ..steps.wait import Wait
from . import machine as machines
from . import outline
from .assembly import Assembly, check_below, check_id, check_unnamed
from .content import Content
from .flow import Flow, Step, canonical, version_of
from .folding import squeeze
from .locale import base, is_language
from .names import ACCOUNT, CHANNEL, CONTACT, PROCESS, Names
from .reengage_keys import reengage_of
from .workbench import Workbench

CONSENT = ("opt_out", "opt_in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rest of the project knows; None where it is not known, and then not checked."""

    flows: Collection[str] | None = None  # ids, for `jump`
    contact_fields: Collection[str] | None = None
    channels: Collection[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The flow, unless one of the problems is an error."""

    flow: Flow | None
    problems: tuple[Problem, ...]


def compile_flow(
    source: Source,
    content: Mapping[str, Mapping[str, Any]],
    *,
    languages: Sequence[str] = ("en",),
    known: Facts | None = None,
) -> Compiled:
    """Compile one flow with its words: language -> key -> entry, the common and the shipped ones already beneath.

    `languages` are the account's, for a flow that names none.
    """
    known = known or Facts()
    data = source.data if isinstance(source.data, Mapping) else {}
    spoken = _languages(data, languages)
    mine = _spoken(content, spoken)
    bench = Workbench(source, {lang: dict(entries) for lang, entries in mine.items()}, spoken)
    flow = _Making(source, data, bench, known).flow(spoken, mine)
    problems = tuple(sorted(dict.fromkeys(bench.problems)))
    failed = any(problem.level == "error" for problem in problems)
    return Compiled(flow=None if failed else flow, problems=problems)


def from_bundle(bundle: bytes) -> Flow:
    """The flow again that `Flow.bundle` wrote, of the same version; ParseError when it cannot be read."""
    try:
        meaning = orjson.loads(bundle)
        file = f"flows/{meaning['flow']}.yaml"
        source = Source(file=file, text="", data=meaning["data"])
        made = compile_flow(source, meaning["content"], languages=meaning["languages"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ParseError(f"not a flow: {type(error).__name__}") from None
    if made.flow is None:
        raise ParseError(f"a flow of another release: {made.problems[0].message}")
    return made.flow


class _Making:
    """One flow on its way through the compiler."""

    def __init__(self, source: Source, data: Mapping[str, Any], bench: Workbench, known: Facts) -> None:
        self.source = source
        self.data = data
        self.bench = bench
        self.known = known

    def flow(self, languages: tuple[str, ...], content: Mapping[str, Mapping[str, Any]]) -> Flow | None:
        bench = self.bench
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
        names = self._names(steps, inputs)
        self._check_names(names)
        if any(problem.level == "error" for problem in bench.problems):
            return None
        first = next(iter(steps))
        words = Content(bench.content, languages)
        routes = {id: step.routes for id, step in steps.items()}
        targets = [way.target for triggers in routes.values() for found in triggers.values() for way in found]
        # by name: the same files give the same version in every process, in whatever order they were read
        told = {lang: dict(sorted(content[lang].items())) for lang in sorted(content)}
        meaning = {"flow": self._id(), "data": self.data, "content": told, "languages": list(languages)}
        return Flow(
            id=self._id(),
            version=version_of(canonical(meaning)),
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
            machine=machines.build(routes, first, ways),
            ends=machines.ends([*targets, *ways.values()]),
            content=words,
            meaning=meaning,
            names=names,
            entries=frozenset(bench.entries),
            places=bench.entries,
        )

    def _id(self) -> str:
        return self.bench.flow

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
        if isinstance(shared.get("retry"), Mapping):
            bench.table(shared["retry"], ("defaults", "retry"), outline.RetryKeys)
        found: dict[str, Step] = {}
        ids = list(data)
        for number, (id, item) in enumerate(data.items()):
            check_id(id, bench)
            if not isinstance(item, Mapping):
                bench.problem(("steps", id), "F203", "a step should be keys with values, e.g. {say: hello}")
                item = {}
                step = None
            else:
                below = str(ids[number + 1]) if number + 1 < len(ids) else ""
                given = {**({"timeout": shared["timeout"]} if "timeout" in shared and "ask" in item else {}), **item}
                step = Assembly(id=str(id), data=given, below=below, bench=bench, defaults=shared).build()
            # A step with mistakes still is one to go to.
            found[str(id)] = step or Step(id=str(id))
        return found

    def _check_jumps(self) -> None:
        flows = self.known.flows
        jumps = [(one.name, (*one.path, "jump")) for one in self.bench.targets if one.kind == "jump"]
        for name, path in (*jumps, *self.bench.flows) if flows is not None else ():
            if name not in (flows or ()):
                hint = suggest(name, flows or ())
                self.bench.problem(path, "F214", f"there is no flow {name!r}", hint=hint)

    def _names(self, steps: Mapping[str, Step], inputs: Collection[str]) -> Names:
        answers = {step.save for step in steps.values() if isinstance(step.main, Ask)}
        variables: set[str] = set()
        fields = {step.contact_field for step in steps.values()}
        for name in _assigned(steps):
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
        }
        if self.known.contact_fields is not None:
            members["contact"] = CONTACT.union(fields, self.known.contact_fields)
        return Names(members=members, steps=tuple(steps))

    def _check_names(self, names: Names) -> None:
        for read, path in self.bench.reads:
            for name in read:
                wrong = names.unknown(name)
                if wrong:
                    self.bench.problem(path, "E302", wrong[0], hint=wrong[1])


def _assigned(steps: Mapping[str, Step]) -> list[str]:
    found: list[str] = []
    for step in steps.values():
        for verb in step.acts:
            if isinstance(verb, Set):
                found += verb.values
        if isinstance(step.main, Ask):
            found += [name for deed in step.main.deeds.values() for name in deed.sets]
    return found


def _languages(data: Mapping[str, Any], fallback: Sequence[str]) -> tuple[str, ...]:
    given = data.get("languages")
    if isinstance(given, str):
        given = [given]
    if isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        return tuple(given)
    return tuple(fallback) or ("en",)


def _spoken(content: Mapping[str, Mapping[str, Any]], languages: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The content that this flow may ever say."""
    wanted = {_root(lang) for lang in languages} | {"en"}
    return {lang: entries for lang, entries in content.items() if _root(lang) in wanted}


def _root(lang: str) -> str:
    return (base(lang) or lang).lower()


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
    own = step.main.commands if isinstance(step.main, Ask) else step.main.listen if isinstance(step.main, Wait) else ()
    return replace(step, commands=_words(content, own, languages, own=True)) if own else step
