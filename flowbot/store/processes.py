"""Process records, as clients see them. Their ids carry the partition: no index is needed."""

from __future__ import annotations

from typing import Any

import orjson

from ..errors import NotFound
from ..model import ids
from . import keys
from .call import Call, command
from .packing import unpack


def get(process_id: str) -> Call[dict[str, Any] | None]:
    """The record as its turn left it; None when there is none. NotFound for what is not a process id at all."""
    try:
        kind, partition, _ = ids.split(process_id)
    except ValueError:
        raise NotFound(f"no process {process_id[:60]}") from None
    if kind != "pr" or not 0 <= partition < 16384:
        raise NotFound(f"no process {process_id[:60]}")
    return command("GET", keys.process(partition, process_id), read=_record, repeatable=True, sealed=True)


def _record(blob: bytes | None) -> dict[str, Any] | None:
    return None if blob is None else orjson.loads(unpack(blob))
