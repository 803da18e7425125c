"""The schema of content/<language>/*.yaml."""

from __future__ import annotations

from ..engine.content import TABLES
from ..engine.entry import ATTACHMENTS, FIELDS, PLURALS
from . import hover, shapes
from .known import Known
from .shapes import WORDS, Shape, either, one_or_more, ref, rows, table


def content_schema(known: Known) -> Shape:
    tables = hover.explained("content", dict.fromkeys(sorted(TABLES), table(one_or_more(WORDS))))
    shape = {"type": "object", "properties": tables, "additionalProperties": ref("entry")}
    fields = _fields()
    definitions = {
        "entry": _or_words({**fields, **rows(ref("bubble")), "minItems": 1}, "array"),
        "bubble": _or_words(fields),
        "wording": _or_words(shapes.keys(dict.fromkeys(sorted(PLURALS), WORDS), required=["other"])),
        "label": _or_words(_label()),
    }
    return shapes.document("Words", shape, definitions)


def _or_words(shape: Shape, *more: str) -> Shape:
    """The mapping, or a text alone. One shape of several types: an editor's message then is about the right one."""
    return {**shape, "type": [*WORDS["type"], "object", *more]}


def _fields() -> Shape:
    """A message's parts; or the plural forms of one text."""
    file = {"filename": ref("wording"), "url": {"type": "string"}, "path": {"type": "string"}}
    known: dict[str, Shape] = {
        "any": {**rows(ref("bubble")), "minItems": 1},
        "choices": table(ref("label")),
        "location": table(
            {"type": ["string", "number"]},
            required=["latitude", "longitude"],
            properties={key: {"type": ["string", "number"]} for key in ("latitude", "longitude", "name", "address")},
        ),
        "outside": {"type": "object"},
        **dict.fromkeys(ATTACHMENTS, either(ref("wording"), shapes.keys(file))),
        **dict.fromkeys(PLURALS, WORDS),
    }
    named = {name: known.get(name, ref("wording")) for name in (*sorted(FIELDS), "outside", *sorted(PLURALS))}
    return shapes.keys(hover.explained("entry", named))


def _label() -> Shape:
    """A choice's words, or the plural forms of its title."""
    parts = {"title": ref("wording"), "description": ref("wording"), "aliases": one_or_more(WORDS)}
    return shapes.keys({**parts, **dict.fromkeys(sorted(PLURALS), WORDS)})
