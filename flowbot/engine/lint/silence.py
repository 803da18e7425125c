"""What happens when nobody answers and nothing happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...model.duration import format_duration
from ...model.problem import Path, Problem
from ...steps.ask import Ask
from ...steps.handoff import Handoff
from ...steps.wait import Wait
from ..flow import Step
from .case import Case

_LATE = {"wait": ("timeout",), "handoff": ("timeout",), "verify": ("expired",), "run": ("expired",)}


def unanswered(case: Case) -> Iterable[Problem]:
    """Questions without a branch for silence, in a flow whose author says nothing of silence anywhere."""
    flow, data = case.flow, case.source.data
    settings = data.get("settings")
    if flow.reengage or case.doubt.timing or (isinstance(settings, dict) and "expires_after" in settings):
        return
    silent = [id for id, step in _sound(case) if _waits_only(step) and not step.timeouts]
    if silent:
        first, *others = silent
        more = f" (or {', '.join(others[:4])}{' …' * (len(others) > 4)})" if others else ""
        span = format_duration(flow.settings.expires_after)
        message = f"when nobody answers '{first}'{more}, the flow expires after {span}"
        hint = f"or say so: settings: {{expires_after: {span}}} for all, timeout: {{after: 10m, then: …}} for one"
        yield case.source.problem(("steps", first), "F231", message, hint=hint, level="note")


def expired_before(case: Case) -> Iterable[Problem]:
    """Timeouts of a question that is no longer open by then; a re-engagement would hold its expiry."""
    flow, data = case.flow, case.source.data
    span = flow.settings.expires_after
    for id, step in _sound(case):
        if flow.reengage or not isinstance(step.main, Ask) or case.doubt.timing or {id, "settings"} & case.doubt.times:
            continue
        listed = isinstance(data, dict) and isinstance(data["steps"][id].get("timeout"), list)
        for number, one in enumerate(step.timeouts):
            if one.after > span:
                path: Path = ("steps", id, "timeout", number) if listed else ("steps", id, "timeout")
                after = format_duration(one.after)
                message = f"this timeout after {after} never comes: the question expires after {format_duration(span)}"
                hint = "a shorter `after`, or a longer settings: {expires_after: …}, 24h at most"
                yield case.source.problem(path, "F237", message, hint=hint, level="warning")


def unnamed(case: Case) -> Iterable[Problem]:
    """Waits, verifications, parts and handoffs whose time is up: where that leads, each outcome said once."""
    found: dict[str, list[str]] = {}
    for id, step in _sound(case):
        for outcome in _LATE.get(step.main.word if step.main else "", ()):
            ways = step.routes.get(outcome, ())
            if ways and ways[-1].target.kind == "expire" and not ways[-1].target.path and _comes(step, outcome):
                found.setdefault(outcome, []).append(id)
    for outcome, (first, *others) in found.items():
        more = f" (here and at {', '.join(others)})" if others else ""
        message = f"nobody names where '{outcome}' leads: then the flow ends as expired{more}"
        hint = f"or say where to go: next: {{{outcome}: …}}"
        yield case.source.problem(("steps", first), "F231", message, hint=hint, level="note")


def _comes(step: Step, outcome: str) -> bool:
    """Whether the step is ever left by it: a handoff only when a timeout leads on."""
    return not isinstance(step.main, Handoff) or any(one.trigger == outcome for one in step.timeouts)


def endless_wait(case: Case) -> Iterable[Problem]:
    """A wait for an event that may never come, or for a person who may never be done."""
    for id, step in _sound(case):
        if isinstance(step.main, Wait) and step.main.event and not step.main.span:
            message = f"this waits without end when '{step.main.event}' never happens"
            hint = f"wait: {{event: {step.main.event}, timeout: 7d}}"
            yield case.source.problem(("steps", id, "wait"), "F231", message, hint=hint, level="note")
        if isinstance(step.main, Handoff) and not any(one.trigger for one in step.timeouts):
            message = "this waits without end when nobody closes it"
            hint = "timeout: {after: 2d, then: …}"
            yield case.source.problem(("steps", id, "handoff"), "F231", message, hint=hint, level="note")


def _sound(case: Case) -> Iterator[tuple[str, Step]]:
    """The steps without mistakes."""
    return ((id, step) for id, step in case.flow.steps.items() if id not in case.doubt.steps)


def _waits_only(step: Step) -> bool:
    """A question whose silence leads nowhere that anybody named."""
    ways = step.routes.get("timeout", ())
    return (
        "timeout" in step.routes
        and step.main is not None
        and step.main.word == "ask"
        and ways[-1].target.kind == "expire"
    )
