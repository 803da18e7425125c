"""A process's own life: how it begins, how it ends, and what the client hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ..model import ids
from ..model.contact import Contact
from ..model.effect import EmitHook, SaveProcess
from ..model.quick import replace
from ..model.session import Process
from . import secrecy
from .draft import Draft
from .flow import Flow
from .live import Live
from .locale import base
from .machine import LIFE, Cursor, go

_STATUS = {"succeeded": "success", "failed": "failure", "expired": "failure", "canceled": "failure"}


def make(
    draft: Draft,
    flow: Flow,
    by: str,
    *,
    process_id: str = "",
    inputs: Mapping[str, Any] | None = None,
    account_id: str = "",
    language: str = "",
    heard: str = "",
    answers: Mapping[str, Any] | None = None,
    sensitive: tuple[str, ...] = (),
    unasked: bool = False,
) -> Live:
    """A process of the flow that nobody has heard of yet.

    It speaks the `language` that is asked for, else the contact's, else the one `heard` in the words that started it.
    `sensitive` are names of inputs that hold a sensitive answer of the process before it.
    """
    draft.started += 1
    given = {name: value for name, value in (inputs or {}).items() if value is not None}
    defaults = {name: one.default for name, one in flow.inputs.items()}
    return Live(
        flow_=flow,
        id=process_id or _new_id(draft),
        flow=flow.id,
        flow_version=flow.version,
        started_at=draft.now,
        started_by=by,
        account_id=account_of({"account_id": account_id, "inputs": given}),
        lang=language_of(draft, flow, language, heard),
        inputs={**defaults, **given},
        answers=dict(answers or {}),
        sensitive=(*sensitive, *secrecy.given(flow, answers or {})),
        unasked=unasked,
        began=draft.visits,
    )


def begin(draft: Draft, live: Live) -> None:
    """It is the open one now, before its first step, and the client hears of it."""
    draft.live = live
    draft.trace("started", live.started_by, flow=live.flow, version=live.flow_version, process=live.id)
    data = told(draft, live)
    draft.effects.append(SaveProcess(process_id=live.id, data=data))
    draft.effects.append(EmitHook(type="process.started", data=data))


def told(draft: Draft, live: Live) -> dict[str, Any]:
    """The process as clients see it."""
    return process_data(live.frozen(), draft.contact, draft.session.account, draft.session.channel)


def account_of(given: Mapping[str, Any]) -> str:
    """The client's own id of whom the process is about.

    >>> account_of({"account_id": "a-1"}), account_of({"inputs": {"account_id": 7}}), account_of({})
    ('a-1', '7', '')
    """
    return str(given.get("account_id") or (given.get("inputs") or {}).get("account_id") or "")


def language_of(draft: Draft, flow: Flow, language: str, heard: str = "") -> str:
    """The one that is asked for, else the contact's, else the one `heard` in the words that started it."""
    return speaks(flow, language) or speaks(flow, draft.contact.language) or heard or flow.languages[0]


def never(draft: Draft, flow: str, process_id: str, account_id: str, inputs: Mapping[str, Any]) -> Process:
    """The record of a process that was asked for and does not begin."""
    draft.started += 1
    return Process(
        id=process_id or _new_id(draft),
        flow=flow,
        flow_version="",
        state="failed",
        started_at=draft.now,
        account_id=account_id,
        inputs=inputs,
    )


def refuse(draft: Draft, process: Process, reason: str, why: str = "") -> None:
    """The client learns it from the process that never was."""
    draft.trace("refused", why or reason, process=process.id)
    session = draft.session
    data = process_data(process, draft.contact, session.account, session.channel, reason=reason, ended_at=draft.now)
    draft.effects.append(SaveProcess(process_id=process.id, data=data))
    draft.effects.append(EmitHook(type="process.failed", data=data))


def descend(
    draft: Draft,
    flow: Flow,
    inputs: Mapping[str, Any],
    above: tuple[Live, ...],
    *,
    sensitive: tuple[str, ...] = (),
) -> Live:
    """Open a part of the open process, which the client hears nothing of; `sensitive` as for `begin`."""
    top = above[0]
    given = {name: value for name, value in inputs.items() if value is not None}
    defaults = {name: one.default for name, one in flow.inputs.items()}
    live = Live(
        flow_=flow,
        id=top.id,
        flow=flow.id,
        flow_version=flow.version,
        started_at=draft.now,
        started_by="run",
        account_id=top.account_id,
        lang=speaks(flow, top.lang) or flow.languages[0],
        inputs={**defaults, **given},
        sensitive=sensitive,
        unasked=top.unasked,
        turns=top.turns,
        echoes=top.echoes,
        began=top.began,
        above=above,
    )
    draft.live = live
    draft.trace("entered", flow.id, version=flow.version)
    return live


def turn(live: Live, trigger: str) -> None:
    """Move a process on in its own life."""
    cursor = Cursor(live.state)
    go(LIFE, cursor, trigger)
    live.state = cursor.state


def tell(draft: Draft, kind: str, **facts: Any) -> None:
    """A hook about the open process as it goes on."""
    live, session = draft.live, draft.session
    assert live is not None
    known = root(live.frozen())
    data = process_data(known, draft.contact, session.account, session.channel)
    draft.effects.append(EmitHook(type=kind, data={**data, "step": known.step, **facts}))


