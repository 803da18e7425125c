"""Where a flow can and cannot get: steps that nothing leads to, circles without a pause, ends out of reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ...model.problem import Problem
from ..flow import Flow
from .case import Case

Edges = Mapping[str, frozenset[str]]


@lru_cache(maxsize=8)
def edges(flow: Flow) -> Edges:
    """Step -> the steps and ends that it may lead to by its own ways."""
    found: dict[str, frozenset[str]] = {}
    for step in flow.steps.values():
        closed = bool(getattr(step.main, "choices", ())) and not getattr(step.main, "free", False)
        found[step.id] = frozenset(
            route.target.state
            for trigger, ways in step.routes.items()
            if not (closed and trigger == "answered")  # a question of choices alone has no other answer
            for route in ways
        )
    return found


def ways(case: Case) -> Edges:
    """The same of a flow that may have mistakes: a step in doubt leads to all steps that it names, and to the next."""
    doubt, steps = case.doubt, case.flow.steps
    if not doubt:
        return edges(case.flow)
    if not case.known_ways:
        ids = list(steps)
        for id, below in zip(ids, [*ids[1:], ""], strict=True):
            more = {below, *doubt.named(id)} if id in doubt.steps else doubt.named(id)
            sound = {one for one in edges(case.flow)[id] if one in steps or one in case.flow.ends}
            case.known_ways[id] = frozenset(sound | (more & steps.keys()))
    return case.known_ways


def outside(case: Case) -> frozenset[str]:
    """The steps to which a word leads at any time, or what else stands outside the steps."""
    found = anytime(case.flow)
    return found | (case.doubt.outside & case.flow.steps.keys()) if case.doubt else found


@lru_cache(maxsize=8)
def anytime(flow: Flow) -> frozenset[str]:
    """Where the words lead that are understood at every step."""
    triggers = [one.trigger for one in flow.anytime.values() if one.trigger]
    triggers += [one.trigger for again in flow.reengage for one in again.choices.values() if one.trigger]
    return frozenset(flow.ways[trigger].state for trigger in triggers if trigger in flow.ways)


def reached(ways: Edges, begin: Iterable[str]) -> frozenset[str]:
    """The steps and ends to which a way leads from these, and they themselves."""
    seen: set[str] = set()
    waiting = list(begin)
    while waiting:
        step = waiting.pop()
        if step not in seen:
            seen.add(step)
            waiting += ways.get(step, ())
    return frozenset(seen)


def unreachable(case: Case) -> Iterable[Problem]:
    """A step that neither a way, nor the step above, nor a word at any time leads to."""
    seen = reached(ways(case), [case.flow.first, *outside(case)])
    for step in case.flow.steps:
        if step not in seen:
            hint = "name it in a `next`, or remove it"
            yield case.source.problem(("steps", step), "F251", f"nothing leads to '{step}'", hint=hint, level="warning")


def endless(case: Case) -> Iterable[Problem]:
    """Steps that lead to one another without ever waiting for the contact."""
    leads, doubtful = ways(case), case.doubt.steps
    moving = {
        step.id
        for step in case.flow.steps.values()
        if (step.main is None or step.main.role != "wait") and step.id not in doubtful
    }
    for circle in circles_of({step: leads[step] & moving for step in moving}):
        first = next(step for step in case.flow.steps if step in circle)
        leaves = any(leads[step] - circle for step in circle) or not circle.isdisjoint(case.doubt.lost)
        named = " -> ".join([*(step for step in case.flow.steps if step in circle), first])
        message = f"a circle that never waits: {named}"
        if leaves:
            hint = "make sure that a condition ends it: after 100 steps the flow fails as engine_error"
        else:
            hint = "put a question or an end into it"
        yield case.source.problem(("steps", first), "F252", message, hint=hint, level="warning" if leaves else "error")


def dead_ends(case: Case) -> Iterable[Problem]:
    """A step from which the flow can only expire or be left by a word."""
    back: dict[str, set[str]] = {}
    for id, leads in ways(case).items():
        for one in leads:
            back.setdefault(one, set()).add(id)
    seen: set[str] = set()
    waiting = [state for state in (*case.flow.steps, *case.flow.ends) if _is_end(case, state)]
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting += back.get(state, ())
    lost = [id for id in case.flow.steps if id not in seen]
    if lost:
        named = ", ".join(f"'{id}'" for id in lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        hint = "lead it to a step with `succeed` or `fail`"
        message = f"no end can be reached from {named}"
        yield case.source.problem(("steps", lost[0]), "F253", message, hint=hint, level="warning")


def never_succeeds(case: Case) -> Iterable[Problem]:
    """A flow that can only fail."""
    kinds = {target.kind for target in case.flow.ends.values()}
    words = {step.main.word for step in case.flow.steps.values() if step.main} | case.doubt.written
    if not (kinds | words) & {"succeed", "jump"} and not case.doubt.blind | case.doubt.lost:
        hint = "end a step with `succeed: {}`"
        yield case.source.problem(("steps",), "F254", "the flow can never succeed", hint=hint, level="warning")


def _is_end(case: Case, state: str) -> bool:
    flow = case.flow
    if state in flow.steps:
        step = flow.steps[state]
        return state in case.doubt.blind | case.doubt.lost or (step.main.role == "end" if step.main else not step.acts)
    return flow.ends[state].kind in ("succeed", "fail", "jump", "back") if state in flow.ends else False


def circles_of(ways: Mapping[str, Iterable[str]]) -> list[frozenset[str]]:
    """The groups of steps, or flows, that lead to one another (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    found: list[frozenset[str]] = []
    for root in ways:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        path.append(root)
        work = [(root, iter(ways[root]))]
        while work:
            step, rest = work[-1]
            for one in rest:
                if one not in index:
                    index[one] = low[one] = len(index)
                    path.append(one)
                    work.append((one, iter(ways[one])))
                    break
                if one in path:
                    low[step] = min(low[step], index[one])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[step])
                if low[step] == index[step]:
                    at = path.index(step)
                    group, path = frozenset(path[at:]), path[:at]
                    if len(group) > 1 or step in ways[step]:
                        found.append(group)
    return found
