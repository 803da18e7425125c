"""From an event in the client's world to plans: which rules go by it, whom they are for, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ...model.contact import Identity
from ...model.effect import TellElsewhere
from ...model.event import EventReceived
from ...model.plan import MADE, SCHEDULED, Plan, plan_id
from ...model.planning import RuleMet
from ...model.quick import replace
from .. import waiting
from ..answers.phone import parse
from ..draft import Draft
from ..scope import contact_names
from . import kept
from .names import names, where
from .rule import ACTOR, CONTACT, GROUP, Moment, Rule
from .timing import FAULTS

DELETED = ".deleted"


class RuleBook(Protocol):
    """The part of a Book that knows rules."""

    def rules(self, account: str) -> tuple[Rule, ...]: ...


def heard(draft: Draft, event: EventReceived, book: RuleBook) -> None:
    """Every rule that goes by the event; a deleted entity's plans are canceled first."""
    kind = event.name.rpartition(".")[0] or event.name
    entity = f"{kind}:{event.entity or event.nonce}"
    told = {"name": event.name, "entity": event.entity, **event.data}
    if event.name.endswith(DELETED) and event.entity:
        _drop(draft, entity)
    for rule in book.rules(draft.account.name):
        if rule.event == event.name and rule.name in event.rules:
            met = RuleMet(
                nonce=f"{event.nonce}/{rule.name}",
                rule=rule.name,
                entity=entity,
                event=told,
                authorized=event.authorized,
            )
            _address(draft, rule, met, event.actor)


def meet(draft: Draft, met: RuleMet, rule: Rule | None) -> None:
    """The rule has this contact for its receiver: make a plan, or move or cancel the one that there is."""
    # a group's time is known; who the event is about may be one of the group, and have a plan of each
    member = bool(met.at) and (met.gone if rule is None else rule.to.kind == GROUP)
    id = plan_id(met.rule, met.entity, GROUP) if member else plan_id(met.rule, met.entity)
    old = kept.found(draft, id)
    if old is not None and old.state == "executed":
        draft.trace("plan_refused", "it was sent already", plan=old.id, rule=met.rule)
        return
    waits = old if old is not None and old.state in (SCHEDULED, MADE) else None
    if met.gone or rule is None:
        if waits is not None:
            kept.end(draft, waits, "canceled", "what it was about is gone" if met.gone else "the rule is gone")
        return
    plan = Plan(
        id=id,
        at=met.at,
        rule=met.rule,
        entity=met.entity,
        event=met.event,
        subject=met.subject,
        group="" if member else rule.to.group,
        authorized=met.authorized,
    )
    try:
        scope = names(
            draft.contact, draft.account, draft.session.channel, draft.now, event=met.event, subject=met.subject
        )
        if rule.when is not None and not rule.when(scope):
            draft.trace("plan_refused", "its `when` does not hold", rule=rule.name)
            if waits is not None:
                kept.end(draft, waits, "canceled", "its `when` holds no more")
            return
        if not met.at:
            plan = replace(plan, at=_due(rule.at, scope, draft) if rule.at else draft.now)
    except FAULTS as error:  # nothing is queued, and the error is there to be seen
        kept.end(draft, replace(waits or plan, at=draft.now), "failed", f"it cannot tell its time: {error}")
        return
    if draft.now - plan.at > rule.max_age:
        kept.end(draft, waits or plan, "expired", "its time was too long ago")
        return
    kept.put(draft, plan)


def follow(draft: Draft, rules: Iterable[Rule]) -> None:
    """Plans by the contact's own days, as its record has them now."""
    for rule in rules:
        if rule.date is None:
            continue
        scope = names(draft.contact, draft.account, draft.session.channel, draft.now, event={}, subject={})
        try:
            day = rule.date.date(scope)
            at = waiting.until(rule.date.moved, day, where(draft.contact, draft.account)) if day else 0
        except FAULTS as error:
            draft.trace("error", str(error)[:300], rule=rule.name)
            continue
        entity = f"day:{day}"
        for plan in draft.contact.plans:
            if plan.rule == rule.name and plan.state == SCHEDULED and plan.entity != entity:
                kept.end(draft, plan, "canceled", "the day is another now")
        old = kept.found(draft, plan_id(rule.name, entity))
        if at and draft.now - at <= rule.max_age and (old is None or (old.state == SCHEDULED and old.at != at)):
            meet(draft, RuleMet(nonce="", rule=rule.name, entity=entity, at=at), rule)


def _address(draft: Draft, rule: Rule, met: RuleMet, actor: Identity | None) -> None:
    """To whom it is for, in that contact's own queue."""
    if rule.to.kind not in (ACTOR, CONTACT):
        meet(draft, met, rule)
        return
    try:
        to = actor if rule.to.kind == ACTOR else _number(draft, rule, met.event)
    except FAULTS as error:
        draft.trace("error", str(error)[:300], rule=rule.name)
        return
    old = kept.found(draft, plan_id(met.rule, met.entity))
    if old is not None and old.state == MADE and (to is None or old.to != _told(to)):
        _tell(draft, _identity(old.to), replace(met, gone=True))
        kept.end(draft, old, "canceled", "it is for somebody else now")
    if to is None:
        draft.trace("plan_refused", "there is nobody whom it is for", rule=rule.name)
        return
    if _told(to) in (draft.contact.number, draft.contact.bsuid):
        meet(draft, met, rule)
        return
    made = Plan(id=plan_id(met.rule, met.entity), at=draft.now, state=MADE, rule=rule.name, entity=met.entity)
    if kept.put(draft, replace(made, to=_told(to))):
        _tell(draft, to, replace(met, subject=contact_names(draft.contact), about=draft.contact.id))


def _drop(draft: Draft, entity: str) -> None:
    for plan in draft.contact.plans:
        if plan.entity == entity and plan.state == MADE:
            gone = RuleMet(nonce=f"{draft.event.id}/{plan.id}", rule=plan.rule, entity=entity, gone=True)
            _tell(draft, _identity(plan.to), gone)
        if plan.entity == entity and kept.recent(plan, draft.now):
            nonce = f"{draft.event.id}/{plan.id}"
            told = RuleMet(nonce=nonce, rule=plan.rule, entity=entity, at=draft.now, gone=True, group=plan.group)
            draft.effects.append(TellElsewhere(what=replace(told, forward=True)))
        if plan.entity == entity and plan.state in (MADE, SCHEDULED):
            kept.end(draft, plan, "canceled", "what it was about is gone")


def _tell(draft: Draft, to: Identity, met: RuleMet) -> None:
    draft.effects.append(TellElsewhere(what=replace(met, to=to, forward=True)))


def _due(moment: Moment, scope: Mapping[str, Any], draft: Draft) -> int:
    return waiting.until(moment.moved, moment.date(scope), where(draft.contact, draft.account))


def _number(draft: Draft, rule: Rule, event: Mapping[str, Any]) -> Identity | None:
    assert rule.to.number is not None
    scope = names(draft.contact, draft.account, draft.session.channel, draft.now, event=event, subject={})
    given = str(rule.to.number(scope) or "")
    number = parse(given, draft.contact.country or draft.account.default_country).removeprefix("+") if given else ""
    return Identity(number=number) if number else None


def _told(to: Identity) -> str:
    return to.number or to.bsuid


def _identity(told: str) -> Identity:
    return Identity(number=told) if told.isdigit() else Identity(bsuid=told)
