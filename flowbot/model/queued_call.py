"""A call to the outside world that a step asked for, as it lies in its partition until it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedCall:
    id: str  # carries its partition
    kind: str
    account: str
    channel: str
    contact_id: str
    step: str
    visit: int
    at: int  # ms UTC by the store's clock, when it was asked for
    until: int  # ms UTC; what has no answer by then gets `timeout` for one
    body: Mapping[str, Any] = field(default_factory=dict)
    process_id: str = ""
    seen: str = ""  # the provider's id of the message that asked for it: shown as being worked on
    waiting: bool = False  # it was made, and the answer comes by itself

    @property
    def channel_key(self) -> str:
        return f"{self.account}/{self.channel}"

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt: `<session>:<step>:<visit>`.

        >>> QueuedCall(id="", kind="call", account="acme", channel="main", contact_id="c1", step="save", visit=7,
        ...            at=0, until=0).idempotency_key
        'acme/main/c1:save:7'
        """
        return f"{self.channel_key}/{self.contact_id}:{self.step}:{self.visit}"
