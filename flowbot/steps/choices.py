"""What may be chosen at a question: ids with where they lead and what they do, or rows of data.

```yaml
choices: {basic: closing, full: {then: closing, set: {vars.full: true}}}
choices: {from: find.items, id: sku, title: name, description: "{{ item.price | money }}", then: show, empty: nothing}
```
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from ..model.problem import Path
from .base import Expression, Scope, Tools, Value, Visit
from .labels import NOTHING, Marks, marks
from .set import settings
from .target import Route, Target

RESERVED = ("answered", "invalid", "timeout")
RICH = ("then", "set", "labels", "groups")  # keys of a choice that is more than a way
DATA = ("from", "id", "title", "description", "then", "empty")
FINDS = ("id", "title", "description", "item")
CHOSEN, EMPTY = "from:then", "from:empty"  # triggers of choices from data
_CHOICE = re.compile(r"[^\W_][\w.-]{0,63}\Z")
_FIELD = re.compile(r"[A-Za-z_]\w*(\.\w+)*\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a choice sets, and how it marks the contact, before it leads on."""

    sets: Mapping[str, Value] = field(default_factory=dict)
    labels: Marks = NOTHING
    groups: Marks = NOTHING

    def perform(self, visit: Visit) -> None:
        for name, value in self.sets.items():
            visit.assign(name, value(visit.scope))
        self.labels.apply(visit, "labels")
        self.groups.apply(visit, "groups")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Choices from data: each of the items is one."""

    items: Expression
    id: Callable[[Any, Scope], Any]
    title: Callable[[Any, Scope], Any]
    description: Callable[[Any, Scope], Any] | None = None
    then: Target | None = None
    empty: Target  # where it leads when there is nothing to choose from

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        found = {EMPTY: (Route(target=self.empty),)}
        return {**found, CHOSEN: (Route(target=self.then),)} if self.then is not None else found


def choices_of(
    data: Any, tools: Tools, path: Path, *, reserved: Collection[str] = RESERVED
) -> tuple[dict[str, Target | None], dict[str, Deed]]:
    """Each choice's way (None: the step's `next`), and what it does."""
    ways: dict[str, Target | None] = {}
    deeds: dict[str, Deed] = {}
    if data is None:
        return ways, deeds
    if isinstance(data, list):
        for number, item in enumerate(data):
            _choice_id(item, ways, tools, (*path, number), reserved)
    elif is_data(data):
        hint = "a question with these choices: ask: …"
        tools.problem((*path, "from"), "F205", "choices from data belong to `ask`", hint=hint)
    elif isinstance(data, Mapping) and data:
        for key, item in data.items():
            choice = _choice_id(key, ways, tools, (*path, key), reserved)
            ways[choice] = _choice_way(choice, item, deeds, tools, (*path, key))
    else:
        tools.problem(path, "F203", "choices should be a list of ids, or ids with the step that follows")
    return ways, deeds


def _choice_id(item: Any, ways: dict[str, Target | None], tools: Tools, path: Path, reserved: Collection[str]) -> str:
    choice = str(item)
    if isinstance(item, (Mapping, list, bool)) or item is None or not _CHOICE.match(choice):
        message = f"{choice!r} is no id for a choice"
        tools.problem(path, "F211", message, hint="letters, digits, _ . -; the words on the button are content")
    elif choice in reserved:
        what = "question" if reserved is RESERVED else "such step"
        tools.problem(path, "F211", f"{choice!r} is an outcome of every {what}: take another id")
    elif choice in ways:
        tools.problem(path, "F209", f"the choice {choice!r} is there twice")
    ways.setdefault(choice, None)
    return choice


def _choice_way(choice: str, item: Any, deeds: dict[str, Deed], tools: Tools, path: Path) -> Target | None:
    if item is None:
        return None
    if not isinstance(item, Mapping) or not set(item) & set(RICH):
        return tools.target(item, path)
    tools.row(item, path, (), RICH)
    if set(item) & {"set", "labels", "groups"}:
        deeds[choice] = _deed(item, tools, path)
    return tools.target(item["then"], (*path, "then")) if "then" in item else None


def _deed(item: Mapping[str, Any], tools: Tools, path: Path) -> Deed:
    given = item.get("set", {})
    if not isinstance(given, Mapping):
        tools.problem((*path, "set"), "F203", "`set` should be names with values")
        given = {}
    found = {word: marks(item[word], tools, (*path, word)) for word in ("labels", "groups") if word in item}
    return Deed(
        sets=settings(given, tools, (*path, "set")),
        labels=found.get("labels", NOTHING),
        groups=found.get("groups", NOTHING),
    )


def is_data(data: Any) -> TypeGuard[Mapping[str, Any]]:
    """
    >>> is_data({"from": "find.items", "title": "name"}), is_data({"from": "next_step", "to": "other"})
    (True, False)
    """
    others = ("id", "title", "description", "empty")
    return isinstance(data, Mapping) and isinstance(data.get("from"), str) and any(key in data for key in others)


def offer_of(data: Mapping[str, Any], tools: Tools, path: Path) -> Offer:
    """Choices from data; a step where nothing leads when there is none fails the flow as `no_choices`."""
    row = tools.row(data, path, ("from",), DATA)
    if "empty" in row:
        empty = tools.target(row["empty"], (*path, "empty"))
    else:
        empty = Target(kind="fail", name="no_choices")
        message = "when there is nothing to choose from, the flow ends as failed: no_choices"
        tools.problem((*path, "from"), "F230", message, hint="or say where to go: empty: …", level="warning")
    return Offer(
        items=tools.expression(row.get("from"), (*path, "from")),
        id=_part(row.get("id", "id"), tools, (*path, "id")),
        title=_part(row.get("title", "title"), tools, (*path, "title")),
        description=_part(row["description"], tools, (*path, "description")) if "description" in row else None,
        then=tools.target(row["then"], (*path, "then")) if "then" in row else None,
        empty=empty,
    )


def _part(given: Any, tools: Tools, path: Path) -> Callable[[Any, Scope], Any]:
    """A field of the item by its name, or a text with `{{ item.… }}`."""
    if isinstance(given, str) and _FIELD.match(given):
        names = given.split(".")
        return lambda item, _: _field(item, names)
    if not isinstance(given, str) or "{{" not in given:
        hint = 'the name of a field, or "{{ item.name }}"'
        tools.problem(path, "F203", f"{given!r} is no field of an item", hint=hint)
        return lambda item, _: None
    made: Value = tools.value(given, path, given=("item",))
    return lambda item, scope: made({**scope, "item": item})


def _field(item: Any, names: list[str]) -> Any:
    """
    >>> _field({"name": {"es": "Pan"}}, ["name", "es"]), _field({"name": 3}, ["name", "es"]), _field("x", ["id"])
    ('Pan', None, 'x')
    """
    if not isinstance(item, Mapping):
        return item  # a list of texts: each is its own id and title
    for name in names:
        item = item.get(name) if isinstance(item, Mapping) else None
    return item
