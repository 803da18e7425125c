"""What a contact agreed to and took back, as it came: nothing in it is ever changed, but that who is forgotten leaves
only this behind, that it is out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from . import keys
from .call import Call, as_pairs, command


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    topic: str  # all, or a topic
    change: str  # in, out
    record: Mapping[str, Any]  # at, method, proof, event


def read(partition: int, contact_id: str) -> Call[list[Change]]:
    """Every change, the oldest first."""
    return command("XRANGE", keys.ledger(partition, contact_id), "-", "+", read=_changes, repeatable=True)


def proofs(found: Sequence[Change], out: frozenset[str]) -> list[tuple[str, bytes]]:
    """What stays of the ledger of who is forgotten: of each topic that it is out of, when and how, without a word that
    says who it is.

    >>> said = Change(topic="all", change="out", record={"at": 5, "method": "word", "proof": "Ana", "event": "m:1"})
    >>> proofs([said], frozenset({"all"}))
    [('all', b'{"at":5,"method":"word","forgotten":true}')]
    """
    last = {one.topic: one.record for one in found if one.change == "out"}
    kept = {topic: {name: value for name, value in last.get(topic, {}).items() if name in KEPT} for topic in out}
    return [(topic, orjson.dumps({**record, "forgotten": True})) for topic, record in sorted(kept.items())]


KEPT = ("at", "method")


def _changes(reply: Any) -> list[Change]:
    found = [as_pairs(fields) for _, fields in reply]
    return [
        Change(topic=one["topic"].decode(), change=one["change"].decode(), record=orjson.loads(one["b"]))
        for one in found
    ]
