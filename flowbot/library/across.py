"""What only the whole project shows: flows that are not there, that nobody runs, that get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..engine.flow import Flow
from ..engine.lint.circles import circles
from ..engine.lint.heard import between
from ..engine.lint.passed import passed
from ..engine.lint.starts import clashes
from ..engine.lint.windows import INVITE, begins_with_words, has_window
from ..engine.starts import Starts
from ..model.problem import Problem, Source, suggest
from ..model.project import Project
from .flows import Made
from .folder import PROJECT, Folder


def across(folder: Folder, project: Project, made: Mapping[str, Made]) -> Iterator[Problem]:
    """Every such problem; of a flow with errors too, as far as it was understood."""
    drafts = {id: (one.draft, one.read.source) for id, one in made.items() if one.draft and one.read.source}
    leading = {id: (*pair, made[id].doubt.steps) for id, pair in drafts.items() if made[id].leads}
    yield from _unknown_flows(folder, project)
    yield from _idle_flows(project, made)
    yield from _clashes(project, drafts)
    yield from passed(drafts, {id: made[id].leads for id in drafts})
    yield from _begun_by_rules(folder, made)
    yield from circles(leading)


def _begun_by_rules(folder: Folder, made: Mapping[str, Made]) -> Iterator[Problem]:
    """Rules that start a flow by words: the business writes first, and the 24-hour window may be closed."""
    for read in folder.rules().values():
        rules = read.source.data if read.source is not None and isinstance(read.source.data, dict) else {}
        for name, rule in rules.items():
            one = made.get(str(rule.get("start"))) if isinstance(rule, dict) else None
            if one and one.draft and has_window(one.around.gateways) and _begins_with_words(one):
                message = f"this starts {one.draft.id!r} by words, which need an open 24-hour window"
                assert read.source is not None
                yield read.source.problem((name, "start"), "F235", message, hint=INVITE, level="warning", on_value=True)


def _begins_with_words(made: Made) -> bool:
    assert made.draft is not None
    return "start" not in made.doubt.keys and bool(begins_with_words(made.draft, made.doubt.steps))


def _unknown_flows(folder: Folder, project: Project) -> Iterator[Problem]:
    """Flows that flowbot.yaml names and that are not there."""
    source = folder.reads[PROJECT].source if PROJECT in folder.reads else None
    if source is None:
        return
    there = folder.flows()
    for account in project.accounts.values():
        for index, name in enumerate(account.flows):
            if name not in there:
                path = ("accounts", account.name, "flows", index)
                hint = suggest(name, there) or f"there is no flows/{name}.yaml"
                yield source.problem(path, "P111", f"there is no flow '{name}'", hint=hint, on_value=True)


def _idle_flows(project: Project, made: Mapping[str, Made]) -> Iterator[Problem]:
    """Flows that are there, while every account names the flows that it runs, and none names them."""
    accounts = project.accounts.values()
    if not accounts or not all(account.flows for account in accounts):
        return
    named = {name for account in accounts for name in account.flows}
    for id, one in made.items():
        if id not in named and one.read.source is not None:
            hint = f"add {id} to an account's `flows` in flowbot.yaml, or leave that key out: then it runs all"
            message = f"no account runs the flow '{id}'"
            yield one.read.source.problem((), "P115", message, hint=hint, level="warning")


def _clashes(project: Project, drafts: Mapping[str, tuple[Flow, Source]]) -> Iterator[Problem]:
    channels = []
    for account in project.accounts.values():
        flows = [flow for id, (flow, _) in sorted(drafts.items()) if not account.flows or id in account.flows]
        # Who has no channel, because none is sound, will have one.
        channels += [(Starts.of(flows, channel), flows) for channel in account.channels or ("",)]
    yield from clashes((book for book, _ in channels), drafts)
    yield from between(channels, drafts)
