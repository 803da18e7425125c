"""What of a Book events need."""

from __future__ import annotations

from typing import Protocol

from .flow import Flow
from .starts import Starts


class Shelf(Protocol):
    """Flows by id and version, and what starts a conversation."""

    def flow(self, id: str, version: str = "") -> Flow: ...
    def starts(self, account: str, channel: str) -> Starts: ...
