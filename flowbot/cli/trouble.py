"""What of a running system waits for a person: contacts set aside, channels held, endpoints that fail."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..store import backlog, deliveries, inbox, leases, quarantine, rates, server
from .finding import Finding

if TYPE_CHECKING:
    from ..model.project import Project
    from ..settings import Settings
    from ..store.client import Store

MOST = 10  # contacts that are named
FILLING, FULL = 0.75, 0.9  # of its memory
AWRY = 2.0  # seconds between two clocks
SLOW, LATE = 5_000, 60_000  # ms that something waits
LONG = 3_600_000  # ms that an endpoint fails
ROLES = {"w": "worker", "s": "sender"}
PROMPT = ("inbox", "timers", "replies", "retried", "calls", "hooks")  # what is done within seconds, if anybody does it


def keeping(store: Store, settings: Settings) -> Iterator[Finding]:
    """Would the server lose what it is given?"""
    found = store.run(server.look())
    yield Finding(about="store", state="ok", message=f"{found.name} answers, {store.partitions} partitions")
    if not found.appends:
        message = "it writes no append-only file: what it holds is gone with its process"
        yield Finding(about="store", state="wrong", message=message, hint="appendonly yes")
    if not found.writes:
        yield Finding(
            about="store", state="wrong", message="its append-only file could not be written: is the disk full?"
        )
    if found.evicts:
        message = "it throws keys away when its memory is full"
        yield Finding(about="store", state="wrong", message=message, hint="maxmemory-policy noeviction")
    yield from _memory(store)
    yield from _clock(store)
    if settings.durability == "disk" and found.appends:
        try:
            often = store.run(server.fsync())
        except StoreError:
            often = "unknown"  # a hosted server does not say
        if often != "always":
            message = f"FLOWBOT_DURABILITY=disk is promised, and appendfsync is {often}"
            yield Finding(about="store", state="wrong", message=message, hint="appendfsync always")


def _memory(store: Store) -> Iterator[Finding]:
    """How much of what it may use each node uses; without a limit the machine's own counts."""
    for node in store.all([server.look_at(one) for one in store.apart()]):
        limit = node.limit or node.total
        share = node.memory / limit if limit else 0.0
        message = f"{_bytes(node.memory)} of memory used of {_bytes(limit)}" + ("" if node.limit else ", the machine's")
        state = "wrong" if share >= FULL else "note" if share >= FILLING else "ok"
        hint = "more memory, or less `retention`" if state != "ok" else ""
        yield Finding(about="store", state=state, message=message, hint=hint)


def _clock(store: Store) -> Iterator[Finding]:
    """Timers go by the store's clock, hours and signatures by this machine's."""
    before = time.time()
    theirs = store.now() / 1000
    off = theirs - (before + time.time()) / 2
    if abs(off) > AWRY:
        message = f"its clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} this machine's"
        yield Finding(about="store", state="wrong", message=message, hint="set both by NTP")


def lag(store: Store) -> Iterator[Finding]:
    """Whether anybody does the work, and how far behind it is."""
    for role, name in ROLES.items():
        held = sum(1 for one in store.all([leases.peek(role, one) for one in range(store.partitions)]) if one)
        if held == store.partitions:
            yield Finding(about=f"{name}s", state="ok", message="all partitions are held")
        else:
            state = "wrong" if held else "off"
            message = f"{store.partitions - held} of {store.partitions} partitions are held by nobody"
            yield Finding(about=f"{name}s", state=state, message=message, hint="is `flowbot run` running?")
    found = backlog.total(store.all([backlog.look(one) for one in range(store.partitions)]))
    for queue, what in found.items():
        if what.count and queue != "set_aside":  # those are named one by one
            since = f", the oldest for {_span(what.ms)}"
            state = "wrong" if what.ms >= LATE and queue in PROMPT else "note" if what.ms >= SLOW else "ok"
            yield Finding(about=f"queue {queue}", state=state, message=f"{what.count} {backlog.QUEUES[queue]}{since}")


