"""A moment as clients write it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

LIKE = "write it like 2026-11-21T13:00:00Z"
WORDS: dict[str, Any] = {"invalid": f"is no time: {LIKE}", "invalid_awareness": f"says no time zone: {LIKE}"}


def moment(**more: Any) -> fields.AwareDateTime:
    """A time that says its zone: a day alone begins at another moment for each reader."""
    return fields.AwareDateTime(error_messages=WORDS, **more)
