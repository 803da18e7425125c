"""A plan: what the business means to send a contact at a certain time, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import ids
from .quick import quick

SCHEDULED = "scheduled"
MADE = "made"  # a group has it, or another contact: they have plans of their own
TIMER = "p."


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    id: str  # its part of the public id
    at: int  # when it is due, ms UTC
    state: str = SCHEDULED  # then executed, canceled, expired, skipped, failed; made: somebody else has it
    rule: str = ""  # "": a client ordered it
    entity: str = ""  # what it is about: visit:v-17
    event: Mapping[str, Any] = field(default_factory=dict)  # what set it off
    subject: Mapping[str, Any] = field(default_factory=dict)  # whom that was about, when not this contact
    send: Mapping[str, Any] = field(default_factory=dict)  # of a client's order: template or flow, with, …
    group: str = ""  # it goes to all of a group
    to: str = ""  # who else has it: a number, or a business-scoped user id
    authorized: bool = False  # a client knows that the contact agreed
    ended_at: int = 0  # ms UTC
    why: str = ""  # it did not go out
    made: str = ""  # the message or the process that came of it

    @property
    def timer(self) -> str:
        return TIMER + self.id


def plan_id(*parts: str | int) -> str:
    """The same for what is the same plan: a rule and what it is about.

    >>> plan_id("visits.remind", "visit:17") == plan_id("visits.remind", "visit:17"), len(plan_id("a"))
    (True, 8)
    """
    return ids.digest(*parts, size=5)


def public_id(partition: int, contact_id: str, plan: str) -> str:
    """
    >>> parts_of(public_id(7, "cab", "x1"))
    (7, 'cab', 'x1')
    """
    return f"sc_{partition}_{contact_id}.{plan}"


def awaits(partition: int, contact_id: str, plans: Iterable[Plan]) -> dict[tuple[str, str], int]:
    """What a contact's plans mean to send to groups: group and public id -> ms UTC when it is due."""
    return {
        (plan.group, public_id(partition, contact_id, plan.id)): plan.at
        for plan in plans
        if plan.group and plan.state == SCHEDULED
    }


def parts_of(public: str) -> tuple[int, str, str]:
    """Partition, contact and plan; ValueError when it is no such id."""
    kind, partition, rest = ids.split(public)
    contact_id, dot, plan = rest.partition(".")
    if kind != "sc" or not dot:
        raise ValueError(public)
    return partition, contact_id, plan
