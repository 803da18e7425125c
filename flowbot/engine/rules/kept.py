"""A contact's plans: made, moved, ended, and of the ended ones the last."""

from __future__ import annotations

from ...model.duration import DAY
from ...model.effect import CancelTimer, SetTimer
from ...model.plan import MADE, SCHEDULED, Plan
from ...model.quick import replace
from ..draft import Draft
from .rule import MAX_AGE

MOST = 200  # plans of one contact that wait
REMEMBERED = 30  # that have ended: what was sent is not sent again
LONGEST = 180 * DAY  # ms for which they are
_OPEN = (SCHEDULED, MADE)


def found(draft: Draft, id: str) -> Plan | None:
    return next((one for one in draft.contact.plans if one.id == id), None)


def recent(plan: Plan, now: int) -> bool:
    """Whether a group has it, and some of it may still wait for its hour."""
    return plan.state == "executed" and bool(plan.group) and now - plan.ended_at < MAX_AGE


def put(draft: Draft, plan: Plan) -> bool:
    """Keep it, in place of the one of the same id, and set its timer; False when the contact has too many."""
    plans = draft.contact.plans
    known = any(one.id == plan.id for one in plans)
    if not known and sum(one.state in _OPEN for one in plans) >= MOST:
        draft.trace("plan_refused", f"more than {MOST} plans wait for one contact", plan=plan.id)
        return False
    _keep(draft, plan)
    if plan.state == SCHEDULED:
        draft.effects.append(SetTimer(name=plan.timer, visit=0, at=max(plan.at, draft.now)))
        draft.trace("planned", plan.rule, plan=plan.id, at=plan.at)
    return True


def end(draft: Draft, plan: Plan, state: str, why: str = "", *, made: str = "") -> None:
    """It is over: executed, canceled, expired, skipped or failed."""
    if plan.state == SCHEDULED:
        draft.effects.append(CancelTimer(name=plan.timer, visit=0))
    draft.trace("plan", state, plan=plan.id, rule=plan.rule, why=why[:300])
    what = {name: plan.send[name] for name in ("template", "flow") if name in plan.send}
    plan = replace(plan, event={}, subject={}, send=what)
    _keep(draft, replace(plan, state=state, ended_at=draft.now, why=why[:300], made=made))


def _keep(draft: Draft, plan: Plan) -> None:
    others = [one for one in draft.contact.plans if one.id != plan.id]
    waiting = [one for one in others if one.state in _OPEN]
    ended = [one for one in others if one.state not in _OPEN and one.ended_at > draft.now - LONGEST]
    draft.change_contact(plans=(*ended[-REMEMBERED:], *waiting, plan))
