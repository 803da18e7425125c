"""What silence at an open question leads to: the re-engagements, one after another, and then the expiry.

A re-engagement that is still to come holds the expiry, which starts again when the last was sent, or skipped. Any
message from the contact starts all of it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.contact import Contact
from ..model.project import Account
from ..model.quick import replace
from . import holding, life, posting
from .draft import Draft
from .flow import Flow
from .live import Live
from .match import Option
from .reengage import YES_NO, Reengage, hours_of
from .schedule import Decision, Recipient, Send, Tier, decide
from .timezone import zone

if TYPE_CHECKING:
    from .visit import Visit
    from .walk import Walk

PREFIX = "reengage."  # of the timers' names; then the place in the list
DECLINED = "declined_to_continue"


def begin(draft: Draft) -> None:
    """From now on, the contact is silent."""
    _await(draft, 0, draft.now)
    draft.armed = True


def fire(walk: Walk, number: int, due: int) -> None:
    """The time of a re-engagement has come: send it, put it off, or skip it, as the scheduler says now."""
    draft, live = walk.draft, walk.live
    if number >= len(live.flow_.reengage):
        return
    one = live.flow_.reengage[number]
    found = _choose(draft, one, due)
    if found.skipped:
        _skipped(draft, number, found)
        _await(draft, number + 1, draft.now)
    elif found.at > draft.now:
        draft.arm(f"{PREFIX}{number}", found.at)
        draft.trace("reengage_held", "; ".join(found.why), number=number + 1)
    else:
        _send(walk, number, one, found)


def options(visit: Visit) -> tuple[Option, ...]:
    """The answers of the re-engagement that was sent last, when it waits for one; yes and no have shipped words."""
    live = visit.live
    if not live.reengaged:
        return ()
    one, content = live.flow_.reengage[live.reengagement], live.flow_.content
    shipped = {option.id: option for option in content.options("yes_no", live.lang, YES_NO, visit.scope)}
    entry = content.lookup(one.say, live.lang)
    own = entry.labels if entry else {}
    on_template = posting.words(visit.draft, one.letter.template) if one.letter else {}
    found = []
    for option in content.options(one.say, live.lang, one.answers, visit.scope):
        usual = shipped.get(option.id)
        if usual and option.id in own:
            option = replace(option, aliases=(*option.aliases, *usual.names))
        option = usual if usual and option.id not in own else option
        more = on_template.get(option.id)
        found.append(replace(option, aliases=(*option.aliases, more)) if more else option)
    return tuple(found)


def answer(walk: Walk, word: str) -> None:
    """Yes repeats the question that is still open, no ends the flow, any other word does what the flow says."""
    draft, live = walk.draft, walk.live
    number = live.reengagement
    one = live.flow_.reengage[number]
    draft.trace("reengage_answered", word)
    if word == "yes":
        _hook(draft, "session.resumed", number)
        walk.attempt(repeat=True)
    elif word == "no":
        walk.attempt(_own(live, "no"))
        walk.gather()
        life.finish(draft, "fail", DECLINED, whole=True)
    elif one.choices[word].trigger:
        walk.detour(one.choices[word].trigger)
    else:
        walk.attempt(_own(live, word))
        if draft.live is not None:
            _again(draft, number, one.choices[word].again)


def foresee(flow: Flow, contact: Contact, account: Account, at: int) -> tuple[tuple[Decision, ...], int]:
    """What becomes of a question that is asked at `at`, right after a message, and never answered.

    What is decided on each re-engagement, and when it expires, ms UTC.
    """
    where = zone(flow.settings.timezone, contact.timezone, account.timezone)
    recipient = Recipient(
        zone=where,
        last_inbound_at=at,
        opted_out=contact.opted_out,
        gone=bool(contact.unreachable),
        sent_at=contact.sought,
    )
    found: list[Decision] = []
    last = since = now = at
    for number, one in enumerate(flow.reengage):
        earliest = since + one.after - (flow.reengage[number - 1].after if number else 0)
        decision = _decide(flow, one, earliest, now, recipient, contact, account)
        since = earliest
        if not decision.skipped:
            last = since = now = decision.at
            recipient = replace(recipient, sent_at=(*recipient.sent_at, decision.at))  # it counts for the next
        found.append(decision)
    return tuple(found), last + flow.settings.expires_after


def _await(draft: Draft, number: int, since: int) -> None:
    """Wait for re-engagement `number`, or the first after it that can be sent; for the expiry when there is none.

    `since`: when the one before was sent.
    """
    live = _live(draft)
    listed = live.flow_.reengage
    name, at = "expire", draft.now + live.flow_.settings.expires_after
    base = since - (listed[number - 1].after if number else 0)
    recipient = posting.recipient(draft) if number < len(listed) else None
    for place in range(number, len(listed)):
        one = listed[place]
        assert recipient is not None
        found = _choose(draft, one, base + one.after, recipient)
        if not found.skipped:
            name, at = f"{PREFIX}{place}", found.at
            break
        _skipped(draft, place, found)
    _wait(draft, name, at)


def _again(draft: Draft, number: int, after: int) -> None:
    """The same once more, later: rather earlier than not at all, for the contact has asked for it."""
    live = _live(draft)
    one = replace(live.flow_.reengage[number], early=True)
    found = _choose(draft, one, draft.now + after)
    if found.skipped:
        _skipped(draft, number, found)
        _await(draft, len(live.flow_.reengage), draft.now)
    else:
        _wait(draft, f"{PREFIX}{number}", found.at)
    draft.armed = True


def _wait(draft: Draft, name: str, at: int) -> None:
    """For one thing: the next re-engagement, or the expiry."""
    draft.cancel(lambda other: other != name and (other == "expire" or other.startswith(PREFIX)))
    draft.arm(name, at)


def _send(walk: Walk, number: int, one: Reengage, found: Decision) -> None:
    """Its buttons have a visit of their own, so that its yes is not taken for an answer to the question."""
    draft, live = walk.draft, walk.live
    draft.visits += 1
    live.reengaged, live.reengagement = draft.visits, number
    if found.as_what == "template" and one.letter is not None:
        if not walk.post(one.letter, draft.visits):
            live.reengaged = 0
            if draft.live is not None:
                _await(draft, number + 1, draft.now)
            return
    else:
        walk.offer(one.say, options(walk.visit), draft.visits)
    if draft.live is None:
        return
    draft.trace("reengaged", one.say, number=number + 1)
    _hook(draft, "session.reengaged", number)
    _await(draft, number + 1, draft.now)


def _skipped(draft: Draft, number: int, found: Decision) -> None:
    draft.trace("reengage_skipped", "; ".join(found.why), number=number + 1)


def _choose(draft: Draft, one: Reengage, earliest: int, person: Recipient | None = None) -> Decision:
    """What is decided on it now."""
    who, flow = person or posting.recipient(draft), _live(draft).flow_
    return _decide(flow, one, earliest, draft.now, who, draft.contact, draft.account, draft.tier)


def _decide(
    flow: Flow,
    one: Reengage,
    earliest: int,
    now: int,
    recipient: Recipient,
    contact: Contact,
    account: Account,
    tier: Tier | None = None,
) -> Decision:
    hours = (
        hours_of(one.window, flow.settings.timezone, contact, account),
        *holding.account_hours(flow, contact, account),
    )
    template = one.letter.template if one.letter else ""
    send = Send(kind="reengage", earliest=earliest, early=one.early, template=template)
    return decide(send, recipient, now=now, hours=hours, caps=holding.caps(flow, account), tier=tier)


def _hook(draft: Draft, kind: str, number: int) -> None:
    life.tell(draft, kind, reengagement=number + 1)


def _own(live: Live, word: str) -> str:
    """The flow's own words for an answer; "" when it has none."""
    key = f"reengage.{word}"
    return key if live.flow_.content.has(key) else ""


def _live(draft: Draft) -> Live:
    assert draft.live is not None
    return draft.live
