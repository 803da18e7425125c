"""A flow's re-engagements: what is said when an open question meets silence, and in which hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache

from ..model.contact import Contact
from ..model.project import Account
from .entry import Letter
from .schedule import EVERY_DAY, Hours, Span, office_hours
from .timezone import zone

YES_NO = ("yes", "no")  # every re-engagement has these answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The hours in which one may go out: an office's, or spans of weekdays (0 is Monday)."""

    spans: tuple[tuple[int, tuple[Span, ...]], ...] = tuple((day, EVERY_DAY) for day in range(7))
    timezone: str = ""  # "": the flow's, else the contact's, else the account's
    office: bool = False  # the account's own hours, by its own clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer beside yes and no does: the same again after a while, or a way that the machine knows."""

    again: int = 0  # ms
    trigger: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reengage:
    """After `after` ms of silence: say something, with buttons."""

    after: int
    say: str
    window: Window = field(default_factory=Window)
    choices: Mapping[str, Answer] = field(default_factory=dict)
    letter: Letter | None = None  # the template that goes when the 24-hour window has closed
    early: bool = False  # rather before its time than after the 24-hour window has closed

    @property
    def answers(self) -> tuple[str, ...]:
        return (*YES_NO, *self.choices)


def hours_of(window: Window, timezone: str, contact: Contact, account: Account) -> Hours:
    """The hours for one contact; `timezone` is the flow's.

    >>> from ..model.contact import Contact
    >>> ana = Contact(id="c", account="a", timezone="America/Bogota")
    >>> hours = hours_of(Window(), "", ana, Account(name="a"))
    >>> str(hours), str(hours.zone)
    ('08:00-19:00', 'America/Bogota')
    """
    if window.office:
        return office_hours(account.office, zone(account.timezone))
    return _hours(window, zone(window.timezone, timezone, contact.timezone, account.timezone))


@lru_cache(maxsize=256)
def _hours(window: Window, where: tzinfo) -> Hours:
    return Hours(spans=dict(window.spans), zone=where)
