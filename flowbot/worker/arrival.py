"""One entry of an inbox on its way through a turn, and which of a batch may run together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model.event import TimerFired
from ..model.quick import builder, quick, replace
from ..store import timers
from ..store.inbox import Entry, Taken
from ..store.sealing import Ring
from .plan import Place

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
