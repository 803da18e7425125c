"""What goes to many, or again and again: a client's schedule, and one run of it or of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """As a client ordered it (POST /v1/schedules)."""

    id: str
    account: str
    at: int = 0  # ms UTC of its only time
    every: Mapping[str, Any] = field(default_factory=dict)  # or again and again, as a rule's `every` has it
    group: str = ""  # to all of a group
    to: str = ""  # or to one: a number, or a business-scoped user id
    contact: str = ""  # whose id that was
    channel: str = ""
    send: Mapping[str, Any] = field(default_factory=dict)  # template or flow, with, language, topic, max_age
    authorized: bool = False
    created_at: int = 0  # ms UTC
    by: str = ""  # the API key's name
    state: str = "scheduled"  # then executed, canceled
    last_run_at: int = 0  # ms UTC
    runs: int = 0


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One time that it goes out: how far it has come."""

    id: str
    at: int  # ms UTC, as it was due
    rule: str = ""  # one of the project's rules
    schedule: str = ""  # or a client's
    group: str = ""
    everybody: bool = False  # all contacts of the account: their plans are made anew
    to: str = ""
    channel: str = ""
    send: Mapping[str, Any] = field(default_factory=dict)
    entity: str = ""
    event: Mapping[str, Any] = field(default_factory=dict)
    subject: Mapping[str, Any] = field(default_factory=dict)
    authorized: bool = False
    after: str = ""  # the cursor of the contacts behind those that it has reached
    reached: int = 0  # contacts so far
    about: str = ""  # the contact whom the event was about
    gone: bool = False  # what is unsent of it is canceled
