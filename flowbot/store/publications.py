"""Which version of each flow takes an account's real users, and how that came about."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from . import keys
from .call import Call, Part, as_pairs, command
from .client import Store
from .scripts import fcall

KEPT = 200  # publications of an account that are remembered, and whose versions are kept
LOOK = 1.0  # seconds between two looks at what is published
CROWD = 500  # accounts that publish: of more each is looked at less often
_OWN = "#"  # no flow's id begins like the fields that are our own
_WAS = "#was:"


@dataclass(frozen=True, slots=True)
class Pointers:
    """What is published: the number of the last publication, and flow -> version."""

    number: int = 0  # 0: nothing ever was
    flows: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)  # taken out -> its last version


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One change of the pointers."""

    number: int
    at: int  # ms UTC
    who: str
    why: str = ""
    undoes: int = 0  # the publication that it took back
    changes: Mapping[str, tuple[str, str]]  # flow -> version before and after; "" for none


def current(account: str) -> Call[Pointers]:
    return command("HGETALL", keys.account(account, "live"), read=_pointers, repeatable=True)


def number(account: str) -> Call[int]:
    """The number of the last publication: whoever knows it knows all that `current` says."""
    return command("HGET", keys.account(account, "live"), _OWN, read=lambda reply: int(reply or 0), repeatable=True)


def publish(
    account: str,
    changes: Mapping[str, tuple[str, str]],
    *,
    seen: int,
    nonce: str,
    at: int,
    who: str,
    why: str = "",
    undoes: int = 0,
) -> Call[int | None]:
    """Point flows to versions, given each as (before, after); the publication's number.

    None, and nothing is done, when another came after number `seen`. The same `nonce` is the same publication.
    """
    record = orjson.dumps({"v": 1, "at": at, "who": who, "why": why, "undoes": undoes, "changes": changes})
    args: list[Part] = [seen, nonce, record, KEPT]
    for flow, (_, version) in changes.items():
        args += (flow, version)
    where = [keys.account(account, "live"), keys.account(account, "publications")]
    return fcall("publish_flows", where, args, _published, repeatable=True)


def note_publisher(account: str) -> Call[bool]:
    """The account publishes: what it published is kept even while no project names it."""
    return command("SADD", keys.PUBLISHERS, account, read=bool, repeatable=True)


def publishers() -> Call[list[str]]:
    return command(
        "SMEMBERS", keys.PUBLISHERS, read=lambda reply: sorted(one.decode() for one in reply), repeatable=True
    )


def history(account: str, count: int = KEPT) -> Call[list[Publication]]:
    """The newest publications, the newest first."""
    where = keys.account(account, "publications")
    return command("XREVRANGE", where, "+", "-", "COUNT", count, read=_history, repeatable=True)


@dataclass(slots=True)
class Watch:
    """What is published in each account, as a process knows it: looked at once a second at most, and only in those that
    ever published; where these are very many, less often.

    The same object comes back as long as nothing was published.
    """

    store: Store
    clock: Callable[[], float] = time.monotonic
    _known: Mapping[str, Pointers] = field(default_factory=dict)
    _next_look: float = float("-inf")

    def current(self, accounts: Iterable[str]) -> Mapping[str, Pointers]:
        """Raises when the store does not answer."""
        now, names = self.clock(), list(accounts)
        if now < self._next_look and names == list(self._known):
            return self._known
        publish = set(self.store.run(publishers()) if self._known else names)
        asked = [one for one in names if one in publish or one not in self._known]
        numbers = self.store.all([number(one) for one in asked])
        before = self._known
        moved = [one for one, seen in zip(asked, numbers, strict=True) if _number(before.get(one)) != seen]
        if moved or names != list(before):
            fresh = dict(zip(moved, self.store.all([current(one) for one in moved]), strict=True))
            self._known = {one: fresh.get(one) or before.get(one) or Pointers() for one in names}
        self._next_look = now + LOOK * max(1.0, len(asked) / CROWD)
        return self._known


def _number(known: Pointers | None) -> int:
    return known.number if known else 0


def _pointers(reply: list[bytes]) -> Pointers:
    found = as_pairs(reply)
    flows = {flow: version.decode() for flow, version in found.items() if not flow.startswith(_OWN)}
    gone = {name.removeprefix(_WAS): version.decode() for name, version in found.items() if name.startswith(_WAS)}
    return Pointers(int(found.get(_OWN, b"0")), flows, gone)


def _published(reply: int) -> int | None:
    return reply if reply > 0 else None


def _history(reply: Any) -> list[Publication]:
    found = []
    for name, parts in reply:
        record = orjson.loads(dict(zip(parts[::2], parts[1::2], strict=True))[b"b"])
        changes = {flow: (before, after) for flow, (before, after) in record["changes"].items()}
        facts = {key: record.get(key, "") for key in ("who", "why")}
        undoes = record.get("undoes", 0)
        number = int(name.partition(b"-")[0])
        found.append(Publication(number=number, at=record["at"], undoes=undoes, changes=changes, **facts))
    return found
