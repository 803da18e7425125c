"""The shapes that come again and again in the files of a project, as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

Shape = dict[str, Any]

TEXT: Shape = {"type": ["string", "number"]}
WORDS: Shape = {"type": ["string", "number", "boolean"]}  # of content: `yes: true` is the word true
EXPRESSION: Shape = {
    "type": ["string", "number", "boolean"],
    "pattern": r"^(?!\s*\{\{)",
    "patternErrorMessage": "A condition is written bare, without {{ }}.",
}
DURATION: Shape = {
    "type": "string",
    "pattern": r"^\s*([0-9]{1,9}\s*[wdhms]\s*)+$",
    "patternErrorMessage": "A duration is a number and s, m, h, d or w: 30s, 10m, 2h, 3d.",
    "examples": ["30s", "10m", "2h", "3d"],
}
REASON: Shape = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9_]{0,63}$",
    "patternErrorMessage": "A name of small letters, digits and _.",
}
LANGUAGE: Shape = {
    "type": "string",
    "pattern": "^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$",
    "patternErrorMessage": "A language's code, like es or pt-BR.",
}


def keys(properties: Mapping[str, Any], *, required: Iterable[str] = (), more: Any = False) -> Shape:
    """A mapping of these keys; others are refused, or have the shape `more`."""
    shape: Shape = {"type": "object", "properties": dict(properties), "additionalProperties": more}
    needed = list(required)
    return {**shape, "required": needed} if needed else shape


def table(values: Any = True, **more: Any) -> Shape:
    """Any keys, with values of one shape."""
    return {"type": "object", "additionalProperties": values, **more}


def rows(item: Any) -> Shape:
    return {"type": "array", "items": item}


def one_or_more(item: Shape) -> Shape:
    """The thing itself, or a list of such."""
    return either(item, {**rows(item), "minItems": 1})


def either(*shapes: Shape) -> Shape:
    return {"anyOf": list(shapes)}


def one_of(names: Iterable[str]) -> Shape:
    return {"type": "string", "enum": list(names)}


def suggested(names: Iterable[str], other: Shape | None = None) -> Shape:
    """These names are offered; a name that is new since the schema was written is no mistake."""
    found = list(names)
    return either(one_of(found), other or {"type": "string"}) if found else other or {"type": "string"}


def ref(name: str) -> Shape:
    return {"$ref": f"#/definitions/{name}"}


def days() -> Shape:
    """A day of the week, or several in a row."""
    day = "(mon|tue|wed|thu|fri|sat|sun)"
    return {"type": "string", "pattern": f"^{day}(-{day})?$", "examples": ["mon", "mon-fri"]}


def zones() -> Shape:
    return one_of(sorted(available_timezones()))


def told(shape: Shape, text: str, *, long: str = "") -> Shape:
    """The shape with what an editor shows beside it."""
    if not text:
        return shape
    return {**shape, "description": text, **({"markdownDescription": long} if long else {})}


def document(title: str, shape: Shape, definitions: Mapping[str, Shape]) -> Shape:
    """A whole schema."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        **shape,
        "definitions": dict(definitions),
    }
