"""Erasing a contact: one script for all that is found by its id, and a list of whose leftovers are still looked for.

A few things lie under names of their own, and a few may be under way while the contact is erased: a file that is being
fetched, an answer of a provider. So each is looked for twice, at once and a minute later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from ..model import codec
from . import keys
from .call import Call, Part, as_text, command
from .scripts import fcall

AUDITED = 10_000  # lines kept of an account
MANY = 20  # contacts looked after at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A contact that was erased, and where something of it may have been left."""

    contact: str
    account: str
    until: int  # ms UTC: what is younger belongs to somebody who came back
    channels: tuple[str, ...] = ()  # those that the erasing knew
    by: str = ""
    looks: int = 0  # how often leftovers were looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """All that is to go, and the little that stays."""

    contact: str
    account: str
    channels: Mapping[str, str]  # account/channel -> the version that its session had, "0" for none
    versions: Mapping[str, int]  # flow version -> how many processes fewer stand on it
    timers: Sequence[str] = ()
    calls: Sequence[str] = ()
    tellers: Sequence[str] = ()  # ids that providers know it by
    waiting: Sequence[str] = ()  # entries of the hooks' stream
    listed: Sequence[str] = ()  # entries of the account's list of contacts
    awaits: Sequence[tuple[str, str]] = ()  # its plans that go to a group: the group, the plan
    proofs: Sequence[tuple[str, bytes]] = ()  # a topic that it is out of, and what stays of the ledger about it
    hooks: Sequence[tuple[str, str, bytes]] = ()  # what clients hear of it: id, type, body
    gone: Gone


def erase(partition: int, inbox: str, owner: str, epoch: int, entry: str, now: int, what: Erasure) -> Call[str]:
    """ok · fenced · gone: somebody else did it · stale: a session moved on. Anything but ok has changed nothing.

    The owner of the partition alone may do it, as it alone commits turns: what a turn has read before cannot be
    written after, since the session's version is no longer there.
    """
    told = {
        "contact": what.contact,
        "account": what.account,
        "channels": dict(what.channels),
        "versions": dict(what.versions),
        **{name: list(getattr(what, name)) for name in ("timers", "calls", "tellers", "waiting", "listed", "awaits")},
        "topics": [topic for topic, _ in what.proofs],
        "due": codec.encode(what.gone).decode(),
    }
    args: list[Part] = [owner, epoch, entry, keys.tag(partition), now, orjson.dumps(told)]
    args += [proof for _, proof in what.proofs]
    args += [part for hook in what.hooks for part in hook]
    return fcall("forget_contact", [keys.lease("w", partition), inbox], args, as_text)


def due(partition: int, now: int) -> Call[list[Gone]]:
    """Whose leftovers are to be looked for now."""
    where = keys.forgotten(partition)
    return command("ZRANGE", where, "-inf", now, "BYSCORE", "LIMIT", 0, MANY, read=_gone, repeatable=True)


def pending(partition: int) -> Call[list[Gone]]:
    """All whose leftovers are still looked for."""
    return command("ZRANGE", keys.forgotten(partition), 0, -1, read=_gone, repeatable=True)


def again(partition: int, one: Gone, at: int) -> tuple[Call[int], Call[int]]:
    """Looked for once; the next time is `at`, ms UTC. The new line first: a crash between the two costs one look."""
    later = codec.encode(replace(one, looks=one.looks + 1))
    return command("ZADD", keys.forgotten(partition), at, later, read=int, repeatable=True), done(partition, one)


def done(partition: int, one: Gone) -> Call[int]:
    return command("ZREM", keys.forgotten(partition), codec.encode(one), read=int, repeatable=True)


def note(one: Gone) -> Call[str]:
    """The line that stays: who was forgotten, by the id that says nothing to others, when, and by whose order."""
    line: list[Part] = ["contact", one.contact, "at", one.until, "by", one.by]
    where = keys.account(one.account, "forgotten")
    return command("XADD", where, "MAXLEN", "~", AUDITED, "*", *line, read=as_text)


def audit(account: str, count: int = 100) -> Call[list[dict[str, str]]]:
    """The latest of these lines, the newest first."""
    return command("XREVRANGE", keys.account(account, "forgotten"), "+", "-", "COUNT", count, read=_lines)


def rewrite(partition: int) -> Call[str]:
    """Has the server write its file anew, without what was erased; a StoreError where nobody may ask."""
    return Call(parts=("BGREWRITEAOF",), slot=keys.forgotten(partition), read=as_text)


def _gone(reply: list[bytes]) -> list[Gone]:
    return [codec.decode(Gone, one) for one in reply]


def _lines(reply: Any) -> list[dict[str, str]]:
    return [dict(zip(map(as_text, line[::2]), map(as_text, line[1::2]), strict=True)) for _, line in reply]