def emit(draft: Draft, name: str, values: Mapping[str, Any]) -> None:
    """A hook that the flow's author named."""
    live, session = draft.live, draft.session
    assert live is not None
    known = root(live.frozen())
    data = {
        "process_id": live.id,
        "account": session.account,
        "channel": session.channel,
        "flow": known.flow,
        "flow_version": known.flow_version,
        "account_id": live.account_id or None,
        "contact": contact_data(draft.contact),
        "step": known.step,
        "with": dict(values),
    }
    draft.effects.append(EmitHook(type=f"custom.{name}", data=data))
    draft.trace("event", name)


def root(process: Process) -> Process:
    """The whole that a process is a part of, with what its parts have verified: what the client knows."""
    made = _verified(process)
    while process.parent is not None:
        process = process.parent
    return process if len(made) == len(process.verifications) else replace(process, verifications=made)


def _verified(process: Process) -> tuple[Mapping[str, Any], ...]:
    """Those of the processes above it, its own, and those of a part that a word has led out of."""
    above = _verified(process.parent) if process.parent is not None else ()
    aside = _verified(process.aside) if process.aside is not None else ()
    return (*above, *process.verifications, *aside)


def finish(
    draft: Draft, trigger: str, reason: str = "", result: Mapping[str, Any] | None = None, *, whole: bool = False
) -> None:
    """End the open process; `trigger` is succeed, fail, expire or cancel.

    Of a process that runs as a part of another only the part ends, unless it is to be the `whole`.
    """
    live = draft.live
    if live is None:
        return
    draft.disarm()
    if live.above and not whole:
        _return(draft, live, trigger, reason, result)
        return
    verified = _verified(live.frozen())
    if live.above:
        live = draft.live = live.above[-1]
    live.verifications = verified
    invited = live.state == "invited"
    turn(live, trigger)
    session = draft.session
    if session.lang != live.lang:
        draft.session = replace(session, lang=live.lang)
    data = process_data(
        live.frozen(), draft.contact, session.account, session.channel, reason=reason, result=result, ended_at=draft.now
    )
    draft.trace("ended", reason or live.state, process=live.id)
    draft.effects.append(SaveProcess(process_id=live.id, data=data))
    succeeded = live.state == "succeeded"
    draft.effects.append(EmitHook(type="process.succeeded" if succeeded else "process.failed", data=data))
    if live.state == "expired":
        draft.effects.append(EmitHook(type="process.expired", data=data))
    if live.state in ("canceled", "expired") and not invited:
        draft.effects.append(EmitHook(type=f"session.{live.state}", data={**data, "step": data["failed_step"]}))
    draft.live = None


def _return(draft: Draft, live: Live, trigger: str, reason: str, result: Mapping[str, Any] | None) -> None:
    """What the part came to stands under the step that ran it."""
    outcome = {"succeed": "succeeded", "expire": "expired"}.get(trigger, "failed")
    draft.trace("returned", outcome, reason=reason)
    parent = live.above[0]
    found = {"outcome": outcome, "reason": reason, "answers": dict(live.answers), "result": dict(result or {})}
    parent.results = {**parent.results, parent.step: found}
    parent.turns, parent.echoes = live.turns, live.echoes
    parent.verifications = (*parent.verifications, *live.verifications)
    parent.sensitive = tuple(dict.fromkeys((*parent.sensitive, *secrecy.handed_back(live, parent.step))))
    parent.lang = speaks(parent.flow_, live.lang) or parent.lang
    draft.live, draft.owed = parent, outcome


def process_data(
    process: Process,
    contact: Contact,
    account: str,
    channel: str,
    *,
    reason: str = "",
    result: Mapping[str, Any] | None = None,
    ended_at: int = 0,
) -> dict[str, Any]:
    """What hooks carry under `data`, and GET /v1/processes/{id} shows; the commit adds `sequence`."""
    status = _STATUS.get(process.state, "pending")
    return {
        "process_id": process.id,
        "account": account,
        "channel": channel,
        "flow": process.flow,
        "flow_version": process.flow_version,
        "account_id": process.account_id or None,
        "contact": contact_data(contact),
        "status": status,
        "outcome": process.state if status != "pending" else None,
        "reason": reason or None,
        "failed_step": _failed_step(process, reason) if status == "failure" else None,
        "inputs": dict(process.inputs),
        "answers": dict(process.answers),
        "verifications": [dict(one) for one in process.verifications],
        "result": dict(result or {}),
        "started_at": iso(process.started_at),
        "ended_at": iso(ended_at) if ended_at else None,
    }


def contact_data(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "phone": "+" + contact.number if contact.number else None,
        "user_id": contact.bsuid or None,
        "name": contact.name or None,
        "language": contact.language or None,
    }


def iso(ms: int) -> str:
    """
    >>> iso(1_795_271_400_250)
    '2026-11-21T14:30:00Z'
    """
    return _iso(ms // 1000)


@lru_cache(maxsize=4096)
def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def speaks(flow: Flow, language: str) -> str:
    """The flow's own name of a language, "" when it does not speak it."""
    wanted = language.replace("_", "-").lower()
    spoken = {one.replace("_", "-").lower(): one for one in flow.languages}
    for one in (wanted, base(wanted)):
        if one in spoken:
            return spoken[one]
    return next((one for key, one in spoken.items() if wanted and base(key) == wanted), "")


def _failed_step(process: Process, reason: str) -> str | None:
    """Where it went wrong: the question, verification, call … last waited for, not the step that said goodbye."""
    if reason == "engine_error":
        return process.step or None
    return process.asked or process.step or None


def _new_id(draft: Draft) -> str:
    """The same when the event is applied again."""
    session = draft.session
    where = (session.account, session.channel, session.contact_id, session.version)
    return ids.make("pr", draft.partition, *where, draft.event.id, draft.started)
