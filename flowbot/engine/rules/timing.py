"""When what nobody asked for goes out, as what, and why: the one scheduler's answer for rules and schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import EngineError, ExpressionError, RenderError
from ...model.contact import Contact
from ...model.project import Account
from ...model.quick import replace
from ...steps.template import Template
from .. import holding, waiting
from ..flow import Flow
from ..schedule import Decision, Recipient, Send, Tier, decide, office_hours
from ..timezone import zone
from .every import next_run
from .names import names, where
from .rule import Rule

RUNS = 3  # of a recurring rule that are foreseen
FAULTS = (EngineError, ExpressionError, RenderError)


def decision(
    contact: Contact,
    account: Account,
    earliest: int,
    *,
    now: int,
    opened_at: int = 0,
    template: str = "",
    text: bool = False,
    topic: str = "",
    max_age: int = 0,
    office: bool = False,
    tier: Tier | None = None,
) -> Decision:
    """`opened_at`: when the contact wrote last; `text`: it may go as free text, as what a flow says may."""
    send = Send(
        kind="rule",
        earliest=earliest,
        text=text,
        template=template,
        topic=topic,
        max_age=max_age,
    )
    person = Recipient(
        zone=where(contact, account),
        last_inbound_at=opened_at,
        opted_out=contact.opted_out,
        sent_at=contact.sought,
    )
    hours = holding.account_hours(None, contact, account)
    hours = (*hours, office_hours(account.office, zone(account.timezone))) if office else hours
    return decide(send, person, now=now, hours=hours, caps=holding.caps(None, account), tier=tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a rule would do; `refused` says why it plans nothing."""

    refused: str = ""
    decision: Decision | None = None


def begins_with(flow: Flow) -> str:
    """The template that a flow begins with: its invitation, or that of its first step; "" for free text."""
    if flow.start.invitation is not None:
        return flow.start.invitation.template
    first = flow.steps[flow.first]
    for verb in (*first.acts, first.main):
        if isinstance(verb, Template):
            return verb.name
    return ""


def foresee(
    rule: Rule,
    contact: Contact,
    account: Account,
    now: int,
    event: Mapping[str, Any],
    *,
    template: str = "",
    topic: str = "",
) -> tuple[Foreseen, ...]:
    """What comes of an event at `now`, of the contact's own day, or of the next few runs.

    `template`: the rule's, or the one that its flow begins with.
    """
    scope = names(contact, account, rule.channel, now, event=event, subject={})
    try:
        if rule.when is not None and not rule.when(scope):
            return (Foreseen(refused="its `when` does not hold"),)
        due = _times(rule, contact, account, now, scope)
    except FAULTS as error:
        return (Foreseen(refused=f"it cannot tell its time: {error}"),)
    found = []
    for at in due:
        one = decision(
            contact,
            account,
            at,
            now=max(now, at),
            template=template or rule.template,
            text=bool(rule.flow) and not template,
            topic=topic or rule.topic,
            max_age=rule.max_age,
            office=rule.office,
        )
        if not one.skipped:
            contact = replace(contact, sought=(*contact.sought, one.at))  # it counts for the next
        found.append(Foreseen(decision=one))
    return tuple(found)


def _times(rule: Rule, contact: Contact, account: Account, now: int, scope: Mapping[str, Any]) -> tuple[int, ...]:
    here = where(contact, account)
    if rule.every is not None:
        found: list[int] = []
        at = now
        while len(found) < RUNS:
            following = next_run(rule.every, at, zone(rule.timezone, account.timezone))
            if following is None:
                break
            found.append(at := following)
        return tuple(found)
    moment = rule.date or rule.at
    return (waiting.until(moment.moved, moment.date(scope), here),) if moment else (now,)
