"""Groups of contacts: a contact's record says which it is in, and the commit that writes it keeps the members here.

A group that a flow puts contacts into is there from then on; the API may make one before, with a title.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..errors import StoreError
from . import keys
from .call import Call, command
from .client import Store
from .listing import Page, Place

AT_ONCE = 16  # partitions that are looked at in one round trip


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    title: str = ""
    created_at: int = 0  # ms UTC; 0: a flow made it


def define(account: str, group: Group) -> Call[bool]:
    """Make it; False when the API has made it before."""
    told = orjson.dumps({"title": group.title, "created_at": group.created_at})
    return command("HSETNX", keys.account(account, "groups"), group.name, told, read=bool, repeatable=True)


def defined(account: str) -> Call[dict[str, Group]]:
    return command("HGETALL", keys.account(account, "groups"), read=_groups, repeatable=True)


def every(store: Store, account: str) -> list[Group]:
    """All groups of an account, by name."""
    known = store.run(defined(account))
    named = store.all([_names(partition, account) for partition in range(store.partitions)])
    found = {**{name: Group(name=name) for names in named for name in names}, **known}
    return [found[name] for name in sorted(found)]


def find(store: Store, account: str, name: str) -> Group | None:
    """None when there is no such group."""
    return next((one for one in every(store, account) if one.name == name), None)


def counts(store: Store, account: str, names: Sequence[str]) -> list[int]:
    """How many members each has."""
    calls = [_count(partition, account, name) for name in names for partition in range(store.partitions)]
    found = store.all(calls)
    size = store.partitions
    return [sum(found[at * size : (at + 1) * size]) for at in range(len(names))]


def members(store: Store, account: str, name: str, *, after: str = "", limit: int = 50) -> Page[str]:
    """Contact ids in a lasting order: who joins or leaves meanwhile moves nobody else."""
    place = Place.read(after) if after else Place(0, "")
    found: list[Place] = []
    first = max(0, place.at)
    while first < store.partitions and len(found) <= limit:
        last = min(first + AT_ONCE, store.partitions)
        begins = {place.at: place.id}
        answers = store.run_all(
            [_range(partition, account, name, begins.get(partition, ""), limit + 1) for partition in range(first, last)]
        )
        for partition, answer in zip(range(first, last), answers, strict=True):
            if isinstance(answer, StoreError):
                raise answer
            found += [Place(partition, id) for id in answer]
        first = last
    page = found[:limit]
    return Page(items=[one.id for one in page], next=page[-1].cursor() if len(found) > limit else None)


def _range(partition: int, account: str, name: str, after: str, count: int) -> Call[list[str]]:
    start = f"({after}" if after else "-"
    key = keys.group(partition, account, name)
    return command("ZRANGEBYLEX", key, start, "+", "LIMIT", 0, count, read=_texts, repeatable=True)


def _count(partition: int, account: str, name: str) -> Call[int]:
    return command("ZCARD", keys.group(partition, account, name), read=int, repeatable=True)


def _names(partition: int, account: str) -> Call[list[str]]:
    return command("SMEMBERS", keys.group_names(partition, account), read=_texts, repeatable=True)


def _texts(reply: Any) -> list[str]:
    return [one.decode() for one in reply]


def _groups(reply: Any) -> dict[str, Group]:
    pairs = zip(reply[::2], reply[1::2], strict=True)
    return {name.decode(): Group(name=name.decode(), **orjson.loads(told)) for name, told in pairs}


def walk(store: Store, account: str, name: str, count: int = 1000) -> Iterator[str]:
    """All members, partition by partition."""
    for partition in range(store.partitions):
        after = ""
        while found := store.run(_range(partition, account, name, after, count)):
            yield from found
            after = found[-1]
