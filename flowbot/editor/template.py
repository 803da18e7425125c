"""The schema of content/templates/*.yaml."""

from __future__ import annotations

from ..library import templates as doors
from ..model.template import BUTTONS, CATEGORIES
from . import hover, shapes
from .fields import properties
from .known import Known
from .shapes import DURATION, TEXT, Shape, either, one_of, ref, rows, suggested, table

_EXAMPLES = table({"type": ["string", "number"]})


def template_schema(known: Known) -> Shape:
    parts: dict[str, Shape] = {
        "category": one_of(CATEGORIES),
        "parameters": one_of(("positional", "named")),
        "topic": suggested((), {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"}),
        "examples": _EXAMPLES,
        "defaults": table(either(TEXT, rows(TEXT))),
        "languages": {**table(ref("words"), propertyNames=shapes.LANGUAGE), "minProperties": 1},
    }
    named = hover.explained("template", properties(doors.TemplateDoor, parts))
    whole = shapes.document("A template", shapes.keys(named, required=["category", "languages"]), _definitions())
    code = {"properties": {"category": {"const": "authentication"}}}
    return {
        **whole,
        "if": code,
        "then": {"properties": {"languages": table(either({"type": "null"}, ref("code")))}},
        "else": {"properties": {"languages": table(ref("spoken"))}},
    }


def _definitions() -> dict[str, Shape]:
    header = hover.explained("template_header", properties(doors.HeaderDoor))
    words: dict[str, Shape] = {
        "header": either({"type": "string"}, {**shapes.keys(header), "minProperties": 1, "maxProperties": 1}),
        "buttons": rows(ref("button")),
        "examples": _EXAMPLES,
    }
    spoken = hover.explained("template_words", properties(doors.WordingDoor, words))
    code = hover.explained("template_code", {**properties(doors.CodeDoor), "expires": DURATION})
    return {
        "words": {"type": ["object", "null"], "properties": {name: {} for name in (*spoken, *code)}},
        "spoken": shapes.keys(spoken, required=["body"]),
        "code": shapes.keys(code),
        "button": _button(),
    }


def _button() -> Shape:
    """One kind of button; all but a code have words of their own."""
    named = hover.explained("template_button", {**dict.fromkeys(BUTTONS, TEXT), "text": TEXT})
    kinds = [{"required": [kind, *(["text"] if kind != "copy_code" else [])]} for kind in BUTTONS]
    return {**shapes.keys(named), "oneOf": kinds}
