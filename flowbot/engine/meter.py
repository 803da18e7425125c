"""How much work one rendering may be: counted, not timed, so that the same text ends the same way on every machine.

A unit is about a tenth of a microsecond. What takes time in the sandbox says what it takes: rounds of loops by the size
of their body, filters and comparisons by the length of what they look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

from ..errors import ExpressionError

T = TypeVar("T")

BUDGET = 1_000_000  # units: some 100 ms
_DEAR = {"date": 300, "time": 300, "weekday": 300, "money": 100, "number": 100, "plural": 100, "phone": 500}  # units
_LEFT: ContextVar[list[int] | None] = ContextVar("left", default=None)


def spend(units: int) -> None:
    """Take note of work; ExpressionError when there was too much. Outside of a rendering nobody counts."""
    left = _LEFT.get()
    if left is None:
        return
    left[0] -= units
    if left[0] < 0:
        raise ExpressionError("it takes too long: make its loops shorter, or compare less within them")


def measured(work: Callable[..., T], *arguments: Any) -> T:
    """The result of some work, within the budget.

    >>> measured(lambda count: [spend(500_000) for _ in range(count)], 2)
    [None, None]
    >>> measured(lambda count: [spend(500_000) for _ in range(count)], 3)
    Traceback (most recent call last):
        ...
    flowbot.errors.ExpressionError: it takes too long: make its loops shorter, or compare less within them
    """
    token = _LEFT.set([BUDGET])
    try:
        return work(*arguments)
    finally:
        _LEFT.reset(token)


def paying(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, which takes its work from the budget first."""
    price = _DEAR.get(name, 20)
    behind = hasattr(filter_, "jinja_pass_arg")  # its first argument is the context, and the value the second

    @wraps(filter_)
    def run(*arguments: Any, **named: Any) -> Any:
        spend(price + size(arguments[behind]))
        return filter_(*arguments, **named)

    return run


def size(value: Any) -> int:
    """Units for looking at a value once.

    >>> size("Bogotá"), size("a" * 100), size([1, "ab"]), size(None)
    (36, 100, 22, 0)
    """
    if isinstance(value, str):
        return len(value) if value.isascii() else 6 * len(value)
    if isinstance(value, (list, tuple)):
        return 10 * len(value) + sum(map(size, value))
    if isinstance(value, Mapping):
        return 10 * len(value) + sum(map(size, value.values()))
    return 0
