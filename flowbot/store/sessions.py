"""Where contacts stand: sessions and the contacts themselves, read for a batch in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ParseError, StoreError
from ..model import codec
from ..model.contact import Contact
from ..model.ids import partition_of
from ..model.session import Session
from . import keys
from .call import Call, command
from .packing import unpack

if TYPE_CHECKING:
    from .client import Store

Pair = tuple[str, str]  # contact id, channel key
Records = tuple[Session | None, Contact | None]
Found = Records | ParseError  # an error only for the pair whose record cannot be read


def load(partition: int, pairs: Sequence[Pair]) -> Call[list[Found]]:
    """Session and contact of each pair, in order; None for what is not there yet. All of one partition."""
    where: list[str] = []
    for contact_id, channel_key in pairs:
        where += (keys.session(partition, contact_id, channel_key), keys.contact(partition, contact_id))
    return command("MGET", *where, read=_records, repeatable=True, sealed=True)


def get(partition: int, contact_id: str, channel_key: str) -> Call[Session | None]:
    """The session; None for a contact that never wrote on the channel."""
    return command("GET", keys.session(partition, contact_id, channel_key), read=_session, repeatable=True, sealed=True)


def read(store: Store, pairs: Sequence[Pair]) -> list[Found]:
    """`load` for pairs of any partitions; raises when the store does not answer."""
    groups: dict[int, list[int]] = {}
    for place, (contact_id, _) in enumerate(pairs):
        groups.setdefault(partition_of(contact_id, store.partitions), []).append(place)
    out: list[Found] = [(None, None)] * len(pairs)
    calls = [load(partition, [pairs[place] for place in places]) for partition, places in groups.items()]
    for places, found in zip(groups.values(), store.run_all(calls), strict=True):
        if isinstance(found, StoreError):
            raise found
        for place, records in zip(places, found, strict=True):
            out[place] = records
    return out


def _records(reply: Sequence[bytes | None]) -> list[Found]:
    return [_pair(reply[at], reply[at + 1]) for at in range(0, len(reply), 2)]


def _pair(session: bytes | None, contact: bytes | None) -> Found:
    try:
        return _session(session), _contact(contact)
    except ParseError as error:
        return error


def _session(blob: Any) -> Session | None:
    """The record behind the version's line.

    >>> _session(b'3\\n{"v":1,"account":"a","channel":"m","contact_id":"c","version":3}').version
    3
    """
    return None if blob is None else codec.decode(Session, unpack(blob.partition(b"\n")[2]))


def _contact(blob: Any) -> Contact | None:
    return None if blob is None else codec.decode(Contact, unpack(blob))
