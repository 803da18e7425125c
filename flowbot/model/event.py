"""What wakes a session: one queue into a contact, one writer of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .inbound import Inbound


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    inbound: Inbound

    @property
    def id(self) -> str:
        return "m:" + self.inbound.id


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A timer of this session came due; late ones name a visit that has passed."""

    name: str  # expire, timeout.0, reengage …
    visit: int
    due: int  # ms UTC, as it was set

    @property
    def id(self) -> str:
        return f"t:{self.name}:{self.visit}:{self.due}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRequested:
    """A client starts a flow for the contact (POST /v1/conversations)."""

    process_id: str
    flow: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    account_id: str = ""
    language: str = ""
    step: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    if_open: str = "refuse"  # refuse (checked at the door too), supersede, queue

    @property
    def id(self) -> str:
        return "s:" + self.process_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAdvanced:
    """Simulated sessions only: their clock jumps forward."""

    nonce: str
    by: int  # ms

    @property
    def id(self) -> str:
        return "c:" + self.nonce


Event = MessageReceived | TimerFired | ConversationRequested | ClockAdvanced
