"""The store's own record: who wrote it, in how many partitions, with which salt. It is fixed at the first start."""

from __future__ import annotations

from dataclasses import dataclass

from .. import __version__
from ..errors import SchemaMismatch
from . import keys
from .call import Call, as_pairs, command
from .scripts import fcall

SCHEMA = 1  # rises when an older release could not read what this one writes
PARTITIONS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    schema: int
    partitions: int
    salt: bytes  # secret: contact ids and aliases are made with it
    release: str  # that made the store


def read() -> Call[Meta | None]:
    """The record, None before the first start: who only looks needs no store that can be written to."""
    return command("HGETALL", keys.META, read=lambda reply: _meta(reply) if reply else None, repeatable=True)


def claim(partitions: int, salt: bytes) -> Call[Meta]:
    """Write the record at the first start, or read it; SchemaMismatch when another schema is there."""
    args = (SCHEMA, partitions, salt, __version__)
    return fcall("claim_meta", [keys.META], args, _meta, repeatable=True)


def _meta(reply: list[bytes]) -> Meta:
    found = as_pairs(reply)
    meta = Meta(
        schema=int(found["schema"]),
        partitions=int(found["partitions"]),
        salt=found["salt"],
        release=found.get("release", b"?").decode(),
    )
    _check(meta)
    return meta


def _check(meta: Meta) -> None:
    if meta.schema > SCHEMA:
        raise SchemaMismatch(
            f"the store was written by a newer Flowbot ({meta.release}: schema {meta.schema}; this is {__version__}: "
            f"schema {SCHEMA}). Run Flowbot {meta.release} or newer on it: pip install 'flowbot>={meta.release}'"
        )
    if meta.schema < SCHEMA:
        raise SchemaMismatch(
            f"the store was written by an older Flowbot ({meta.release}: schema {meta.schema}; this is {__version__}: "
            f"schema {SCHEMA}). Go back to it (pip install 'flowbot=={meta.release}'), or start with an empty store: "
            "another FLOWBOT_DATA or FLOWBOT_REDIS_URL"
        )
