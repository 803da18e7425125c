"""A rule: what the business sends by itself, on a client's event, again and again, or on a contact's day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...model.duration import DAY
from ...steps.wait import Wait
from ..expressions import Expression, Value
from .every import Every

MAX_AGE = 4 * DAY
SUBJECT, ACTOR, GROUP, CONTACT = "subject", "actor", "group", "contact"
Scope = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, or a moment, that an expression gives; moved, and brought to a time of day by the receiver's clock."""

    date: Expression
    moved: Wait  # its `shift` and `at`


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Whom it goes to."""

    kind: str = SUBJECT  # subject, actor (who entered it), group, contact
    group: str = ""
    number: Value | None = None  # of kind contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One of `event`, `every`, `date` sets it off; it sends a `template` or starts a `flow`."""

    name: str  # file.rule
    event: str = ""
    every: Every | None = None
    date: Moment | None = None  # of each contact
    when: Expression | None = None
    at: Moment | None = None  # None: at once
    to: Receiver = Receiver()
    template: str = ""
    language: str = ""  # of the template; "" for the contact's
    topic: str = ""  # "" for the template's own
    flow: str = ""
    values: Callable[[Scope], Any]  # its `with`
    max_age: int = MAX_AGE  # ms
    office: bool = False  # only in the account's office hours
    timezone: str = ""  # of `every`; "" for the account's
    channel: str = ""  # "" for the one that the contact last wrote on, else the account's first
    accounts: tuple[str, ...] = ()  # () for all
    meaning: str = ""  # changes when its text does
