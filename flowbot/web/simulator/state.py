"""All that the page shows of one contact, as one JSON value."""

from __future__ import annotations

from typing import Any

from ...engine.flow import Flow
from ...model.session import Process, Session
from ...store import outbox, processes
from ...store.client import Store
from . import inspector
from .bubbles import bubbles
from .line import Line

History = list[tuple[str, str, dict[str, Any]]]
STATES = 60  # messages whose state is looked up; those before them have arrived long ago
MISTAKES = 5  # that are shown
OPEN = ("queued", "sending")  # states of a message that is still on its way out


def state_of(line: Line) -> dict[str, Any]:
    """The chat and the inspector; the same value as long as nothing happens, so that it has a stable ETag."""
    store, session, past = line.parts.store, line.session(), line.history()
    states = _states(store, past)
    now = store.now() + session.skew
    process = session.process
    ended = None if process else _last(store, past)
    base = f"/try/{line.account.name}/{line.flow.id}/{line.who}"
    timer = inspector.next_timer(session)
    shown = bubbles(past, states, base)
    return {
        "channel": line.channel.name,
        "timezone": line.account.timezone,
        "language": process.lang if process else "",
        "starts": _starts(line.flow),
        "bubbles": shown,
        "settled": not any(one.get("state") in OPEN for one in shown),
        "next_timer": bool(timer),
        "where": inspector.where(session, _flow(line, session), now, _source(line, session))
        if process
        else inspector.ended(ended),
        "desk": inspector.desk(process, _flow(line, session)),
        "answers": _answers(line, process, ended),
        "trace": inspector.trace(past),
        "mistakes": _mistakes(line),
    }


def _mistakes(line: Line) -> list[str]:
    """What is wrong with the files: told to their author, and not to who may try one account's flows."""
    if line.parts.settings.simulator == "users":
        return []
    return [f"{one.file}:{one.line} {one.message}" for one in line.parts.library.errors[:MISTAKES]]


def _states(store: Store, past: History) -> dict[str, dict[str, str]]:
    """What became of the newest messages."""
    names = [str(body["id"]) for _, kind, body in past if kind == "out"][-STATES:]
    found = store.run_all([outbox.read(name) for name in names])
    return {name: one for name, one in zip(names, found, strict=True) if isinstance(one, dict)}


def _last(store: Store, past: History) -> dict[str, Any] | None:
    """The process that ended last, as its client sees it."""
    names = [
        str(body["facts"]["process"])
        for _, kind, body in past
        if kind == "trace" and body.get("what") == "ended" and body.get("facts", {}).get("process")
    ]
    return store.run(processes.get(names[-1])) if names else None


def _answers(line: Line, process: Process | None, ended: dict[str, Any] | None) -> list[dict[str, Any]]:
    if process is not None:
        groups = {"inputs": process.inputs, "answers": process.answers, "vars": process.vars}
        return inspector.answers(groups, process.sensitive)
    if ended is None:
        return []
    flow = line.parts.library.flows.get(str(ended.get("flow")))
    secret = [step.save for step in flow.steps.values() if step.sensitive] if flow else list(ended.get("answers", {}))
    return inspector.answers({name: ended.get(name) or {} for name in ("inputs", "answers", "result")}, secret)


def _starts(flow: Flow) -> dict[str, Any]:
    inputs = [
        {"name": name, "type": one.type, "required": one.required, "default": one.default}
        for name, one in flow.inputs.items()
    ]
    return {
        "messages": list(flow.start.messages),
        "keywords": list(flow.start.keywords),
        "api": flow.start.api,
        "invite": flow.start.invitation.template if flow.start.invitation else "",
        "inputs": inputs,
    }


def _flow(line: Line, session: Session) -> Flow | None:
    """The flow the contact stands on, when its version is the present one."""
    process = session.process
    found = line.parts.library.flows.get(process.flow) if process else None
    return found if found and process and found.version == process.flow_version else None


def _source(line: Line, session: Session) -> str:
    """flows/identity.yaml:47"""
    process = session.process
    made = line.parts.library.made.get(process.flow) if process else None
    if process is None or made is None or made.read.source is None:
        return ""
    place = made.read.source.at(("steps", process.step))[0]
    return f"{made.read.source.file}:{place}"
