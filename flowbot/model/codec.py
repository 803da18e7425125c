"""Records as versioned JSON: `{"v": 1, …}`, fields at their default left out, so that an idle contact stays small.

Old records must still decode: a field may be added with a default, never renamed or given another meaning without a
new version number and a case in tests/model/records/.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args, get_origin

import orjson

from ..errors import NewerRelease, ParseError
from .quick import loader

T = TypeVar("T")
VERSION = 1
_MISSING = dataclasses.MISSING
Encoder = Callable[[Any, dict[str, Any]], dict[str, Any]]  # the record, and the dict that takes what it holds
Reader = Callable[[Any], Any]
_PLAIN = frozenset((str, int, float, bool, bytes, type(None)))
_encoders: dict[type, Encoder] = {}
_decoders: dict[type, Reader] = {}


def encode(record: Any) -> bytes:
    """The record as bytes that `decode` turns back into an equal one."""
    kind = type(record)
    return dump((_encoders.get(kind) or _encoder(kind))(record, {"v": VERSION}))


def dump(value: Any) -> bytes:
    """JSON of plain data with records anywhere in it.

    >>> from flowbot.model.outbound import Choice
    >>> dump({"choices": (Choice(id="a", title="A"),)})
    b'{"choices":[{"id":"a","title":"A"}]}'
    """
    return orjson.dumps(value, default=_flat, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def decode(kind: type[T], data: bytes | str) -> T:
    """The record again; ParseError when the bytes are not one of `kind`, NewerRelease when one of those made them."""
    try:
        plain = orjson.loads(data)
        if plain.pop("v", 0) > VERSION:
            raise NewerRelease(f"a {kind.__name__} record of a newer release")
        return from_plain(kind, plain)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ParseError(f"not a {kind.__name__} record: {error}") from None


def to_plain(value: Any) -> Any:
    """The value as JSON's own types, default fields left out."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple or kind is list:
        return [to_plain(item) for item in value]
    if kind in _encoders or dataclasses.is_dataclass(kind) or isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in _flat(value).items()}
    return value


def _flat(value: Any) -> Any:
    """A record or mapping as a dict of what is in it; TypeError for what JSON does not have."""
    kind = type(value)
    encoder = _encoders.get(kind)
    if encoder is not None:
        return encoder(value, {})
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(kind):
        return _encoder(kind)(value, {})
    raise TypeError(f"{kind.__name__} is nothing that JSON has")


def _encoder(kind: type) -> Encoder:
    """A function written out for the record, as `dataclass` writes `__init__`: nothing is busier, and a loop over the
    fields takes twice as long.
    """
    names: dict[str, Any] = {}
    lines = ["def encode(record, out):"]
    for number, one in enumerate(dataclasses.fields(kind)):
        default = names[f"default_{number}"] = _default(one)
        put = f"out[{one.name!r}] = item"
        lines.append(f"    item = record.{one.name}")
        if default is _MISSING:
            lines.append(f"    {put}")
        elif default is None:
            lines.append(f"    if item is not None: {put}")
        else:
            lines.append(f"    if item is not default_{number} and item != default_{number}: {put}")
    exec("\n".join([*lines, "    return out"]), names)  # only names of our own fields go in
    found: Encoder = names["encode"]
    _encoders[kind] = found
    return found


def from_plain(kind: type[T], plain: Mapping[str, Any]) -> T:
    """The dataclass from what `to_plain` made of it; unknown fields are left out."""
    return (_decoders.get(kind) or _decoder(kind))(plain)  # type: ignore[no-any-return]


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not _MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not _MISSING else _MISSING


def _decoder(kind: type) -> Reader:
    hints = typing.get_type_hints(kind)
    listed = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}
    readers = {name: reader for name, reader in listed.items() if reader is not None}

    def read(plain: Mapping[str, Any]) -> Any:
        known = {name: item for name, item in plain.items() if name in listed}
        for name, reader in readers.items():
            if known.get(name) is not None:
                known[name] = reader(known[name])
        return kind(**known)

    found = _decoders[kind] = loader(kind, readers) or read
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
