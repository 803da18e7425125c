"""A flow that begins anew: at its first step once more, or as another process that takes the open one's place."""

from __future__ import annotations

from . import life
from .draft import Draft
from .live import Live

CONTACT, CLIENT, FLOW = "contact", "client", "flow"  # who wanted it
_WORDS = ("anytime:", "command:", "listen:", "reengage:")  # triggers that a word of the contact's own has pulled


def tell(draft: Draft, by: str, *, step: str, replaces: str = "") -> None:
    """The open process begins at its first step; `step` is what was left for that, `replaces` the process that was."""
    draft.trace("restarted", by)
    life.tell(draft, "session.restarted", step=step or None, by=by, replaces=replaces or None)


def by_word(draft: Draft, trigger: str, step: str) -> None:
    """A word has led from where the process stands to a step: its first one is a new beginning."""
    live = draft.live
    if live is not None and not live.above and step == live.flow_.first and trigger.startswith(_WORDS):
        tell(draft, CONTACT, step=live.step)


class Before:
    """What was open before a process began, to tell whether that is the same flow anew."""

    __slots__ = ("flow", "id", "step")

    def __init__(self, live: Live | None) -> None:
        top = live.above[-1] if live is not None and live.above else live
        self.flow, self.id, self.step = (top.flow, top.id, top.step) if top is not None else ("", "", "")

    def follow(self, draft: Draft, by: str) -> None:
        """Another process has begun in its place."""
        live = draft.live
        if self.id and live is not None and live.flow == self.flow:
            tell(draft, by, step=self.step, replaces=self.id)
