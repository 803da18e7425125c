"""One turn: from an event to the next wait. Pure: the clock is an argument, and everything done is an effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..model.contact import Contact
from ..model.effect import Effect
from ..model.event import Event
from ..model.project import Account
from ..model.session import Session
from .flow import Flow
from .starts import Starts


class Book(Protocol):
    """Where a turn looks things up; the library is one, a dict in a test another."""

    def account(self, name: str) -> Account:
        """NotFound when there is none."""

    def flow(self, id: str, version: str = "") -> Flow:
        """The given version, or the newest; NotFound when there is none."""

    def starts(self, account: str, channel: str) -> Starts:
        """What starts a conversation on this channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What an event led to. `session.version` is one higher than before, whatever happened."""

    session: Session
    contact: Contact
    effects: tuple[Effect, ...] = ()


def advance(session: Session, contact: Contact, event: Event, book: Book, now: int, *, partition: int = 0) -> Turn:
    """Apply one event at `now` (ms UTC); never raises for an author's mistake."""
    raise NotImplementedError
