"""The one commit: session, messages, timers, hooks and history of a turn are written together, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain

import orjson

from ..model.outbound import OutboxEntry
from ..model.quick import quick
from . import flows, keys
from .call import Call, Part
from .outbox import queued, queued_sealed
from .packing import pack
from .scripts import fcall
from .sealing import Sealed

HISTORY = 200  # turns kept of a contact, or a few more
Write = Callable[..., None]  # command, key, arguments


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """All that one event changes. Bodies are opaque: what is written is what was given."""

    partition: int
    owner: str
    epoch: int
    entry_id: str
    contact_id: str
    channel_key: str
    old_version: int  # of the session, as it was read
    session_version: int = 0  # 0: old_version + 1
    session: bytes
    contact: bytes | None = None  # None: unchanged
    new: bool = False  # the contact was not known before
    begun: tuple[str, ...] = ()  # processes that were not known before
    timers_set: tuple[tuple[str, int], ...] = ()  # (member, ms UTC)
    timers_cancel: tuple[str, ...] = ()
    messages: tuple[OutboxEntry, ...] = ()
    hooks: tuple[tuple[str, str, bytes], ...] = ()  # (id, type, body)
    processes: tuple[tuple[str, bytes], ...] = ()  # (id, record)
    calls: tuple[tuple[str, bytes], ...] = ()  # (id, record)
    calls_cancel: tuple[str, ...] = ()
    history: tuple[tuple[str, bytes], ...] = ()  # as `history.written` has it
    consent: tuple[tuple[str, str, bytes], ...] = ()  # (topic, out or in, record)
    unreachable: bool | None = None  # from now on; None: as before
    versions: Mapping[str, int] = field(default_factory=dict)  # flow version -> +1, -1
    onto: tuple[str, ...] = ()  # flow versions that the session stands on from now on
    off: tuple[str, ...] = ()  # and those that it does no longer
    counters: Mapping[str, int] = field(default_factory=dict)
    joined: tuple[str, ...] = ()  # groups that the contact is in from now on
    left: tuple[str, ...] = ()
    awaited: tuple[tuple[str, str, int], ...] = ()  # plans that go to a group: the group, the plan, ms UTC when due
    past: tuple[tuple[str, str], ...] = ()  # and those that no longer wait
    funnel: tuple[tuple[str, str], ...] = ()  # flow version, what: counted once the commit went well, not with it
    errands: tuple[bytes, ...] = ()  # events that the contact's own inbox gets behind this one
    sealed: bool = False  # all that is said in it lies encrypted in the store
    sealed_contact: bool = False  # and so does the contact's record
    now: int  # ms UTC


def commit(what: Commit) -> Call[str]:
    """ok · fenced: another owner has the partition · stale: the session moved on · gone: the entry is no longer there.

    Anything but ok has changed nothing. Sent again after it went well, it says gone.
    """
    partition = what.partition
    version = what.session_version or what.old_version + 1
    head, kept = b"%d\n" % version, pack(what.session)
    record = Sealed(kept, head) if what.sealed else head + kept
    where = [
        keys.lease("w", partition),
        keys.inbox(partition, what.channel_key),
        keys.session(partition, what.contact_id, what.channel_key),
    ]
    told: list[tuple[Part, ...]] = []

    def add(name: str, key: str, *rest: Part) -> None:
        where.append(key)
        told.append((name, *rest))

    _write(what, add)
    bodies: list[Part] = []  # JSON has no place for bytes: each leaves a null in it, and comes behind
    writes = orjson.dumps(told, default=bodies.append)
    args = [what.owner, what.epoch, what.entry_id, what.old_version, record, writes, *bodies]
    sealed = what.sealed or what.sealed_contact
    return fcall("commit_turn", where, args, bytes.decode, repeatable=True, sealed=sealed)


def _write(what: Commit, add: Write) -> None:
    partition = what.partition
    keep = Sealed if what.sealed else _as_is
    if what.contact is not None:
        record = pack(what.contact)
        add("SET", keys.contact(partition, what.contact_id), Sealed(record) if what.sealed_contact else record)
    if what.timers_cancel:
        add("ZREM", keys.timers(partition), *what.timers_cancel)
    if what.timers_set:
        add("ZADD", keys.timers(partition), *(part for name, at in what.timers_set for part in (at, name)))
    if what.messages:
        parts = map(queued_sealed if what.sealed else queued, what.messages)
        add("QUEUE", keys.due(partition), what.now, *chain.from_iterable(parts))
        add("SPUBLISH", keys.wake(partition, "out"), "out")
    if what.new or what.processes:
        _listed(what, add)
    if what.history:
        where = keys.history(partition, what.contact_id)
        told = [(kind, Sealed(body)) for kind, body in what.history] if what.sealed else what.history
        add("XADD", where, "MAXLEN", "~", HISTORY, "*", *chain.from_iterable(told))
    if what.calls or what.calls_cancel:
        _calls(what, add)
    if what.consent:
        _consent(what, add)
    if what.joined or what.left or what.awaited or what.past:
        _groups(what, add)
    if what.unreachable is not None:
        _reach(what, add)
    if what.versions or what.onto or what.off:
        _versions(what, add)
    for name, change in what.counters.items():
        add("HINCRBY", keys.counters(partition), name, change)
    for hook_id, kind, body in what.hooks:
        add("XADD", keys.hooks(partition), "*", "id", hook_id, "type", kind, "body", keep(body))
    if what.hooks or what.calls:
        add("SPUBLISH", keys.wake(partition, "hook"), "hook")
    if what.errands:
        add("ZADD", keys.inboxes(partition), "NX", 0, what.channel_key.partition("/")[0])
    for event in what.errands:
        where = keys.inbox(partition, what.channel_key)
        add("XADD", where, "*", "c", what.contact_id, "h", what.channel_key, "e", keep(event))


def _as_is(body: bytes) -> bytes:
    return body


def _listed(what: Commit, add: Write) -> None:
    """What the account's lists show."""
    partition, account = what.partition, what.channel_key.partition("/")[0]
    if what.new:
        add("XADD", keys.listing(partition, "c", account), "*", "i", what.contact_id)
    for process_id in what.begun:
        add("XADD", keys.listing(partition, "pr", account), "*", "i", process_id.rpartition("_")[2])
    for process_id, record in what.processes:
        kept = pack(record)
        add("SET", keys.process(partition, process_id), Sealed(kept) if what.sealed else kept)


