"""The record of a process that was asked for and has not begun: a client that asks at once finds it.

It lies encrypted: its inputs may be anything, and no flow has said yet which of them are sensitive.
"""

from __future__ import annotations

from typing import Any

import orjson

from ..model import ids
from . import keys
from .call import Call, command
from .sealing import Sealed

KEPT = 24 * 3600  # seconds; its first turn writes the lasting one


def note(process_id: str, record: dict[str, Any]) -> Call[bool]:
    """Keeps the record unless there is one already. Run it after the push: where there is a record,
    the start is stored."""
    key = keys.process(ids.split(process_id)[1], process_id)
    kept = Sealed(orjson.dumps(record))
    return command("SET", key, kept, "NX", "EX", KEPT, read=bool, repeatable=True, sealed=True)
