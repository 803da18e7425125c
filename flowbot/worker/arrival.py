"""One entry of an inbox on its way through a turn, and which of a batch may run together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model.contact import Contact, Identity
from ..model.event import (
    ContactReported,
    ConversationRequested,
    Event,
    EventReceived,
    MessageReceived,
    SendRequested,
    TimerFired,
)
from ..model.inbound import moved_to
from ..model.number import canonical
from ..model.order import ContactEdited
from ..model.planning import PlanOrdered, RuleMet
from ..model.project import Account
from ..model.quick import builder, quick, replace
from ..model.session import Session
from ..store import timers
from ..store.inbox import Entry, Taken
from ..store.sealing import Ring
from .plan import Place

# they say whom they are for
_INTRODUCES = (
    ConversationRequested,
    ContactEdited,
    ContactReported,
    SendRequested,
    RuleMet,
    PlanOrdered,
    EventReceived,
)
SMALLEST = 4  # turns whose commits are worth being sent by themselves


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    place: Place
    contact_id: str
    channel_key: str
    timer: str = ""  # the member of a timer that came due, where the place has no event
    due: int = 0  # ms UTC of that timer

    def opened(self, ring: Ring) -> Arrival:
        """With its event readable, if it was sealed; ParseError when we have not the key."""
        body = ring.open(self.place.body)
        return self if body is self.place.body else replace(self, place=replace(self.place, body=body))


_arrived, _placed = builder(Arrival), builder(Place)


def arrivals(partition: int, owner: str, epoch: int, taken: Taken) -> list[Arrival]:
    """What was taken, each entry with its place."""
    return [
        _arrived(
            place=_place(partition, owner, epoch, taken.now, entry),
            contact_id=entry.contact_id,
            channel_key=entry.channel_key,
            timer=entry.timer,
            due=entry.due,
        )
        for entry in taken.entries
    ]


def _place(partition: int, owner: str, epoch: int, now: int, entry: Entry) -> Place:
    body = entry.event or b""
    return _placed(partition=partition, owner=owner, epoch=epoch, entry_id=entry.id, now=now, body=body)


def runnable(taken: Iterable[Arrival]) -> list[Arrival]:
    """Those that may be chained in memory: of each contact, what came on one channel before anything on another.

    A contact's record is shared by its channels: were the first refused, the second must not go through.
    """
    first: dict[str, str] = {}
    held: set[str] = set()
    out = []
    for arrival in taken:
        if first.setdefault(arrival.contact_id, arrival.channel_key) != arrival.channel_key:
            held.add(arrival.contact_id)
        if arrival.contact_id not in held:
            out.append(arrival)
    return out


def chunks(taken: Sequence[Arrival], size: int) -> list[list[Arrival]]:
    """Pieces of about `size`, the last ones smaller: while the store commits those, there is nothing else to do.

    What one contact sent stays together and in order.
    """
    by_contact: dict[str, list[Arrival]] = {}
    for arrival in taken:
        by_contact.setdefault(arrival.contact_id, []).append(arrival)
    out: list[list[Arrival]] = []
    left, room = len(taken), 0
    for own in by_contact.values():
        if room <= 0:
            room = min(size, max(SMALLEST, left // 2))
            out.append([])
        out[-1] += own
        left, room = left - len(own), room - len(own)
    return out


def timer_event(member: str, due: int, skew: int) -> TimerFired:
    """The event of a timer that came due at `due` by the store's clock.

    >>> timer_event("c1|acme/main|timeout.0|7", 1000, 5)
    TimerFired(name='timeout.0', visit=7, due=1005)
    """
    _, _, name, visit = timers.parts_of(member)
    return TimerFired(name=name, visit=visit, due=due + skew)


def new_session(channel_key: str, contact_id: str) -> Session:
    account, _, channel = channel_key.partition("/")
    return Session(account=account, channel=channel, contact_id=contact_id)


def new_contact(contact_id: str, account: Account, now: int) -> Contact:
    return Contact(id=contact_id, account=account.name, country=account.default_country, created_at=now)


def introduced(contact: Contact, event: Event) -> Contact:
    """The contact with what the event says about who it is; replies go to the id as last received."""
    if isinstance(event, MessageReceived):
        who: Identity | None = moved_to(event.inbound) or event.inbound.sender
    elif isinstance(event, _INTRODUCES) and not getattr(event, "forward", False):
        who = event.to
        if isinstance(event, ContactReported) and (contact.number or contact.bsuid):
            who = None  # a status may call somebody otherwise than we do
    else:
        who = None
    if who is None:
        return contact
    heard = isinstance(event, MessageReceived)
    reply_to = (who.number or who.bsuid) if heard else (contact.reply_to or who.number or who.bsuid)
    language = contact.language or _language(event)
    known = (contact.reply_to, contact.bsuid, contact.name, contact.language)
    said = (reply_to, who.bsuid or contact.bsuid, who.name or contact.name, language)
    if known == said:
        return contact
    number = canonical(who.number) if who.number else contact.number
    former = _former(contact, number, said[1])
    return replace(
        contact, number=number, reply_to=said[0], bsuid=said[1], name=said[2], language=language, former=former
    )


def _former(contact: Contact, number: str, bsuid: str) -> tuple[str, ...]:
    """The ids that are replaced stay known: who wants to be forgotten is forgotten under all of them.

    >>> _former(Contact(id="c", account="a", number="1", bsuid="US.1"), "2", "US.1")
    ('n:1',)
    """
    was = (("n:", contact.number, number), ("b:", contact.bsuid, bsuid))
    left = [kind + before for kind, before, now in was if before and before != now]
    return tuple(dict.fromkeys((*contact.former, *left))) if left else contact.former


def _language(event: Event) -> str:
    """What the provider says of the contact's language: so far only the simulator does."""
    return str(event.inbound.facts.get("language", "")) if isinstance(event, MessageReceived) else ""