def _versions(what: Commit, add: Write) -> None:
    partition, who = what.partition, flows.member(what.contact_id, what.channel_key)
    for version, change in what.versions.items():
        add("HINCRBY", keys.flow_counts(partition), version, change)
    for version in what.onto:
        add("SADD", keys.standing(partition, version), who)
    for version in what.off:
        add("SREM", keys.standing(partition, version), who)


def _calls(what: Commit, add: Write) -> None:
    partition = what.partition
    if what.calls_cancel:
        add("ZREM", keys.calls(partition), *what.calls_cancel)
        add("HDEL", keys.call_records(partition), *what.calls_cancel)
        add("HDEL", keys.call_tries(partition), *what.calls_cancel)
    if what.calls:
        add("ZADD", keys.calls(partition), "NX", *(part for name, _ in what.calls for part in (what.now, name)))
        keep = Sealed if what.sealed else _as_is
        records = [part for name, one in what.calls for part in (name, keep(pack(one)))]
        add("HSET", keys.call_records(partition), *records)


def _groups(what: Commit, add: Write) -> None:
    partition, account = what.partition, what.channel_key.partition("/")[0]
    for name in what.joined:
        add("ZADD", keys.group(partition, account, name), 0, what.contact_id)
        add("SADD", keys.group_names(partition, account), name)
    for name in what.left:
        add("ZREM", keys.group(partition, account, name), what.contact_id)
    for name, plan, at in what.awaited:
        add("ZADD", keys.group_plans(partition, account, name), at, plan)
    for name, plan in what.past:
        add("ZREM", keys.group_plans(partition, account, name), plan)


def _reach(what: Commit, add: Write) -> None:
    mark = keys.unreachable(what.partition, what.contact_id)
    if what.unreachable:
        add("SET", mark, what.now)
    else:
        add("DEL", mark)
        add("DEL", keys.doubts(what.partition, what.contact_id))


def _consent(what: Commit, add: Write) -> None:
    out = keys.opted_out(what.partition, what.contact_id)
    for topic, change, record in what.consent:
        ledger = keys.ledger(what.partition, what.contact_id)
        add("XADD", ledger, "*", "topic", topic, "change", change, "b", record)
        if change == "out":
            add("SADD", out, topic)
        elif topic == "all":
            add("DEL", out)
        else:
            add("SREM", out, topic)
