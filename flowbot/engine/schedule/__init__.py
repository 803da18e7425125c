"""When a send that the business starts goes out, as what, and why: the one scheduler. Pure; ms UTC in and out."""

from __future__ import annotations

from .decision import WARM, Cap, Decision, Recipient, Send, Tier, decide, when
from .hours import EVERY_DAY, Hours, Span, span
from .office import office_hours
from .opening import last_open, opening

__all__ = [
    "EVERY_DAY",
    "WARM",
    "Cap",
    "Decision",
    "Hours",
    "Recipient",
    "Send",
    "Span",
    "Tier",
    "decide",
    "last_open",
    "office_hours",
    "opening",
    "span",
    "when",
]
