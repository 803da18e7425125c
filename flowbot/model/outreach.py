"""What an account allows of what the business sends by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outreach:
    """Hours by the contact's clock, unless they are the office's; 0 for no limit."""

    per_day: int = 0  # sends to one contact in any 24 hours
    per_week: int = 0
    office: bool = False  # the office's own hours, by its own clock
    hours: Mapping[str, Any] = field(default_factory=dict)  # day -> ("08:00", "12:00") pairs, as of an office
    quiet: tuple[tuple[str, str], ...] = ()  # ("21:00", "07:00") pairs of every day
