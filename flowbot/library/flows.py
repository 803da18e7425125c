"""Compiling and linting the flows of a project, each by itself: a broken one takes no other down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from ..engine.call_check import Takes
from ..engine.compiler import Compiled, Facts, compile_flow
from ..engine.flow import Flow
from ..engine.lint import GRAVE, REMARKS, Case, lint
from ..engine.lint.doubt import NONE, Doubt, doubt_of
from ..engine.lint.leads import Lead, leads
from ..engine.outline import FLOW_KEYS
from ..model.gateway import Limits
from ..model.problem import Problem, Source
from ..model.project import Account, Project
from .channels import channel_names
from .content import COMMON, Contents, shipped, shipped_keys
from .folder import PROJECT, Folder
from .limits import limits_of
from .yaml import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rest of the project means to one flow."""

    facts: Facts
    led_to: bool  # another flow jumps to it or runs it
    languages: tuple[str, ...]  # that it speaks when it does not say
    gateways: Mapping[str, Limits]


@dataclass(slots=True)
class Made:
    """What became of one flow file, and from what it was made. Immutable but for its remarks."""

    read: Read
    words: tuple[Read, ...]
    around: Around
    flow: Flow | None
    problems: tuple[Problem, ...]
    leads: tuple[Lead, ...]  # to other flows
    draft: Flow | None = None  # the flow even if it has errors, for `check`
    doubt: Doubt = NONE
    remarks: tuple[Problem, ...] | None = None  # what can be said of it beside errors; None until somebody asks


def make_flows(
    reads: Mapping[str, Read],
    contents: Contents,
    project: Project,
    facts: Facts,
    before: Mapping[str, Made],
    *,
    remarks: bool = False,
) -> dict[str, Made]:
    """Every flow, with what is to be remarked of it; those whose file, words and facts are as `before` are that."""
    facts, languages = _known(facts, before), languages_of(project)
    leading = {id: _leads(read, before.get(id)) for id, read in reads.items()}
    led_to = {lead.flow for found in leading.values() for lead in found}
    made = {}
    for id, read in reads.items():
        gateways = limits_of(project, id)
        around = Around(facts=facts, led_to=id in led_to, languages=languages, gateways=gateways)
        words = contents.reads(id, COMMON)
        old = before.get(id)
        if old is not None and _same(old, read, words, around):
            made[id] = old
            continue
        made[id] = Made(read, words, around, None, (), leading[id])
        _make(id, made[id], contents, remarks=remarks)
    return made


def remarks_of(made: Mapping[str, Made], contents: Contents) -> Iterator[Problem]:
    """What can be said of the flows beside errors, looked for once. What keeps a flow from running is known before."""
    for id, one in made.items():
        if one.remarks is None:
            _make(id, one, contents, remarks=True)
        yield from one.remarks or ()


def _leads(read: Read, old: Made | None) -> tuple[Lead, ...]:
    if old is not None and old.read is read:
        return old.leads
    return leads(read.source) if read.source is not None else ()


def _known(found: Facts, before: Mapping[str, Made]) -> Facts:
    """The very ones of before when they are the same: every flow's are compared."""
    known = next((one.around.facts for one in before.values()), found)
    return known if known == found else found


def facts_of(project: Project, folder: Folder) -> Facts:
    accounts = project.accounts.values()
    read = folder.reads.get(PROJECT)
    return Facts(
        flows=tuple(folder.flows()),
        contact_fields=tuple(dict.fromkeys(name for account in accounts for name in account.contact_fields)),
        config=config_keys(project),
        runs={account.name: account.flows for account in accounts if account.flows},
        channels=channel_names(read.source if read else None),
        verifiers=tuple(dict.fromkeys(name for account in accounts for name in account.verifiers)),
        actions=_actions(project),
        served={account.name: _served(account) for account in accounts},
        templates=tuple(folder.templates()),
    )


def config_keys(project: Project) -> dict[str, tuple[str, ...]] | None:
    """Of each account, as a text names them below `config`; None where no account is known."""
    return {account.name: tuple(map(str, account.config)) for account in project.accounts.values()} or None


