"""A plan's time has come: whether it still holds, when and as what it goes, and with which values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...errors import FlowbotError, NotFound, TemplateRefused
from ...model import ids
from ...model.duration import DAY
from ...model.effect import SetTimer, TellElsewhere
from ...model.event import ConversationRequested, TimerFired
from ...model.plan import SCHEDULED, Plan, public_id
from ...model.planning import PlanCanceled, PlanOrdered, RuleMet
from ...model.quick import replace
from .. import arrival, posting
from ..draft import Draft
from ..expressions import compile_with
from ..plain import aloud
from ..scope import contact_names
from ..shelf import Shelf
from . import kept, timing
from .names import names
from .rule import MAX_AGE, Rule
from .timing import FAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What goes out: a template, or a flow that starts."""

    template: str = ""
    language: str = ""
    topic: str = ""
    flow: str = ""
    opening: str = ""  # the template that the flow begins with
    values: Mapping[str, Any]
    max_age: int = MAX_AGE
    office: bool = False


def order(draft: Draft, event: PlanOrdered) -> None:
    """A client's own plan; the same again changes nothing."""
    if kept.found(draft, event.plan) is None:
        kept.put(draft, Plan(id=event.plan, at=event.at, send=event.send, authorized=event.authorized))


def cancel(draft: Draft, event: PlanCanceled) -> None:
    plan = kept.found(draft, event.plan)
    if plan is None or plan.state != SCHEDULED:
        draft.trace("refused", "there is no such plan that waits", plan=event.plan)
        return
    kept.end(draft, plan, "canceled", f"by {event.by}" if event.by else "")


def due(draft: Draft, event: TimerFired, book: Shelf) -> None:
    """A late timer of a plan that was moved, or is over, does nothing."""
    plan = next((one for one in draft.contact.plans if one.timer == event.name), None)
    if plan is None or plan.state != SCHEDULED or draft.now < plan.at:
        return
    rule = next((one for one in book.rules(draft.account.name) if one.name == plan.rule), None)
    if plan.rule and rule is None:
        kept.end(draft, plan, "canceled", "the rule is gone")
        return
    try:
        scope = _scope(draft, plan)
        if rule is not None and rule.when is not None and not rule.when(scope):
            kept.end(draft, plan, "canceled", "its `when` holds no more")
            return
        if plan.group:
            _address(draft, plan)
            return
        letter = _letter(rule, plan, scope)
    except FAULTS as error:
        kept.end(draft, plan, "failed", str(error))
        return
    if letter.flow:
        letter = replace(letter, opening=_opening(letter.flow, book))
    if _may(draft, plan, letter, event):
        _go(draft, plan, letter, book)


def _letter(rule: Rule | None, plan: Plan, scope: Mapping[str, Any]) -> Letter:
    """Its values as they are now."""
    if rule is None:
        send = dict(plan.send)
        return Letter(**{**send, "values": compile_with(send.get("values", {}))(scope)})
    return Letter(
        template=rule.template,
        language=rule.language,
        topic=rule.topic,
        flow=rule.flow,
        values=rule.values(scope),
        max_age=rule.max_age,
        office=rule.office,
    )


def _may(draft: Draft, plan: Plan, letter: Letter, event: TimerFired) -> bool:
    """Whether it goes now; else it is held until it may, or over."""
    account, topic = draft.account, _topic(draft, letter)
    if draft.contact.blocked:
        kept.end(draft, plan, "skipped", "the contact is blocked")
        return False
    if account.consent == "strict" and not (plan.authorized or draft.contact.agreed_to(topic)):
        kept.end(draft, plan, "skipped", "the contact has not opted in")
        return False
    found = timing.decision(
        draft.contact,
        account,
        plan.at,
        now=draft.now,
        opened_at=draft.now if _simulated(draft) else draft.opened_at,
        template=letter.template or letter.opening,
        text=bool(letter.flow) and not letter.opening,
        topic=topic,
        max_age=letter.max_age,
        office=letter.office,
        tier=draft.tier,
    )
    if found.skipped:
        late = draft.now - plan.at > letter.max_age > 0
        kept.end(draft, plan, "expired" if late else "skipped", "; ".join(found.why[1:]))
        return False
    if found.at > draft.now:
        draft.trace("held", "; ".join(found.why)[:300], plan=plan.id)
        draft.effects.append(SetTimer(name=event.name, visit=event.visit, at=found.at))
        return False
    return True


