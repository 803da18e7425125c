"""How a broadcast stands: counters that always add up, a status for each recipient, and who it failed for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..engine.life import iso
from ..errors import StoreError
from ..model import ids
from ..model.broadcast import Recipient, message_id
from ..store import broadcasts, bulk
from ..store.broadcasts import CHUNK, Kept
from ..store.call import Call, as_text, command
from ..store.client import Store
from ..store.keys import message
from ..store.listing import Page, Place, no_cursor

LOOKED, AT_ONCE = 2_000, 200  # broadcasts that one page looks at, and those of one round trip
STATES = {"sent": "success", "failed": "failure", "expired": "failure", "suppressed": "failure"}
FAILED = ("failed", "expired", "suppressed")
_FIELDS = ("state", "to", "code", "error", "at", "sent_at", "failed_at", "delivered_at", "read_at")


def statistics(kept: Kept, counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """total = pending + success + failure + cancelled, at any time (R098); `counts` are the partitions'.

    >>> from ..model.broadcast import Broadcast
    >>> kept = Kept(broadcast=Broadcast(id="bc1", account="a", channel="m", template="t"), state="running", total=9)
    >>> told = statistics(kept, [{"made": 5, "sent": 2, "read_at": 1}, {"made": 2, "failed": 1, "expired": 1}])
    >>> told["pending"], told["success"], told["failure"], told["cancelled"], told["read"]
    (5, 2, 2, 0, 1)
    """
    sums = {name: sum(one.get(name, 0) for one in counts) for name in (*bulk.FINAL, "made", "delivered_at", "read_at")}
    failure = sum(sums[name] for name in FAILED)
    never_made = max(0, kept.total - sums["made"]) if kept.state == "cancelled" else 0
    cancelled = sums["cancelled"] + never_made
    return {
        "total": kept.total,
        "pending": kept.total - sums["sent"] - failure - cancelled,
        "success": sums["sent"],
        "failure": failure,
        "cancelled": cancelled,
        "delivered": sums["delivered_at"],
        "read": sums["read_at"],
        "duplicates": kept.duplicates,
    }


def counted(store: Store, kept: Kept) -> dict[str, int]:
    id = kept.broadcast.id
    return statistics(kept, store.all([bulk.counts(partition, id) for partition in range(store.partitions)]))


def listed(
    store: Store, account: str, *, group: str = "", status: str = "", after: str = "", limit: int = 50
) -> Page[Kept]:
    """An account's broadcasts, the newest first, of a group or in a state where one is named.

    A page looks at so many at most, however few of them are wanted: then it is short, and the next one goes on.
    """
    place, found, looked = Place.read(after) if after else Place(2**52, "\uffff"), list[Kept](), 0
    while looked < LOOKED:
        near = store.run(broadcasts.listed(account, below=place.at, count=AT_ONCE))
        below = [Place(at, id) for id, at in near if Place(at, id) < place]
        for at, kept in zip(below, store.all([broadcasts.get(one.id) for one in below]), strict=True):
            if len(found) == limit:
                return Page(items=found, next=place.cursor())
            place = at
            if kept is not None and group in ("", kept.broadcast.group) and status in ("", kept.state):
                found.append(kept)
        looked += len(below)
        if len(near) < AT_ONCE or not below:
            return Page(items=found)
    return Page(items=found, next=place.cursor())


def newest(store: Store, account: str, *, group: str, status: str, limit: int) -> Iterator[Kept]:
    """The same without a page's end; `limit` of them at most."""
    after: str | None = ""
    while after is not None and limit > 0:
        page = listed(store, account, group=group, status=status, after=after, limit=limit)
        yield from page.items
        after, limit = page.next, limit - len(page.items)


def statuses(store: Store, kept: Kept, *, after: str = "", limit: int = 50) -> Page[dict[str, Any]]:
    """One for each recipient, in the order in which they were given."""
    place = Place.read(after) if after else Place(0, "0")
    if not (place.id.isascii() and place.id.isdigit()):
        raise no_cursor()
    chunk, row = place.at, int(place.id)
    found: list[tuple[Recipient, int, int]] = []
    while 0 <= chunk < kept.chunks and len(found) <= limit:
        people = store.run(broadcasts.chunk(kept.broadcast.id, chunk))
        found += [(one, chunk, at) for at, one in enumerate(people) if at >= row]
        chunk, row = chunk + 1, 0
    page = found[:limit]
    items = _told(store, kept, [one for one, _, _ in page])
    following = Place(found[limit][1], str(found[limit][2])).cursor() if len(found) > limit else None
    return Page(items=items, next=following)


def failures(store: Store, kept: Kept, *, after: str = "", limit: int = 50) -> Page[dict[str, Any]]:
    """Those whose message has failed so far; one that turns out to have arrived leaves."""
    place = Place.read(after) if after else Place(0, "")
    found: list[Place] = []
    for partition in range(max(0, place.at), store.partitions):
        begins = place.id if partition == place.at else ""
        contacts = store.run(bulk.failures(partition, kept.broadcast.id, after=begins, count=limit + 1))
        found += [Place(partition, one) for one in contacts]
        if len(found) > limit:
            break
    page = found[:limit]
    items = _told(store, kept, [Recipient(contact_id=one.id) for one in page])
    return Page(items=items, next=page[-1].cursor() if len(found) > limit else None)


def _told(store: Store, kept: Kept, people: Sequence[Recipient]) -> list[dict[str, Any]]:
    names = [
        message_id(kept.broadcast.id, ids.partition_of(one.contact_id, store.partitions), one.contact_id)
        for one in people
    ]
    found = store.run_all([_read(name) for name in names])
    return [_status(kept, *row) for row in zip(people, names, found, strict=True)]


def _status(kept: Kept, one: Recipient, id: str, record: dict[str, str] | StoreError) -> dict[str, Any]:
    known = {} if isinstance(record, StoreError) else record
    state = known.get("state", "")
    ended = kept.state == "cancelled" and not state
    status = "cancelled" if ended or state == "cancelled" else STATES.get(state, "pending")
    if state == "sent":
        state = next((word for word in ("read", "delivered") if f"{word}_at" in known), state)
    at = max((int(known[name]) for name in _FIELDS if name.endswith("at") and known.get(name, "").isdigit()), default=0)
    to = known.get("to") or one.to
    failed = status in ("failure", "cancelled")
    return {
        "contact_id": one.contact_id,
        "to": "+" + to if to.isdigit() else to or None,
        "message_id": id if known else None,
        "status": status,
        "state": state or None,
        "code": known.get("code") or None if failed else None,
        "reason": known.get("error") or None if failed else None,
        "at": iso(at) if at else None,
    }


def _read(id: str) -> Call[dict[str, str]]:
    def read(reply: Any) -> dict[str, str]:
        return {name: as_text(value) for name, value in zip(_FIELDS, reply, strict=True) if value is not None}

    return command("HMGET", message(ids.split(id)[1], id), *_FIELDS, read=read, repeatable=True)


def rows_left(kept: Kept) -> int:
    """Recipients at most whose messages are not made yet."""
    return max(0, kept.chunks - kept.cursor) * CHUNK
