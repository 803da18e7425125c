"""A command to the store as a value: built by pure functions, sent by the sync or the async client alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..model.quick import quick
from .sealing import Sealed

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Part = str | bytes | int | float | Sealed


@quick
@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """One whole command.

    `read` gets the reply as RESP2 has it: bytes, int, None or a list of these. A `repeatable` call may be sent again
    when its reply was lost. In a `sealed` one, parts are sealed on their way out, and the reply is opened before it
    is read.
    """

    parts: tuple[Part, ...]
    slot: str  # one of its keys: on a cluster it goes to that key's node
    read: Callable[[Any], T_co]
    repeatable: bool = False
    sealed: bool = False


def command(*parts: Part, read: Callable[[Any], T], repeatable: bool = False, sealed: bool = False) -> Call[T]:
    """A plain command whose first argument is its key.

    >>> command("GET", "{p1}c:x", read=bytes).slot
    '{p1}c:x'
    """
    return Call(parts, str(parts[1]), read, repeatable, sealed)


def as_is(reply: Any) -> Any:
    return reply


def as_text(reply: bytes | None) -> str:
    """The reply as a string; "" for none.

    >>> as_text(b"ok"), as_text(None)
    ('ok', '')
    """
    return reply.decode() if reply is not None else ""


def as_pairs(reply: list[bytes]) -> dict[str, bytes]:
    """A flat list of names and values as a dict.

    >>> as_pairs([b"a", b"1"])
    {'a': b'1'}
    """
    return {name.decode(): value for name, value in zip(reply[::2], reply[1::2], strict=True)}
