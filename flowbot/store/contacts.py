"""Contact records. Only a commit writes them: one writer, so that nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ParseError
from ..model import codec
from ..model.contact import Contact
from . import keys
from .call import Call, command
from .packing import unpack
from .scripts import fcall

DOUBTED = 30 * 24 * 3600 * 1000  # ms


def get(partition: int, contact_id: str) -> Call[Contact | None]:
    return command("GET", keys.contact(partition, contact_id), read=_read, repeatable=True, sealed=True)


def is_known(partition: int, contact_id: str) -> Call[bool]:
    return command("EXISTS", keys.contact(partition, contact_id), read=bool, repeatable=True)


def many(partition: int, contact_ids: Sequence[str]) -> Call[list[Contact | ParseError | None]]:
    """Each one's record, in order, all of one partition; an error in the place of one that cannot be read."""
    where = [keys.contact(partition, one) for one in contact_ids]
    return command("MGET", *where, read=lambda reply: [_tried(one) for one in reply], repeatable=True, sealed=True)


def notices(partition: int, contact_id: str) -> Call[int]:
    """How many messages of broadcasts were made for the contact: no turn of its own counts them."""
    return command("HGET", keys.notices(partition), contact_id, read=lambda reply: int(reply or 0), repeatable=True)


def opted_out(partition: int, contact_id: str) -> Call[frozenset[str]]:
    """The topics that the contact opted out of; `all` among them stands for every one."""
    return command("SMEMBERS", keys.opted_out(partition, contact_id), read=_topics, repeatable=True)


def count_doubt(partition: int, contact_id: str, message_id: str) -> Call[int]:
    """One more message that failed as if nobody were there; how many there were since the last delivery."""
    where = [keys.doubts(partition, contact_id)]
    return fcall("count_doubt", where, [message_id, DOUBTED], read=int, repeatable=True)


def _read(blob: bytes | None) -> Contact | None:
    return None if blob is None else codec.decode(Contact, unpack(blob))


def _tried(blob: bytes | None) -> Contact | ParseError | None:
    try:
        return _read(blob)
    except ParseError as error:
        return error


def _topics(reply: list[bytes]) -> frozenset[str]:
    return frozenset(topic.decode() for topic in reply)
