"""From the fields of marshmallow schemas to JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from ..library import fields as door
from ..steps import fields as step
from . import shapes
from .shapes import Shape

SECRET = r"^\$\{(env|file):"  # filled in before the file is read
_KINDS = {dict: "object", list: "array", float: "number", int: "integer", str: "string", bool: "boolean"}


def properties(schema: type[ma.Schema] | ma.Schema, known: Mapping[str, Shape] | None = None) -> dict[str, Shape]:
    """Key -> shape; `known` says more about a key than its field does."""
    made = schema() if isinstance(schema, type) else schema
    found = {field.data_key or name: field for name, field in made.fields.items()}
    return {key: (known or {}).get(key) or shape_of(field) for key, field in found.items()}


def required(schema: type[ma.Schema] | ma.Schema) -> list[str]:
    made = schema() if isinstance(schema, type) else schema
    return [field.data_key or name for name, field in made.fields.items() if field.required]


def keys(schema: type[ma.Schema] | ma.Schema, known: Mapping[str, Shape] | None = None) -> Shape:
    """A mapping by the schema, other keys refused."""
    return shapes.keys(properties(schema, known), required=required(schema))


def shape_of(field: ma.fields.Field[Any]) -> Shape:
    """
    >>> shape_of(step.Flag()), shape_of(door.Text(one_of=["a", "b"]))
    ({'type': 'boolean'}, {'type': 'string', 'enum': ['a', 'b']})
    """
    match field:
        case step.Texts():
            return shapes.one_or_more({"type": "string"})
        case step.Flag() | door.Flag():
            return {"type": "boolean"}
        case step.Count():
            return {"type": "integer", "minimum": field.least}
        case step.Table():
            return {"type": "object"}
        case step.Rows():
            return {"type": "array", "items": {"type": "object"}, "minItems": 1}
        case door.Score():
            return {"type": "number", "minimum": 0}
        case door.Count():
            return {"type": "integer", "minimum": 1, "maximum": field.most}
        case door.Duration():
            return shapes.either(shapes.DURATION, _secret())
        case door.Rate():
            return shapes.either({"type": "number"}, {"type": "string", "examples": ["80/s", "20/m"]})
        case door.Listing():
            return _listing(field)
        case door.Plain():
            kinds = field.kind if isinstance(field.kind, tuple) else (field.kind,)
            return {"type": _KINDS[kinds[0]]} if len(kinds) == 1 else {"type": [_KINDS[kind] for kind in kinds]}
        case door.Text():
            return _text(field)
        case step.Text():
            return shapes.TEXT
    return {}


def _text(field: door.Text) -> Shape:
    if field.one_of:
        return shapes.one_of(field.one_of)
    match field:
        case door.Timezone():
            return shapes.zones()
        case door.Country():
            return {"type": "string", "pattern": f"^[A-Z]{{2}}$|{SECRET}"}
        case door.Language():
            return shapes.LANGUAGE
        case door.Name():
            return {"type": "string", "pattern": f"^[a-z][a-z0-9_-]{{0,62}}$|{SECRET}"}
    return shapes.TEXT


def _listing(field: door.Listing) -> Shape:
    inner = _text(field.inner)
    found = shapes.one_or_more(inner)
    return shapes.either(*found["anyOf"], {"const": "all"}) if field.all_word else found


def _secret() -> Shape:
    return {"type": "string", "pattern": SECRET}
