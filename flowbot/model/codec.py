"""Records as versioned JSON: `{"v": 1, …}`, fields at their default left out, so that an idle contact stays small.

Old records must still decode: a field may be added with a default, never renamed or given another meaning without a
new version number and a case in tests/model/records/.
"""

from __future__ import annotations

import dataclasses
import operator
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args, get_origin

import orjson

from ..errors import ParseError

T = TypeVar("T")
VERSION = 1
_MISSING = dataclasses.MISSING
Fields = tuple[tuple[str, ...], tuple[Any, ...], Callable[[Any], tuple[Any, ...]]]  # names, defaults, values
_PLAIN = frozenset((str, int, float, bool, bytes, type(None)))
_encoders: dict[type, Fields] = {}
_decoders: dict[type, dict[str, Callable[[Any], Any] | None]] = {}


def encode(record: Any) -> bytes:
    """The record as bytes that `decode` turns back into an equal one."""
    return orjson.dumps({"v": VERSION, **to_plain(record)})


def decode(kind: type[T], data: bytes | str) -> T:
    """The record again; ParseError when the bytes are not one of `kind`, or come from a newer release."""
    try:
        plain = orjson.loads(data)
        if plain.pop("v", 0) > VERSION:
            raise ParseError(f"a {kind.__name__} record of a newer release")
        return from_plain(kind, plain)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ParseError(f"not a {kind.__name__} record: {error}") from None


def to_plain(value: Any) -> Any:
    """The value as JSON's own types, default fields left out."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    fields = _encoders.get(kind)
    if fields is not None or dataclasses.is_dataclass(kind):
        return _record(value, fields or _fields(kind))
    if isinstance(value, Mapping):
        return {key: item if type(item) in _PLAIN else to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [item if type(item) in _PLAIN else to_plain(item) for item in value]
    return value


def _record(value: Any, fields: Fields) -> dict[str, Any]:
    # the busiest loop of the whole: most fields of most records are at their default, or plain
    names, defaults, get = fields
    out = {}
    for name, default, item in zip(names, defaults, get(value), strict=True):
        if item is not default and item != default:
            out[name] = item if type(item) in _PLAIN else to_plain(item)
    return out


def from_plain(kind: type[T], plain: Mapping[str, Any]) -> T:
    """The dataclass from what `to_plain` made of it; unknown fields are left out."""
    readers = _decoders.get(kind) or _learn(kind)
    known = {name: item for name, item in plain.items() if name in readers}
    for name, item in known.items():
        reader = readers[name]
        if reader is not None and item is not None:
            known[name] = reader(item)
    return kind(**known)


def _fields(kind: type) -> Fields:
    found = _encoders.get(kind)
    if found is None:
        names = tuple(f.name for f in dataclasses.fields(kind))
        getter = operator.attrgetter(*names)
        get = getter if len(names) > 1 else lambda value: (getter(value),)
        found = _encoders[kind] = (names, tuple(_default(f) for f in dataclasses.fields(kind)), get)
    return found


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not _MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not _MISSING else _MISSING


def _learn(kind: type) -> dict[str, Callable[[Any], Any] | None]:
    hints = typing.get_type_hints(kind)
    found = _decoders[kind] = {f.name: _reader(hints[f.name]) for f in dataclasses.fields(kind)}
    return found


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    """How to turn plain JSON back into the hinted type; None when it already is."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        return _reader(inner[0]) if len(inner) == 1 else None
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return lambda item: from_plain(hint, item)
    if get_origin(hint) is tuple:
        inner_reader = _reader(get_args(hint)[0])
        return tuple if inner_reader is None else lambda item: tuple(inner_reader(one) for one in item)
    return None
