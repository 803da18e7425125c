"""What makes, moves and cancels a contact's plans: events like any other, in the contact's one queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .contact import Identity
from .quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMet:
    """A rule has this contact for its receiver, because of an event that may be somebody else's."""

    nonce: str
    rule: str
    entity: str = ""  # what the event was about
    event: Mapping[str, Any] = field(default_factory=dict)
    subject: Mapping[str, Any] = field(default_factory=dict)  # whom the event was about, as texts read it
    at: int = 0  # ms UTC when the time is known; 0: the rule tells
    gone: bool = False  # it holds no more: what is unsent of it is canceled
    authorized: bool = False
    to: Identity | None = None  # whom it is for: makes the contact when there is none yet
    group: str = ""  # or all of a group
    about: str = ""  # the contact whom the event was about, when that is another
    forward: bool = False  # it lies in the inbox of the event's subject, to be carried to where it belongs

    @property
    def id(self) -> str:
        return "rm:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOrdered:
    """A client wants something sent to the contact at a certain time."""

    nonce: str
    plan: str  # its id
    at: int  # ms UTC
    send: Mapping[str, Any]  # template or flow, with, language, topic, max_age
    authorized: bool = False
    to: Identity | None = None

    @property
    def id(self) -> str:
        return "po:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCanceled:
    """And does not want it any more."""

    nonce: str
    plan: str
    by: str = ""  # the API key's name

    @property
    def id(self) -> str:
        return "pc:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged:
    """The rules that go by a contact's own days are others now: its plans are made anew."""

    nonce: str

    @property
    def id(self) -> str:
        return "rc:" + self.nonce


Planning = RuleMet | PlanOrdered | PlanCanceled | RulesChanged
