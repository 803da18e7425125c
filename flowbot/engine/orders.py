"""What becomes of a client's orders: recorded always, and done where they fit."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.effect import EmitHook, SaveProcess
from ..model.order import ConsentGiven, ContactEdited, MoveOrdered, Order, ResultOverridden
from . import consent, holding, life, reports
from .draft import Draft

SUCCESS = {"success": "succeeded", "failure": "failed"}


def obey(draft: Draft, order: Order) -> None:
    match order:
        case MoveOrdered():
            _move(draft, order)
        case ContactEdited():
            _edit(draft, order)
        case ConsentGiven():
            topic, way, at = order.topic, order.change, order.given_at
            if consent.change(draft, topic, way, order.method, proof=order.proof, given_at=at):
                draft.trace(f"opt_{order.change}", order.topic, by=order.by)
        case ResultOverridden():
            _override(draft, order)


def _move(draft: Draft, order: MoveOrdered) -> None:
    """The contact's next message is not taken for an answer: the step is entered instead."""
    live = draft.live
    if live is None or live.id != order.process_id or live.above or order.step not in live.flow_.steps:
        draft.trace("refused", f"cannot move to {order.step[:64]!r}", process=order.process_id, by=order.by)
        return
    live.moved = order.step
    draft.trace("moved", order.step, by=order.by)


def _edit(draft: Draft, order: ContactEdited) -> None:
    contact = draft.contact
    changes = {
        **order.texts,
        "fields": {name: value for name, value in {**contact.fields, **order.fields}.items() if value is not None},
        "labels": _marked(contact.labels, order.labels),
        "groups": _marked(contact.groups, order.groups),
        "blocked": contact.blocked if order.blocked is None else order.blocked,
    }
    if order.sought:
        changes["sought"] = tuple(sorted((*contact.sought, order.sought)))[-holding.MOST :]
    changed = sorted(name for name, value in changes.items() if value != getattr(contact, name))
    if changed:
        draft.change_contact(**{name: changes[name] for name in changed})
    if order.reachable:
        reports.declared(draft, "api")
    draft.trace("edited", ", ".join(changed), by=order.by)


def _marked(now: tuple[str, ...], wanted: Mapping[str, bool]) -> tuple[str, ...]:
    """
    >>> _marked(("a", "b"), {"a": False, "c": True})
    ('b', 'c')
    """
    kept = [mark for mark in now if wanted.get(mark, True)]
    return tuple(dict.fromkeys([*kept, *(mark for mark, on in wanted.items() if on)]))


def _override(draft: Draft, order: ResultOverridden) -> None:
    before = order.record
    override = {
        "at": life.iso(draft.now),
        "by": order.by or None,
        "reason": order.reason,
        "status": before.get("status"),
        "outcome": before.get("outcome"),
        "result": before.get("result"),
    }
    data = {
        **before,
        "status": order.status,
        "outcome": SUCCESS[order.status],
        "reason": order.reason if order.status == "failure" else None,
        "failed_step": before.get("failed_step") if order.status == "failure" else None,
        "result": dict(before.get("result") or {}) if order.result is None else dict(order.result),
        "overridden": override,
    }
    draft.effects.append(SaveProcess(process_id=str(before["process_id"]), data=data))
    draft.effects.append(EmitHook(type="process.overridden", data=data))
    draft.trace("overridden", order.status, process=str(before["process_id"]), by=order.by)
