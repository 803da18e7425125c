"""The clock of simulated sessions jumps forward; that of a real one does not, whoever asks."""

from __future__ import annotations

from ..engine.turn import Book, Turn
from ..engine.turn import advance as run_turn
from ..model.contact import Contact
from ..model.event import ClockAdvanced
from ..model.project import Channel
from ..model.quick import replace
from ..model.session import Session


def advance(session: Session, contact: Contact, event: ClockAdvanced, channel: Channel, book: Book, now: int) -> Turn:
    """The session `event.by` ms later, on a channel whose gateway is the simulator; elsewhere nothing happens."""
    if not channel.simulated or event.by < 0:
        return Turn(session=replace(session, version=session.version + 1), contact=contact)
    return run_turn(session, contact, event, book, now)
