"""The schema of a question's bounds: each type of answer takes its own, each bound a kind of value."""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.answers import KINDS, asked
from . import hover
from .shapes import Shape, either

_LATER: Shape = {"type": "string", "pattern": r"\{\{", "patternErrorMessage": "Its value, or an expression in {{ }}."}
_CODE: Shape = {"type": "string", "pattern": "^[A-Z]{2}$", "patternErrorMessage": "A country's code, like CO."}
_PLAIN: Mapping[asked.Bound, Shape] = {
    asked.a_number: {"type": "number"},
    asked.a_count: {"type": "integer", "minimum": 0},
    asked.a_text: {"type": "string", "minLength": 1},
    asked.a_flag: {"type": "boolean"},
    asked.a_table: {"type": "object", "minProperties": 1},
    asked.a_country: _CODE,
    asked.countries: {"type": "array", "items": _CODE, "minItems": 1},
    asked.texts: {"type": "array", "items": {"type": "string"}, "minItems": 1},
}


def bounds(kind: str) -> Shape:
    """What `with` takes where `expect` is this kind."""
    asks: Shape = {"properties": {"expect": {"const": kind}}, "required": ["ask", "expect"]}
    named = hover.explained("bounds", {key: _value(bound) for key, bound in KINDS[kind].BOUNDS.items()})
    within: Shape = {"properties": named, "propertyNames": {"enum": list(named)}} if named else {"maxProperties": 0}
    return {"if": asks, "then": {"properties": {"with": within}}}


def _value(bound: asked.Bound) -> Shape:
    """A constant of the bound's kind, or what is only known when the question is asked."""
    if isinstance(bound, asked.OneOf):
        listed: Shape = {"type": "array", "items": {"enum": list(bound.known)}, "minItems": 1}
        return either(listed, _LATER)
    shape = _PLAIN.get(bound)
    return either(shape, _LATER) if shape else {}
