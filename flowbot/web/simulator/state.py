"""All that the page shows of one contact, as one JSON value."""

from __future__ import annotations

from typing import Any

from ...engine.flow import Flow
from ...model.session import Session
from ...store import outbox
from . import inspector
from .bubbles import bubbles
from .line import Line

OPEN = ("queued", "sending")  # states of a message that is still on its way out


def state_of(line: Line) -> dict[str, Any]:
    """The chat and the inspector; the same value as long as nothing happens, so that it has a stable ETag."""
    store, session, past = line.parts.store, line.session(), line.history()
    sent = [str(body["id"]) for _, kind, body in past if kind == "out"]
    states = store.run(outbox.states(line.partition, sent)) if sent else {}
    now = store.now() + session.skew
    base = f"/try/{line.account.name}/{line.flow.id}/{line.who}"
    timer = inspector.next_timer(session)
    shown = bubbles(past, states, base)
    return {
        "channel": line.channel.name,
        "timezone": line.account.timezone,
        "language": session.process.lang if session.process else "",
        "starts": _starts(line.flow),
        "bubbles": shown,
        "settled": not any(one.get("state") in OPEN for one in shown),
        "next_timer": bool(timer),
        "where": inspector.where(session, _flow(line, session), now, _source(line, session)),
        "answers": inspector.answers(session.process) if session.process else [],
        "trace": inspector.trace(past),
    }


def _starts(flow: Flow) -> dict[str, Any]:
    inputs = [
        {"name": name, "type": one.type, "required": one.required, "default": one.default}
        for name, one in flow.inputs.items()
    ]
    return {
        "messages": list(flow.start.messages),
        "keywords": list(flow.start.keywords),
        "api": flow.start.api,
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
