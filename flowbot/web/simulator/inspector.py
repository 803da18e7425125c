"""What the engine knows about a simulated contact, as rows for the page: where, answers, what happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...engine.flow import Flow, Step
from ...model.session import Process, Session
from .bubbles import span

Row = dict[str, Any]
DAY = 86_400_000  # ms
HIDDEN = "••••••"


def where(session: Session, flow: Flow | None, now: int, source: str = "") -> list[Row]:
    """Where the contact stands at `now` (ms UTC by the session's own clock)."""
    process = session.process
    if process is None:
        return []
    step = flow.steps.get(process.step) if flow else None
    rows: list[Row] = [{"name": "step", "value": process.step, **_badge(process, step)}]
    if step is not None and process.asked_at:
        rows.append({"name": "tries", "value": _tries(process, step)})
    timer = next_timer(session)
    if timer:
        rows.append({"name": "next timer", "value": f"in {span(timer[1] - now)}: {timer[0]}"})
    rows.append({"name": "24 h window", "value": window(session, now)})
    if source:
        rows.append({"name": "source", "value": source})
    rows.append({"name": "flow", "value": f"{process.flow}, version {process.flow_version}"})
    if process.lang:
        rows.append({"name": "language", "value": process.lang})
    return rows


def desk(process: Process | None, flow: Flow | None) -> dict[str, Any] | None:
    """What the person who has taken over may do; None while nobody has."""
    if process is None or process.state != "handed_off":
        return None
    verb = flow.steps[process.step].main if flow and process.step in flow.steps else None
    return {"team": getattr(verb, "team", ""), "choices": list(getattr(verb, "choices", ()))}


def next_timer(session: Session) -> tuple[str, int] | None:
    """The name and the moment (ms UTC, the session's clock) of what happens next by itself."""
    processes = (*((session.process,) if session.process else ()), *session.parked)
    found = [(due, name.rsplit(":", 1)[0]) for one in processes for name, due in one.timers.items()]
    return (min(found)[1], min(found)[0]) if found else None


def window(session: Session, now: int) -> str:
    left = session.last_inbound_at + DAY - now
    if not session.last_inbound_at:
        return "never opened"
    return f"closes in {span(left)}" if left > 0 else "closed"


def ended(process: Mapping[str, Any] | None) -> list[Row]:
    """How the last process ended, from its record."""
    if process is None:
        return []
    why = process.get("reason") or ""
    outcome = str(process.get("outcome") or process.get("status") or "")
    rows: list[Row] = [{"name": "ended", "value": why, "badge": outcome, "end": True}]
    if process.get("failed_step"):
        rows.append({"name": "at step", "value": str(process["failed_step"])})
    rows.append({"name": "flow", "value": f"{process.get('flow')}, version {process.get('flow_version')}"})
    rows.append({"name": "process", "value": str(process.get("process_id"))})
    return rows


def answers(groups: Mapping[str, Mapping[str, Any]], sensitive: Collection[str]) -> list[Row]:
    """Inputs, answers, variables, the result; what is sensitive stays hidden, wherever it was copied to."""
    secret = [(group, name) for group, values in groups.items() for name in values if _hides(sensitive, group, name)]
    secrets = {shown(groups[group][name]) for group, name in secret}
    hidden = {one for one in secrets if len(one) > 3}  # "no" hides nothing
    return [
        {
            "name": f"{group}.{name}",
            "value": HIDDEN if (group, name) in secret or shown(value) in hidden else shown(value),
        }
        for group, values in groups.items()
        for name, value in values.items()
        if value is not None
    ]


def _hides(sensitive: Collection[str], group: str, name: str) -> bool:
    return name in sensitive or f"{group}.{name}" in sensitive


def shown(value: Any) -> str:
    """A value on one line.

    >>> shown(True), shown({"kind": "image", "id": "m1", "size": 0}), shown(["a", 2])
    ('true', 'image', 'a, 2')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        if "latitude" in value:
            return f"{value['latitude']}, {value['longitude']}"
        kind = value.get("kind")
        return str(value.get("filename") or kind) if kind else ", ".join(f"{k}: {shown(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(one) for one in value)
    return str(value)


def trace(history: Iterable[tuple[str, str, Mapping[str, Any]]]) -> list[Row]:
    """What happened, oldest first."""
    rows = []
    for _, kind, body in history:
        if kind == "trace":
            rows.append({key: body.get(key, "") for key in ("at", "step", "what", "detail")})
    return rows


def _badge(process: Process, step: Step | None) -> Row:
    if not process.asked_at or step is None or step.main is None:
        return {}
    choices = getattr(step.main, "choices", ())
    expect = getattr(step.main, "expect", "")
    return {"badge": "waiting for " + ("a choice" if choices else expect or "an answer")}


def _tries(process: Process, step: Step) -> str:
    if step.retry.times < 0:
        return f"{process.tries} wrong, no limit"
    return f"{process.tries} wrong of {step.retry.times + 1}"
