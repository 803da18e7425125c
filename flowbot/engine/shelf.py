"""What of a Book events need."""

from __future__ import annotations

from typing import Protocol

from .flow import Flow
from .rules.rule import Rule
from .starts import Starts
from .templates import Templates


class Shelf(Templates, Protocol):
    """Flows by id and version, what starts a conversation, rules, and templates."""

    def flow(self, id: str, version: str = "") -> Flow: ...
    def part(self, id: str) -> Flow: ...
    def starts(self, account: str, channel: str) -> Starts: ...
    def rules(self, account: str) -> tuple[Rule, ...]: ...
