"""Choices from data: the rows that were offered stay with the question, whatever becomes of the data meanwhile.

An id that would not fit a button, or could be mistaken for something else there, goes out as a reference: `#3` is the
third row. The answer is always the id as the data have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import ExpressionError
from ..steps.choices import Offer
from .match import Option
from .plain import plain

MOST = 200  # rows
_LONGEST = 300  # characters of a title or a description
_BUTTON = re.compile(r"[^\W_][\w.-]{0,63}\Z")
_MARK = "#"
Row = Mapping[str, Any]  # id, title, description


def rows(offer: Offer, scope: Mapping[str, Any], trace: Callable[[str, str], None]) -> tuple[Row, ...]:
    """One for each item that has an id; what is left out is in the trace."""
    found: dict[str, Row] = {}
    items = _items(offer, scope, trace)
    lost = 0
    for item in items[:MOST]:
        row = _row(item, offer, scope)
        if row is None or str(row["id"]) in found:
            lost += 1
        else:
            found[str(row["id"])] = row
    if lost or len(items) > MOST:
        trace("left_out", f"{lost + max(0, len(items) - MOST)} of {len(items)} choices")
    return tuple(found.values())


def options(offered: Sequence[Row]) -> tuple[Option, ...]:
    """
    >>> options([{"id": 7, "title": "Pan"}, {"id": "a b/c", "title": "Té"}])[1]
    Option(id='#2', title='Té', description='', aliases=('a b/c',))
    """
    return tuple(
        Option(
            id=_button(row, number),
            title=row["title"],
            description=row.get("description", ""),
            aliases=() if _button(row, number) == str(row["id"]) else (str(row["id"]),),
        )
        for number, row in enumerate(offered, start=1)
    )


def find(offered: Sequence[Row], button: str) -> Row:
    """The row behind a button."""
    return next(row for number, row in enumerate(offered, start=1) if _button(row, number) == button)


def whole(row: Row, offer: Offer, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The row, and its `item` with all that the data still say of it."""
    items = (one for one in _items(offer, scope) if offer.id(one, scope) == row["id"])
    found = next(items, None)
    return dict(row) if found is None else {**row, "item": found}


def _items(offer: Offer, scope: Mapping[str, Any], trace: Callable[[str, str], None] | None = None) -> Sequence[Any]:
    try:
        found = offer.items(scope)
    except ExpressionError as error:
        found, why = (), str(error)[:200]
    else:
        why = "" if isinstance(found, (list, tuple)) else f"`from` is no list: {type(found).__name__}"
    if why and trace:
        trace("error", why)
    return found if isinstance(found, (list, tuple)) else ()


def _row(item: Any, offer: Offer, scope: Mapping[str, Any]) -> Row | None:
    try:
        id = offer.id(item, scope)
        title = plain(offer.title(item, scope)).strip()
        described = plain(offer.description(item, scope)).strip() if offer.description else ""
    except ExpressionError:
        return None
    if not isinstance(id, (str, int, float)) or isinstance(id, bool) or not str(id).strip():
        return None
    row = {"id": id, "title": (title or str(id))[:_LONGEST]}
    return {**row, "description": described[:_LONGEST]} if described else row


def _button(row: Row, number: int) -> str:
    id = str(row["id"])
    return id if _BUTTON.match(id) else f"{_MARK}{number}"
