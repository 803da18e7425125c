"""The kinds of values that keys of a flow hold, with messages that an author understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma


class Text(ma.fields.Field[str]):
    """A text; a plain number counts as one, true and null do not."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        raise ma.ValidationError("should be a text" if not isinstance(value, str) else "is empty")


class Texts(ma.fields.Field[tuple[str, ...]]):
    """A text or a list of texts."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        if not items or not all(isinstance(item, str) and item.strip() for item in items):
            raise ma.ValidationError("should be a text or a list of texts")
        return tuple(items)


class Flag(ma.fields.Field[bool]):
    """true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ma.ValidationError("should be true or false")


class Count(ma.fields.Field[int]):
    """A whole number from `least` up."""

    def __init__(self, *, least: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least = least

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= self.least:
            return value
        raise ma.ValidationError(f"should be a whole number from {self.least} up")


class Table(ma.fields.Field[dict[str, Any]]):
    """Keys and values."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, Any]:
        if isinstance(value, Mapping):
            return {str(key): item for key, item in value.items()}
        raise ma.ValidationError("should be keys with values")


class Rows(ma.fields.Field[list[Any]]):
    """A list of keys with values."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            return value
        raise ma.ValidationError("should be a list, each item with keys and values")


class Anything(ma.fields.Field[Any]):
    """A value that the verb itself looks into."""
