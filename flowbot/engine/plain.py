"""Values as text: what `{{ }}` prints.

To a person, true and false are said as the buttons of a question of yes or no say them; to a machine they stay so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import date
from typing import Any, TypeVar

from jinja2 import Undefined

T = TypeVar("T")
_LABEL: ContextVar[Callable[[bool], str] | None] = ContextVar("label", default=None)


def aloud(label: Callable[[bool], str], work: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """The result of some work, whose texts are for a person: they say true and false by their `label`.

    >>> aloud(lambda value: "Sí" if value else "No", plain, [True, 2])
    'Sí, 2'
    """
    token = _LABEL.set(label)
    try:
        return work(*arguments, **named)
    finally:
        _LABEL.reset(token)


def plain(value: Any) -> str:
    """A value as `{{ }}` prints it.

    >>> plain(None), plain(2.0), plain(True), plain(["a", 1]), plain("x")
    ('', '2', 'true', 'a, 1', 'x')
    """
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        label = _LABEL.get()
        return label(value) if label else "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    return str(value)