def _actions(project: Project) -> dict[str, Takes]:
    """Of all accounts; where two have the same, what both of them need."""
    found: dict[str, Takes] = {}
    for account in project.accounts.values():
        for integration in account.integrations.values():
            for name, action in integration.actions.items():
                key = f"{integration.name}.{name}"
                old = found.get(key, Takes(action.needs, action.reads))
                found[key] = Takes(old.needs & action.needs, old.reads | action.reads)
    return found


def _served(account: Account) -> tuple[str, ...]:
    actions = (f"{one.name}.{name}" for one in account.integrations.values() for name in one.actions)
    return (*account.verifiers, *actions)


def languages_of(project: Project) -> tuple[str, ...]:
    """What a flow speaks that does not say: the accounts' languages."""
    found = dict.fromkeys(lang for account in project.accounts.values() for lang in account.languages)
    return tuple(found) or ("en",)


def _same(old: Made, read: Read, words: tuple[Read, ...], around: Around) -> bool:
    return (
        old.read is read
        and len(old.words) == len(words)
        and all(one is other for one, other in zip(old.words, words, strict=True))
        and old.around == around
    )


def _make(id: str, made: Made, contents: Contents, *, remarks: bool) -> None:
    """Fill in the flow when it is sound, its problems, and the flow in any case."""
    read, around = made.read, made.around
    source = read.source
    if source is None:
        return
    if source.data is None:
        hint = "write a flow: flow, start, steps"
        made.problems = (source.problem((), "Y011", "the file is empty", hint=hint),)
        return
    spoken = contents.languages_of(_spoken(source, around.languages))
    compiled = compile_flow(
        source, contents.own(id, spoken), languages=around.languages, known=around.facts, shipped=shipped(spoken)
    )
    made.draft, made.problems = compiled.draft, compiled.problems
    if made.draft is None:
        return
    sound = compiled.flow is not None and _can_be_said(made.draft, contents, spoken)
    if not (sound and read.sound):
        made.doubt = doubt_of(source, compiled.problems, FLOW_KEYS, read.guessed)
    case = _case(id, made, contents, spoken, compiled)
    made.problems += lint(case, GRAVE)
    made.remarks = lint(case, REMARKS) if remarks else None
    # A file with mistakes of YAML is not to be trusted, even when what could be read of it compiles.
    broken = not (sound and read.sound) or any(one.mended for one in made.words)
    made.flow = None if broken or any(one.level == "error" for one in made.problems) else made.draft


def _case(id: str, made: Made, contents: Contents, spoken: tuple[str, ...], compiled: Compiled) -> Case:
    assert made.draft is not None and made.read.source is not None
    return Case(
        flow=made.draft,
        source=made.read.source,
        merged=partial(contents.merged, id, spoken),
        spoken=spoken,
        own=_sources(contents, spoken, id),
        common=_sources(contents, spoken, COMMON),
        shipped=shipped_keys(),
        led_to=made.around.led_to,
        gateways=made.around.gateways,
        reads=compiled.reads,
        shared=compiled.shared,
        doubt=made.doubt,
    )


def _can_be_said(flow: Flow, contents: Contents, languages: Iterable[str]) -> bool:
    """Whether its words are sound; what is not is a problem of the content file, and said there."""
    needed = flow.entries | shipped_keys()
    files = [(lang, stem) for lang in languages for stem in (flow.id, COMMON)]
    return not any(one.key in needed for lang, stem in files for one in contents.mistakes(lang, stem))


def _spoken(source: Source, languages: tuple[str, ...]) -> tuple[str, ...]:
    given = source.data.get("languages") if isinstance(source.data, dict) else None
    given = [given] if isinstance(given, str) else given
    named = tuple(one for one in given if isinstance(one, str)) if isinstance(given, list) else ()
    return named or languages


def _sources(contents: Contents, languages: tuple[str, ...], stem: str) -> dict[str, Source]:
    found = {}
    for lang in languages:
        read = contents.files.get((lang, stem))
        if read is not None and read.source is not None:
            found[lang] = read.source
    return found
