"""Flows that jump to or run one another without ever waiting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...model.problem import Path, Problem, Source
from ...steps.run import Run
from ..flow import Flow
from . import graph


def circles(flows: Mapping[str, tuple[Flow, Source]], soon: Mapping[str, Mapping[str, Path]]) -> Iterator[Problem]:
    """Each such circle once, at its first flow; a warning where a way leads out of it. `soon`: what `at_once` found."""
    leads = {id: {other: path for other, path in soon[id].items() if other in flows} for id in flows}
    for circle in graph.circles_of({id: ways.keys() for id, ways in leads.items()}):
        named = sorted(circle)
        first = named[0]
        other, path = next((other, path) for other, path in leads[first].items() if other in circle)
        out = any(_leaves(flows[id][0], circle) for id in named)
        chain = " -> ".join([*_chain(first, other, leads, circle), first])
        message = f"a circle of flows that never waits: {chain}"
        hint = "make sure that a condition ends it: after 100 steps it fails as engine_error"
        level = "warning" if out else "error"
        hint = hint if out else "put a question or an end into it"
        yield flows[first][1].problem(path, "F255", message, hint=hint, level=level)


def at_once(flow: Flow) -> Mapping[str, Path]:
    """The flows that may begin before this one has waited, and where it names them."""
    found: dict[str, Path] = {}
    for id in _moving(flow):
        step = flow.steps.get(id)
        if step is None:
            target = flow.ends[id]
            if target.kind == "jump":
                found.setdefault(target.name, (*target.path, "jump"))
        elif isinstance(step.main, Run):
            found.setdefault(step.main.flow, ("steps", id, "run"))
    return found


def _moving(flow: Flow) -> Iterator[str]:
    """The steps and ends that it may come to without waiting."""
    ways, seen, waiting = graph.edges(flow), set(), [flow.first]
    while waiting:
        id = waiting.pop()
        if id in seen:
            continue
        seen.add(id)
        yield id
        step = flow.steps.get(id)
        if step is not None and (step.main is None or step.main.role != "wait"):
            waiting += ways[id]


def _leaves(flow: Flow, circle: frozenset[str]) -> bool:
    """Whether it may also wait, or end, on its way."""
    return any(_stops(flow, id, circle) for id in _moving(flow))


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