def _go(draft: Draft, plan: Plan, letter: Letter, book: Shelf) -> None:
    made = ids.make(
        "pr" if letter.flow else "ms", draft.partition, draft.session.account, draft.contact.id, plan.id, plan.at
    )
    if letter.flow:
        kept.end(draft, plan, "executed", made=made)
        asked = replace(_start(draft, letter, made, book), unasked=not plan.authorized)
        arrival.request(draft, asked, book)
        return
    live, draft.live = draft.live, None
    try:
        made_of = partial(posting.letter, draft, letter.template, letter.values, forced=letter.language)
        content = book.starts(draft.session.account, draft.session.channel).content
        outbound = aloud(partial(content.yes_or_no, draft.contact.language), made_of) if content else made_of()
    except TemplateRefused as error:
        kept.end(draft, plan, "failed", str(error))
        return
    finally:
        draft.live = live
    draft.live = None
    draft.send(outbound, "business", topic=_topic(draft, letter), id=made, unasked=not plan.authorized)
    draft.live = live
    kept.end(draft, plan, "executed", made=made)


def _start(draft: Draft, letter: Letter, made: str, book: Shelf) -> ConversationRequested:
    """The flow by its own invitation, where it has one; else at once. A value goes where there is a place for it."""
    asked = ConversationRequested(
        process_id=made,
        flow=letter.flow,
        inputs=letter.values,
        language=letter.language,
        if_open="queue",
        window=0 if _simulated(draft) else DAY,
    )
    try:
        flow = book.flow(letter.flow)
        invitation = flow.start.invitation
        template = book.template(invitation.template) if invitation else None
    except NotFound:
        return asked  # it is refused, and that is on record
    if template is None:
        return asked
    params = {name: value for name, value in letter.values.items() if name in template.variables}
    message = ids.make("ms", draft.partition, made, "template")
    told = {"name": template.name, "params": params, "language": letter.language, "message_id": message}
    inputs = {name: value for name, value in letter.values.items() if name in flow.inputs}
    return replace(asked, template=told, inputs=inputs)


def _opening(flow: str, book: Shelf) -> str:
    try:
        return timing.begins_with(book.flow(flow))
    except NotFound:
        return flow  # it is refused when it starts, and that is on record


def _simulated(draft: Draft) -> bool:
    """Nobody is at the other end: there is no 24-hour window."""
    channel = draft.account.channels.get(draft.session.channel)
    return channel is not None and channel.simulated


def _address(draft: Draft, plan: Plan) -> None:
    nonce = public_id(draft.partition, draft.contact.id, plan.id) + f"@{plan.at}"
    met = RuleMet(
        nonce=nonce,
        rule=plan.rule,
        entity=plan.entity,
        event=plan.event,
        subject=contact_names(draft.contact),
        at=plan.at,
        authorized=plan.authorized,
        group=plan.group,
        about=draft.contact.id,
        forward=True,
    )
    draft.effects.append(TellElsewhere(what=met))
    kept.end(draft, plan, "executed", made=plan.group)


def _scope(draft: Draft, plan: Plan) -> dict[str, Any]:
    return names(draft.contact, draft.account, draft.session.channel, draft.now, event=plan.event, subject=plan.subject)


def _topic(draft: Draft, letter: Letter) -> str:
    try:
        return letter.topic or posting.topic_of(draft, letter.template or letter.opening)
    except FlowbotError:
        return letter.topic
