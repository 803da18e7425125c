"""More choices than a list holds: numbered text, a page at a time. Every number counts, also one not shown yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model.outbound import Choice, Outbound
from ..model.quick import replace
from .match import Option

PAGE = 10  # as many as a list has rows


def is_long(options: Sequence[Option]) -> bool:
    return len(options) > PAGE


def count(options: Sequence[Option]) -> int:
    """How many pages there are.

    >>> count([Option(id=str(number), title="") for number in range(21)])
    3
    """
    return max(1, -(-len(options) // PAGE))


def names(options: Sequence[Option], page: int) -> Mapping[str, int]:
    """What the hint to the next page reads: the first and the last number there, and the total.

    >>> names([Option(id=str(number), title="") for number in range(12)], 0)
    {'first': 11, 'last': 12, 'total': 12}
    """
    start = (page + 1) * PAGE
    return {"first": start + 1, "last": min(start + PAGE, len(options)), "total": len(options)}


def put(outbound: Outbound, options: Sequence[Option], page: int, hint: str) -> Outbound:
    """The message with the choices of one page alone, numbered on from the page before."""
    shown = options[page * PAGE : (page + 1) * PAGE]
    choices = tuple(Choice(id=one.id, title=one.title, description=one.description) for one in shown)
    footer = "\n\n".join(part for part in (outbound.footer, hint) if part)
    return replace(outbound, choices=choices, footer=footer, extra={**outbound.extra, "numbered": page * PAGE + 1})
