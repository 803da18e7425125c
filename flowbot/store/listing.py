"""What an account has, newest first: one stream a partition, merged here.

A page ends with a cursor, the place of its last item; the next one goes on below it, whatever came in meanwhile.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson

from ..errors import ParseError, StoreError
from . import keys
from .call import Call, command
from .client import Store

T = TypeVar("T")
NEAR = 600_000  # ms between what a record says of its making and its entry in the list
LOOKED = 2_000  # entries that one page looks at, however few of them it wants


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a listing: when, then its id."""

    at: int  # ms UTC
    id: str

    def cursor(self) -> str:
        """
        >>> Place.read(Place(5, "pr_1_x").cursor())
        Place(at=5, id='pr_1_x')
        """
        return base64.urlsafe_b64encode(orjson.dumps([self.at, self.id])).decode().rstrip("=")

    @staticmethod
    def read(cursor: str) -> Place:
        """ParseError for what is no cursor of ours."""
        try:
            at, id = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        except (ValueError, TypeError):
            raise no_cursor() from None
        if type(at) is not int or type(id) is not str or not id.isprintable():
            raise no_cursor()
        return Place(at, id)


def no_cursor() -> ParseError:
    return ParseError("`after` cannot be read.", mistakes=[("?after", "is no cursor: take `next` of a page as it is")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    items: list[T] = field(default_factory=list)
    next: str | None = None  # the cursor of the following page


def page(
    store: Store,
    account: str,
    kind: str,
    read: Callable[[list[str]], list[T | None]],
    *,
    after: str = "",
    since: int = 0,
    until: int = 0,
    limit: int = 50,
) -> Page[T]:
    """The newest ones below the cursor that `read` gives something for; ids whose record is gone are passed over."""
    at = Place.read(after) if after else Place(until or 2**52, "\uffff")
    found: list[T] = []
    looked = 0
    while looked < LOOKED:
        places = _below(store, account, kind, at, since, limit)
        looked += len(places)
        for place, item in zip(places, read([one.id for one in places]), strict=True):
            at = place
            if item is not None:
                found.append(item)
            if len(found) == limit:
                return Page(items=found, next=at.cursor() if _more(store, account, kind, at, since) else None)
        if len(places) < limit:
            return Page(items=found)
    return Page(items=found, next=at.cursor())


def entries(partition: int, kind: str, account: str, name: str, at: int) -> Call[list[str]]:
    """The entries of one thing in its list; they were written within minutes of `at`, ms UTC."""
    ends = (max(0, at - NEAR), at + NEAR)

    def read(reply: list[Any]) -> list[str]:
        return [entry.decode() for entry, told in reply if told[1].decode() == name]

    return command("XRANGE", keys.listing(partition, kind, account), *ends, read=read, repeatable=True)


def unlist(partition: int, kind: str, account: str, found: Sequence[str]) -> Call[int]:
    return command("XDEL", keys.listing(partition, kind, account), *found, read=int, repeatable=True)


def forward(partition: int, kind: str, account: str, after: str, count: int) -> Call[list[tuple[str, str]]]:
    """The oldest ones of a partition behind an entry ("" for the first): entry, id."""

    def read(reply: list[Any]) -> list[tuple[str, str]]:
        return [(entry.decode(), told[1].decode()) for entry, told in reply]

    key = keys.listing(partition, kind, account)
    return Call(("XRANGE", key, f"({after}" if after else "-", "+", "COUNT", count), key, read, repeatable=True)


def _more(store: Store, account: str, kind: str, at: Place, since: int) -> bool:
    return bool(_below(store, account, kind, at, since, 1))


def _below(store: Store, account: str, kind: str, at: Place, since: int, count: int) -> list[Place]:
    """The next `count` entries of all partitions. Those of the very same millisecond are few: they are read with it."""
    calls: list[Call[list[Place]]] = []
    for partition in range(store.partitions):
        calls.append(_range(partition, kind, account, at.at, at.at, 10_000))
        calls.append(_range(partition, kind, account, at.at - 1, since, count))
    found: list[Place] = []
    for answer in store.run_all(calls):
        if isinstance(answer, StoreError):
            raise answer
        found += answer
    return sorted((one for one in found if one < at), reverse=True)[:count]


def _range(partition: int, kind: str, account: str, top: int, bottom: int, count: int) -> Call[list[Place]]:
    key = keys.listing(partition, kind, account)
    prefix = "" if kind == "c" else f"{kind}_{partition}_"

    def read(reply: list[Any]) -> list[Place]:
        return [Place(int(entry.partition(b"-")[0]), prefix + told[1].decode()) for entry, told in reply]

    ends = (max(0, min(one, 2**62)) for one in (top, bottom))  # a stream knows no time before 1970
    return Call(("XREVRANGE", key, *ends, "COUNT", count), key, read, repeatable=True)
