"""What wakes a contact's sessions, in order: one stream a partition; what the provider repeats has no effect."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from ..errors import Fenced
from ..model.quick import builder, quick
from . import keys
from .call import Call, Part, command
from .scripts import fcall
from .sealing import Sealed

HOUR = 3_600_000  # ms
DAY = 24 * HOUR
WINDOW = 8  # days within which a repetition is known
ATTEMPTS = 5  # then the contact's events are parked
AHEAD = DAY  # a provider's clock may run that far ahead of ours


@quick
@dataclass(frozen=True, slots=True)
class Entry:
    """One event that waits, or a timer that came due."""

    id: str
    contact_id: str
    channel_key: str
    event: bytes | None  # JSON, perhaps sealed; None for a timer
    timer: str = ""  # the member, see timers.py
    due: int = 0  # ms UTC, of a timer
    attempt: int = 1


_made = builder(Entry)


@dataclass(frozen=True, slots=True)
class Taken:
    now: int  # ms UTC by the store's clock
    entries: tuple[Entry, ...]
    more: bool = False  # take again, something may be left
    again: bool = False  # one that was taken before was left


@dataclass(frozen=True, slots=True)
class Peek:
    now: int  # ms UTC by the store's clock
    waiting: int
    next_timer: int | None  # ms UTC


def push(
    partition: int,
    contact_id: str,
    channel_key: str,
    event: bytes,
    *,
    dedupe_id: str,
    at_ms: int,
    now: int | None = None,
    sealed: bool = False,
    forgets: bool = False,
) -> Call[bool]:
    """Append the event; False when the channel brought the same `dedupe_id` within the last 8 days.

    `at_ms` is the provider's own time for it, 0 when it has none. Sent again after a lost reply it may say False though
    it was the first try that stored it: either way it is stored. `sealed`: the event lies there encrypted.
    `forgets`: it is the order to forget the contact, which is carried out even for one whose events are parked.
    """
    mark = hashlib.blake2b(f"{channel_key}\x1f{dedupe_id}".encode("utf-8", "surrogatepass"), digest_size=9).digest()
    spans, lives = _spans(at_ms, int(time.time() * 1000) if now is None else now)
    where = [
        keys.inbox(partition, channel_key),
        keys.inboxes(partition),
        keys.wake(partition),
        *(keys.seen(partition, span) for span in spans),
    ]
    body = Sealed(event) if sealed else event
    args: list[Part] = [mark, lives, contact_id, channel_key, body, *(("f", "1") if forgets else ())]
    return fcall("push_inbox", where, args, bool, repeatable=True, sealed=sealed)


def _spans(at: int, now: int) -> tuple[list[str], int]:
    """The sets that may know it, the one to note it in first, and how many seconds that one lives.

    >>> _spans(HOUR * 500, HOUR * 501)[0]
    ['500']
    >>> _spans(0, DAY * 20)[0][:3], len(_spans(0, DAY * 20)[0])
    (['d20', 'd19', 'd18'], 9)
    """
    if at > 0 and -AHEAD <= now - at <= WINDOW * DAY:
        return [str(at // HOUR)], (WINDOW * DAY + HOUR) // 1000
    today = now // DAY
    return [f"d{day}" for day in range(today, today - WINDOW - 1, -1)], (WINDOW + 2) * DAY // 1000


def take(partition: int, owner: str, epoch: int, count: int, only: str = "") -> Call[Taken]:
    """The oldest events, at most `count`, of each account as many; Fenced when the lease is lost.

    Nothing is removed: the commit does that. An event that comes again, because its turn failed or killed the worker,
    is the only one of its account; after five attempts it is parked, with all that its contact sends from then on.
    With `only` "fresh" it is left, and counts no attempt; with "again" one such comes, and nothing beside it. Pushes
    announce only the first entry of an empty inbox, so take until nothing comes.
    """
    where = [
        keys.lease("w", partition),
        keys.inboxes(partition),
        keys.attempts(partition),
        keys.parked(partition),
        keys.stuck(partition),
    ]
    return fcall("take_inbox", where, [owner, epoch, count, ATTEMPTS, only], _taken)


def drop(partition: int, owner: str, epoch: int, entry: Entry) -> Call[str]:
    """Remove an event without a turn: ok, gone, or fenced."""
    where = [keys.lease("w", partition), keys.inbox(partition, entry.channel_key)]
    return fcall("drop_inbox", where, [owner, epoch, entry.id], bytes.decode, repeatable=True)


def keep(partition: int, owner: str, epoch: int, entry: Entry) -> Call[str]:
    """Set an event aside that a newer release wrote, until one takes the partition: ok, gone, or fenced."""
    where = [
        keys.lease("w", partition),
        keys.inbox(partition, entry.channel_key),
        keys.parked(partition),
        keys.stuck(partition),
    ]
    return fcall("keep_inbox", where, [owner, epoch, entry.id, entry.contact_id], bytes.decode, repeatable=True)


def kept(partition: int) -> Call[list[str]]:
    """The contacts with events that wait for a newer release."""
    where = [keys.parked(partition), keys.stuck(partition)]
    return fcall("kept_inbox", where, [], lambda reply: [one.decode() for one in reply], repeatable=True)


def unpark(partition: int, contact_id: str) -> Call[int]:
    """Put a contact's parked events back into the inbox, in order: how many there were."""
    where = [keys.inboxes(partition), keys.wake(partition), keys.parked(partition), keys.stuck(partition)]
    return fcall("unpark_inbox", where, [contact_id], int)


def stuck(partition: int) -> Call[dict[str, int]]:
    """The contacts whose events are parked, and since when (ms UTC)."""
    return command("HGETALL", keys.stuck(partition), read=_since, repeatable=True)


def peek(partition: int) -> Call[Peek]:
    """How many events wait, and when the next timer is due: one cheap look at an idle partition."""
    return fcall("peek_inbox", [keys.inboxes(partition), keys.timers(partition)], [], _peeked, repeatable=True)


def waiting(partition: int, account: str) -> Call[int]:
    """How many events of an account wait in a partition."""
    return command("XLEN", keys.inbox(partition, account), read=int, repeatable=True)


def latest(partition: int, account: str, count: int) -> Call[list[Entry]]:
    """The newest of an account's events that wait in a partition, in order: for who only looks."""
    where = keys.inbox(partition, account)
    return command("XREVRANGE", where, "+", "-", "COUNT", count, read=_backwards, repeatable=True, sealed=True)


def _backwards(reply: list[tuple[bytes, list[bytes]]]) -> list[Entry]:
    return [_entry(id, 1, fields) for id, fields in reversed(reply)]


def _taken(reply: Any) -> Taken:
    if reply == b"fenced":
        raise Fenced
    return Taken(reply[0], tuple(_entry(*one) for one in reply[1]), reply[2] == 1, reply[3] == 1)


def _entry(entry_id: bytes, attempt: int, fields: list[bytes]) -> Entry:
    found = dict(zip(fields[::2], fields[1::2], strict=True))
    return _made(
        entry_id.decode(),
        found[b"c"].decode(),
        found[b"h"].decode(),
        found.get(b"e"),
        found.get(b"t", b"").decode(),
        int(found.get(b"d", b"0")),
        attempt,
    )


def _since(reply: list[bytes]) -> dict[str, int]:
    return {contact.decode(): int(at) for contact, at in zip(reply[::2], reply[1::2], strict=True)}


def _peeked(reply: list[int]) -> Peek:
    return Peek(reply[0], reply[1], None if reply[2] < 0 else reply[2])
