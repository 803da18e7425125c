"""When what a conversation does by itself may go on: by the hours and the limits of its flow, and of its account.

A wait that is over and a timeout pass it, where they say something; what they then send is a text or a template as the
24-hour window is at that moment. Within a warm conversation they are part of it, and nothing holds them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..model.contact import Contact
from ..model.duration import DAY
from ..model.effect import SendMessage
from ..model.outreach import Outreach
from ..model.project import Account
from .ahead import Line, lines
from .draft import Draft
from .flow import Flow
from .live import Live
from .reengage import hours_of
from .schedule import WARM, Cap, Decision, Hours, Recipient, Send, office_hours, span, when
from .schedule import decide as choose
from .scope import where
from .timezone import zone

WEEK = 7 * DAY
_ANY: Any = Outreach()
MOST = 50  # sends to one contact that are kept in mind
_SHOWN = 500  # characters of the reasons in the trace


def hours(flow: Flow | None, contact: Contact, account: Account) -> tuple[Hours, ...]:
    """The account's hours and its quiet ones, and the flow's; () for any time."""
    found = account_hours(flow, contact, account)
    if flow is None or flow.settings.hours is None:
        return found
    return (*found, hours_of(flow.settings.hours, flow.settings.timezone, contact, account))


def account_hours(flow: Flow | None, contact: Contact, account: Account) -> tuple[Hours, ...]:
    """The account's alone, by the clock of the contact as the flow sees it."""
    if account.outreach == _ANY:
        return ()
    return _of_account(account, str(zone(flow.settings.timezone if flow else "", contact.timezone, account.timezone)))


def caps(flow: Flow | None, account: Account) -> tuple[Cap, ...]:
    """How often at most; what the flow allows itself, and what the account allows all.

    >>> from ..model.project import Account
    >>> caps(None, Account(name="a", outreach=Outreach(per_day=2)))
    (Cap(count=2, period=86400000),)
    """
    found = []
    for rule in (account.outreach, flow.settings if flow else _ANY):
        found += [Cap(count=rule.per_day, period=DAY)] if rule.per_day else []
        found += [Cap(count=rule.per_week, period=WEEK)] if rule.per_week else []
    return tuple(found)


def decide(draft: Draft, live: Live, kind: str, earliest: int, template: str = "") -> Decision:
    """When the process may go on with something that is said; a `template` where the window is closed."""
    person = Recipient(
        zone=where(live, draft.contact, draft.account),
        last_inbound_at=draft.opened_at,
        sent_at=draft.contact.sought,
    )
    flow = live.flow_
    send = Send(kind=kind, earliest=earliest, part=True)
    open_hours, limits = hours(flow, draft.contact, draft.account), caps(flow, draft.account)
    found = when(send, person, now=draft.now, hours=open_hours, caps=limits)
    if template and not found.skipped and found.at >= person.last_inbound_at + DAY:
        send = Send(kind=kind, earliest=earliest, part=True, text=False, template=template)
        return choose(send, person, now=draft.now, hours=open_hours, caps=limits, tier=draft.tier)
    return found


def wait(draft: Draft, live: Live, trigger: str, earliest: int) -> Decision | None:
    """Until when the end of a wait has to be held; None when it may go on."""
    return _held(draft, live, "wait", trigger, earliest)


def timeout(draft: Draft, name: str, earliest: int) -> bool:
    """Whether a timeout of the open step has to wait, and does so from now on; the expiry of its question with it."""
    live = draft.live
    assert live is not None
    one = live.at.timeouts[int(name.partition(".")[2])]
    found = _held(draft, live, "timeout", "" if one.say or one.letter else one.trigger, earliest)
    if found is None:
        return False
    draft.arm(name, found.at)
    draft.trace("held", "; ".join(found.why)[:_SHOWN], kind="timeout")
    expiry = found.at + live.flow_.settings.expires_after
    if live.timers.get(f"expire:{live.visit}", expiry) < expiry:
        draft.arm("expire", expiry)
    return True


def _held(draft: Draft, live: Live, kind: str, trigger: str, earliest: int) -> Decision | None:
    """`trigger`: by what the step is left then; "" when something is said in any case.

    Hours that never open stop nothing: the setting is wrong, and a process may not stand still for good.
    """
    said = lines(live.flow_, live.step, trigger) if trigger else ()
    if trigger and not said:
        return None
    found = decide(draft, live, kind, earliest, _template(live.flow_, said))
    return found if found.at > draft.now and not found.skipped else None


def _template(flow: Flow, said: tuple[Line, ...]) -> str:
    """The first template that goes out when the window is closed."""
    for line in said:
        entry = flow.content.lookup(line.name, flow.languages[0]) if line.kind == "say" else None
        outside = entry.outside.template if entry is not None and entry.outside is not None else ""
        if line.kind == "template" or outside:
            return line.name if line.kind == "template" else outside
    return ""


def note(draft: Draft, flow: Flow | None) -> None:
    """Keep in mind that the business has written by itself, where that is counted; `flow`: whose turn it was."""
    if draft.now - draft.opened_at < WARM:
        return
    found = caps(flow or (draft.live.flow_ if draft.live else None), draft.account)
    if not found:
        return
    if any(isinstance(one, SendMessage) and one.purpose == "business" for one in draft.effects):
        recent = [at for at in draft.contact.sought if at > draft.now - max(cap.period for cap in found)]
        draft.change_contact(sought=(*recent, draft.now)[-MOST:])


def _of_account(account: Account, own: str) -> tuple[Hours, ...]:
    rule, here = account.outreach, zone(own)
    found = [office_hours(account.office, zone(account.timezone))] if rule.office else []
    found += [office_hours(rule.hours, here)] if rule.hours else []
    return (*found, _quiet(rule.quiet, own)) if rule.quiet else tuple(found)


@lru_cache(maxsize=256)
def _quiet(pairs: tuple[tuple[str, str], ...], own: str) -> Hours:
    spans = tuple(span(*pair) for pair in pairs)
    return Hours(spans=dict.fromkeys(range(7), spans), zone=zone(own), quiet=True)
