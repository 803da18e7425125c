"""Changes to the lines of a chat in a YAML text; what is not changed keeps its layout and its comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..library.places import Place, places_in
from ..model.problem import Path
from .write import flow_style

_TRAILING = re.compile(r"[ \t]*(#[^\r\n]*)?(\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Give the value at `path` another one; or take the list item away; or put `{who: …}` items behind or before it."""

    path: Path
    kind: str  # set, drop, after, before
    value: Any = None  # of `set`; of the others a list of items


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit made.

    >>> text = "chat:\\n  - bot: old  # why\\n  - bot: gone\\n"
    >>> new = Edit(path=("chat", 0), kind="after", value=[{"bot": {"text": "a: b"}}])
    >>> apply(text, [Edit(path=("chat", 0, "bot"), kind="set", value="new"), new, Edit(path=("chat", 1), kind="drop")])
    'chat:\\n  - bot: new  # why\\n  - bot: {text: "a: b"}\\n'
    """
    places = places_in(text)
    changes = [_change(text, places, edit) for edit in edits]
    # From the end on, so that places before stay true; at the same place what was asked for first comes first.
    for start, end, new in sorted(reversed(changes), key=lambda change: change[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _change(text: str, places: Mapping[Path, Place], edit: Edit) -> tuple[int, int, str]:
    here = places[edit.path]
    if edit.kind == "set":
        return _set(text, here, flow_style(edit.value))
    if places[edit.path[:-1]].flow:
        return _in_brackets(places, edit, here)
    line = text.rfind("\n", 0, here.start) + 1
    after = _TRAILING.match(text, here.end)
    end = after.end() if after else here.end
    if edit.kind == "drop":
        return line, end, ""
    newline = "\r\n" if "\r\n" in text else "\n"
    lead = text[line : here.start]
    lead = lead if lead.strip() in ("-", "") else re.match(r"\s*", lead)[0] + "- "  # type: ignore[index]
    made = newline.join(lead + _item(one) for one in edit.value) + newline
    if edit.kind == "before":
        return line, line, made
    open_end = end == len(text) and not text.endswith(("\n", "\r"))
    return end, end, newline + made.removesuffix(newline) if open_end else made


def _set(text: str, here: Place, new: str) -> tuple[int, int, str]:
    """A value below its key moves up to it."""
    start = here.start
    before = text[:start].rstrip()
    if here.block and "\n" in text[len(before) : start] and before.endswith(":"):
        return len(before), here.end, " " + new
    return start, here.end, new


def _in_brackets(places: Mapping[Path, Place], edit: Edit, here: Place) -> tuple[int, int, str]:
    items = ", ".join(flow_style(one) for one in edit.value or ())
    if edit.kind == "after":
        return here.end, here.end, f", {items}"
    if edit.kind == "before":
        return here.start, here.start, f"{items}, "
    before, after = _beside(edit.path, -1), _beside(edit.path, 1)
    if before in places:
        return places[before].end, here.end, ""
    return (here.start, places[after].start, "") if after in places else (here.start, here.end, "")


def _beside(path: Path, by: int) -> Path:
    number = path[-1]
    assert isinstance(number, int)
    return (*path[:-1], number + by)


def _item(one: Mapping[str, Any]) -> str:
    """A line of a chat without brackets: `bot: hello`."""
    pairs: Sequence[tuple[str, Any]] = tuple(one.items())
    return ", ".join(f"{name}: {flow_style(value)}" for name, value in pairs)