def waiting(store: Store, project: Project) -> Iterator[Finding]:
    """What does not go on by itself, or only later. A few round trips, however many channels there are."""
    yield from _contacts(store)
    now = store.now()
    channels = [channel.key for account in project.accounts.values() for channel in account.channels.values()]
    pauses = store.all([rates.held(key) for key in channels])
    aside = store.all([quarantine.latest(key, now - quarantine.KEPT) for key in channels])
    for key, held, unread in zip(channels, pauses, aside, strict=True):
        if held.kind:
            yield _held(key, held, now)
        if unread:
            yield _aside(key, unread)
    endpoints = [endpoint.key for account in project.accounts.values() for endpoint in account.endpoints.values()]
    known = store.all([deliveries.endpoint(key) for key in endpoints])
    for key, facts in zip(endpoints, known, strict=True):
        yield from _endpoint(store, key, facts)


def _held(key: str, held: rates.Held, now: int) -> Finding:
    stopped, about = held.kind == "hold", f"channel {key}"
    if held.until <= now:
        past = f"was {'held' if stopped else 'slowed down'} by its provider until {when(held.until)}"
        return Finding(about=about, state="note", message=past)
    kept = "held: the provider refuses it" if stopped else "slowed down by the provider"
    message = f"{kept}, the next try is at {when(held.until)}"
    return Finding(about=about, state="wrong" if stopped else "note", message=message)


def _aside(key: str, found: list[str]) -> Finding:
    many = f"{len(found)} calls of its provider" if len(found) > 1 else "a call of its provider"
    message = f"{many} could not be read whole within the last day"
    return Finding(about=f"channel {key}", state="note", message=message, hint=f"flowbot show {found[0]}")


def _contacts(store: Store) -> Iterator[Finding]:
    answers = store.run_all([inbox.stuck(partition) for partition in range(store.partitions)])
    found = {contact: at for one in answers if not isinstance(one, StoreError) for contact, at in one.items()}
    for contact, at in sorted(found.items(), key=lambda pair: pair[1])[:MOST]:
        message = f"its messages are set aside since {when(at)}: a turn failed, or ended its worker, five times"
        hint = f"see `turn.failed` and `run.child_ended` in the log, then flowbot replay {contact}"
        yield Finding(about=f"contact {contact}", state="wrong", message=message, hint=hint)
    if len(found) > MOST:
        yield Finding(about="contacts", state="wrong", message=f"{len(found) - MOST} more are set aside")


def _endpoint(store: Store, key: str, facts: Mapping[str, str]) -> Iterator[Finding]:
    if "disabled" not in facts and "failing_since" not in facts:
        return
    count = store.run(deliveries.waiting(key))
    about, left = f"endpoint {key}", f"{count} hook{'s wait' if count != 1 else ' waits'}"
    if "disabled" in facts:
        why = "it answered 410" if facts["disabled"] == "gone" else "it failed for five days"
        message = f"switched off at {when(int(facts['disabled_at']))}, {why}; {left}"
        one = store.run(deliveries.oldest(key))
        yield Finding(about=about, state="wrong", message=message, hint=f"flowbot replay {one}" if one else "")
    else:
        since = int(facts["failing_since"])
        state = "wrong" if time.time() * 1000 - since >= LONG else "note"
        hint = "`hook.again` in the log says why: tell its owner" if state == "wrong" else ""
        yield Finding(about=about, state=state, message=f"fails since {when(since)}; {left}", hint=hint)


def _bytes(count: int) -> str:
    """
    >>> _bytes(1_500_000_000), _bytes(2_000_000)
    ('1.4 GiB', '2 MiB')
    """
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"


def _span(ms: int) -> str:
    """
    >>> _span(1_500), _span(90_000), _span(7_200_000)
    ('2 s', '2 min', '2 h')
    """
    for size, unit in ((3_600_000, "h"), (60_000, "min")):
        if ms >= size:
            return f"{ms / size:.0f} {unit}"
    return f"{ms / 1000:.0f} s"


def when(ms: int) -> str:
    """
    >>> when(1_763_730_000_000)
    '2025-11-21 13:00 UTC'
    """
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
