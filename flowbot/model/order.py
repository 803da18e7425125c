"""What a client's system orders for a contact by API: events like any other, in the contact's one queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .contact import Identity
from .quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrdered:
    """The open process goes on at another step, from the contact's next message on."""

    nonce: str
    process_id: str
    step: str
    by: str = ""  # the API key's name

    @property
    def id(self) -> str:
        return "mo:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEdited:
    """What a contact's record is to hold from now on; what is not named stays."""

    nonce: str
    texts: Mapping[str, str] = field(default_factory=dict)  # name, language, timezone, country
    fields: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, bool] = field(default_factory=dict)  # true puts it on, false takes it off
    groups: Mapping[str, bool] = field(default_factory=dict)
    blocked: bool | None = None
    sought: int = 0  # ms UTC when a broadcast goes to the contact: it counts among what the business sends
    reachable: bool = False  # it may be tried again, whatever the provider said
    by: str = ""
    to: Identity | None = None  # whom it is about: makes the contact when there is none yet

    @property
    def id(self) -> str:
        return "ce:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """The contact agreed, or took it back, somewhere that we were not."""

    nonce: str
    topic: str  # all, or a topic
    change: str  # in, out
    method: str = "api"
    proof: str = ""  # what the client can show for it
    given_at: int = 0  # ms UTC when the contact said so; 0: now
    by: str = ""

    @property
    def id(self) -> str:
        return "co:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ResultOverridden:
    """A finished process's result, as somebody who may do that decided."""

    nonce: str
    record: Mapping[str, Any]  # the process as clients see it, before
    status: str  # success, failure
    reason: str
    result: Mapping[str, Any] | None = None  # None: as it was
    by: str = ""

    @property
    def id(self) -> str:
        return "ro:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForgotten:
    """All that is kept of the contact is to be erased. No turn sees it: the worker does it, in the contact's order."""

    nonce: str
    by: str = ""  # the API key's name, or the person at the terminal

    @property
    def id(self) -> str:
        return "fg:" + self.nonce


Order = MoveOrdered | ContactEdited | ConsentGiven | ResultOverridden
