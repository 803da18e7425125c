"""Values for a contact's record, as its declared fields have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ...broadcasts.recipients import typed
from ..mistakes import Mistakes, escape, unknown


def read_fields(given: Mapping[str, Any], declared: Mapping[str, str]) -> tuple[dict[str, Any], Mistakes]:
    """Each as its field has it, None to empty one; and what is none.

    >>> read_fields({"children": "3", "city": None}, {"children": "integer", "city": "text"})
    ({'children': 3, 'city': None}, [])
    >>> read_fields({"children": "many", "town": "X"}, {"children": "number", "city": "text"})[1]
    [('/fields/children', 'is no number'), ('/fields/town', 'is unknown: there are children, city')]
    """
    made: dict[str, Any] = {}
    wrong: Mistakes = []
    for name, value in given.items():
        if name not in declared:
            wrong.append((f"/fields/{escape(name)}", unknown(name, declared)))
            continue
        made[name] = None if value is None else _typed(value, declared[name])
        if made[name] is None and value is not None:
            wrong.append((f"/fields/{escape(name)}", f"is no {declared[name]}"))
    return made, wrong


def _typed(value: Any, kind: str) -> Any:
    if isinstance(value, (dict, list)) or (isinstance(value, bool) and kind != "yes_no"):
        return None
    made = typed(value, kind)
    if kind == "integer" and not isinstance(made, int):
        return None
    if kind == "date":
        try:
            date.fromisoformat(str(made))
        except ValueError:
            return None
    return made
