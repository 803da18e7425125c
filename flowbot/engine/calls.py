"""Calls to the outside world: an effect, and a wait for the answer of this very visit.

A visit waits for as many calls as it asked for. Should no answer ever come, not even that there is none, a timer stands
in for it: a contact is never left without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..model import ids
from ..model.effect import CancelCall, RequestCall
from ..model.event import CallAnswered
from ..model.project import Account
from ..steps.base import WAIT, Outcome
from .draft import Draft, without

if TYPE_CHECKING:
    from .visit import Visit

MESSAGE = 60_000  # ms that a contact's message may be worked on, with all calls that follow from it
GRACE = 15_000  # ms after a call's time in which the answer, that there was none, should have come


def time_of(account: Account, integration: str, action: str) -> int:
    """ms that the action may take; 0 when there is none."""
    service = account.integrations.get(integration)
    found = service.actions.get(action) if service else None
    return found.timeout if found else 0


def within(draft: Draft, limit: int) -> int:
    """The `limit` (ms) of a call, or what is left of the time for the contact's message; 0: nothing.

    One action alone may take as long as its author says.
    """
    if draft.purpose != "reply" or not draft.session.last_inbound_at:
        return limit
    spent = max(0, draft.now - draft.session.last_inbound_at)
    return max(0, min(limit, max(MESSAGE, limit) - spent))


def ask(visit: Visit, integration: str, action: str, values: Mapping[str, Any]) -> Outcome:
    """Ask a client's service; its outcome at once when there is no such action, or no time for it."""
    name, draft = f"{integration}.{action}", visit.draft
    limit = time_of(draft.account, integration, action)
    left = within(draft, limit)
    if not left:
        draft.trace("error", f"no time is left for {name!r}" if limit else f"there is no action {name!r}")
        visit.found({"status": 0, "error": "timeout" if limit else "unknown"})
        return "error"
    draft.trace("called", name)
    visit.request("call", {"integration": integration, "action": action, "with": dict(values)}, limit=left)
    return WAIT


def request(draft: Draft, kind: str, body: Mapping[str, Any], limit: int) -> None:
    """Ask, and wait `limit` ms for the answer."""
    live, session = draft.live, draft.session
    assert live is not None
    live.called += 1
    live.replying = draft.purpose == "reply"
    where = (session.account, session.channel, session.contact_id, live.id)
    id = ids.make("cl", draft.partition, *where, live.visit, live.called)
    live.calls = {**live.calls, id: live.called}
    draft.arm(f"call.{live.called}", draft.now + limit + GRACE)
    draft.effects.append(
        RequestCall(
            id=id, kind=kind, step=live.step, visit=live.visit, limit=limit, body=dict(body), process_id=live.id
        )
    )


def settle(draft: Draft, event: CallAnswered) -> bool:
    """The answer is in: whether anything waited for it."""
    live = draft.live
    if live is None or event.visit != live.visit or event.call not in live.calls:
        return False
    number = live.calls[event.call]
    live.calls = without(live.calls, event.call)
    draft.cancel(lambda name: name == f"call.{number}")
    return True


def resume(draft: Draft) -> None:
    """What follows from an answer is a reply when what was asked for was one."""
    if draft.live is not None and draft.live.replying:
        draft.purpose = "reply"


def overdue(draft: Draft, number: str) -> CallAnswered | None:
    """The answer in place of one that never came."""
    live = draft.live
    assert live is not None
    for id, own in live.calls.items():
        if str(own) == number:
            draft.effects.append(CancelCall(id=id))
            return CallAnswered(call=id, kind="", visit=live.visit, outcome="error", reason="timeout")
    return None
