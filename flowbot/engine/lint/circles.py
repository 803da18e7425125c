"""Flows that jump to or run one another without ever waiting."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ...model.problem import Path, Problem, Source
from ...steps.run import Run
from ..flow import Flow
from . import graph

Looked = Mapping[str, tuple[Flow, Source, Collection[str]]]  # a flow, its file, and its steps that have mistakes


def circles(flows: Looked) -> Iterator[Problem]:
    """Each such circle once, at its first flow; a warning where a way leads out of it."""
    soon = {id: at_once(flow, doubtful) for id, (flow, _, doubtful) in flows.items()}
    leads = {id: {other: path for other, path in ways.items() if other in flows} for id, ways in soon.items()}
    for circle in graph.circles_of({id: ways.keys() for id, ways in leads.items()}):
        named = sorted(circle)
        first = named[0]
        other, path = next((other, path) for other, path in leads[first].items() if other in circle)
        out = any(_leaves(flows[id][0], circle, flows[id][2]) for id in named)
        chain = " -> ".join([*_chain(first, other, leads, circle), first])
        message = f"a circle of flows that never waits: {chain}"
        hint = "make sure that a condition ends it: after 100 steps it fails as engine_error"
        level = "warning" if out else "error"
        hint = hint if out else "put a question or an end into it"
        yield flows[first][1].problem(path, "F255", message, hint=hint, level=level)


def at_once(flow: Flow, doubtful: Collection[str] = ()) -> Mapping[str, Path]:
    """The flows that may begin before this one has waited, and where it names them; none by a doubtful step."""
    found: dict[str, Path] = {}
    for id in _moving(flow, doubtful):
        step = flow.steps.get(id)
        if step is None:
            target = flow.ends[id]
            if target.kind == "jump":
                found.setdefault(target.name, (*target.path, "jump"))
        elif isinstance(step.main, Run) and id not in doubtful:
            found.setdefault(step.main.flow, ("steps", id, "run"))
    return found


def _moving(flow: Flow, doubtful: Collection[str]) -> Iterator[str]:
    """The steps and ends that it may come to without waiting; nobody knows what is behind the doubtful."""
    ways, seen, waiting = graph.edges(flow), set(), [flow.first]
    while waiting:
        id = waiting.pop()
        if id in seen or (id not in flow.steps and id not in flow.ends):
            continue
        seen.add(id)
        yield id
        step = flow.steps.get(id)
        if step is not None and (step.main is None or step.main.role != "wait") and id not in doubtful:
            waiting += ways[id]


def _leaves(flow: Flow, circle: frozenset[str], doubtful: Collection[str]) -> bool:
    """Whether it may also wait, or end, on its way."""
    return any(id in doubtful or _stops(flow, id, circle) for id in _moving(flow, doubtful))


def _stops(flow: Flow, id: str, circle: frozenset[str]) -> bool:
    if id not in flow.steps:
        return flow.ends[id].kind != "jump" or flow.ends[id].name not in circle
    verb = flow.steps[id].main
    if verb is None or verb.word == "jump" or _runs(verb, circle):
        return False
    return verb.role in ("wait", "end")


def _runs(verb: object, circle: frozenset[str]) -> bool:
    return isinstance(verb, Run) and verb.flow in circle


def _chain(first: str, other: str, leads: Mapping[str, Mapping[str, Path]], circle: frozenset[str]) -> list[str]:
    """The flows of the circle in the order in which they lead to one another, as far as one way shows it."""
    found = [first]
    while other not in found:
        found.append(other)
        other = next(one for one in leads[other] if one in circle)
    return found
