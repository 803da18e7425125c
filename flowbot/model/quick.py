"""Frozen records that cost a third: of making them, and a tenth of changing a field.

A frozen dataclass sets each field by a call of `object.__setattr__`; a turn makes dozens of them, with some hundred
fields. A quick one is made open, as a class with the same slots, and then becomes the frozen one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
_open: dict[type, type] = {}  # a quick kind -> the class that its records are made as
_changers: dict[type, Callable[[Any, Mapping[str, Any]], Any]] = {}


def quick(kind: type[T]) -> type[T]:
    """The frozen, slotted dataclass with a quicker `__init__`, and `replace` below. It has no subclasses, and no
    bases with fields.

    >>> @quick
    ... @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    ... class Point:
    ...     x: int
    ...     marks: list[str] = dataclasses.field(default_factory=list)
    >>> replace(Point(x=1), x=2)
    Point(x=2, marks=[])
    >>> Point(x=1).x = 3
    Traceback (most recent call last):
    dataclasses.FrozenInstanceError: cannot assign to field 'x'
    """
    listed = dataclasses.fields(kind)  # type: ignore[arg-type]
    inside: dict[str, Any] = {"__slots__": tuple(one.name for one in listed)}
    if "__orig_bases__" in vars(kind):  # Generic[T] and the like
        inside["__orig_bases__"] = vars(kind)["__orig_bases__"]
    open_kind = _open[kind] = type(kind.__name__, kind.__bases__, inside)
    names = {"_kind": kind, "_open": open_kind, "_become": object.__setattr__, "_missing": dataclasses.MISSING}
    head, body = _parameters(listed, names)
    lines = ["_become(self, '__class__', _open)", *body, "self.__class__ = _kind"]
    kind.__init__ = _function(f"__init__(self, {head})", lines, names)  # type: ignore[method-assign]
    kind.__init_subclass__ = classmethod(_refused)  # type: ignore[assignment]
    copied = [f"new.{one.name} = record.{one.name}" for one in listed]
    lines = ["new = _open()", *copied, "for name in changes: _put(new, name, changes[name])"]
    lines += ["new.__class__ = _kind", "return new"]
    names["_put"] = setattr
    _changers[kind] = _function("changed(record, changes)", lines, names)
    return kind


def builder(kind: Callable[P, T]) -> Callable[P, T]:
    """What a call of the class does, as a function: Python hands it the keywords without a dict of them, in half the
    time.

    >>> @quick
    ... @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    ... class Place:
    ...     x: int
    ...     y: int = 0
    >>> builder(Place)(x=1)
    Place(x=1, y=0)
    """
    found: Any = kind
    names: dict[str, Any] = {"_kind": kind, "_create": object.__new__, "_missing": dataclasses.MISSING}
    frozen = found.__dataclass_params__.frozen
    if hasattr(found, "__post_init__") or (frozen and found not in _open):
        return kind
    names["_open"] = _open.get(found)
    head, body = _parameters(dataclasses.fields(found), names)
    first, last = ("self = _open()", ["self.__class__ = _kind"]) if frozen else ("self = _create(_kind)", [])
    return _function(f"build({head})", [first, *body, *last, "return self"], names)


def maker(kind: type[T], taken: Iterable[str]) -> Callable[..., T]:
    """A function that makes a record of `kind`: the fields `taken` from another record, the rest from keywords.

    >>> @dataclasses.dataclass(slots=True)
    ... class Place:
    ...     x: int
    ...     y: int
    >>> maker(Place, ["x"])(Place(1, 2), y=3)
    Place(x=1, y=3)
    """
    taken = list(taken)
    given = [one.name for one in dataclasses.fields(kind) if one.name not in taken]  # type: ignore[arg-type]
    names = {"_kind": kind, "_open": _open.get(kind, kind), "_create": object.__new__}
    lines = ["_new = _create(_open)", *(f"_new.{name} = _record.{name}" for name in taken)]
    lines += [*(f"_new.{name} = {name}" for name in given), "_new.__class__ = _kind", "return _new"]
    return _function(f"make(_record, *, {', '.join(given)})", lines, names)


def loader(kind: type[T], readers: Mapping[str, Callable[[Any], Any]]) -> Callable[[Mapping[str, Any]], T] | None:
    """A function that makes a quick record of a mapping, each of the fields in `readers` by its reader; None for a kind
    that is not quick. What is no field is left out; KeyError for a field that has to be there.

    >>> @quick
    ... @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    ... class Place:
    ...     x: int
    ...     marks: tuple[str, ...] = ()
    >>> loader(Place, {"marks": tuple})({"x": 1, "marks": ["a"], "z": 3})
    Place(x=1, marks=('a',))
    """
    if kind not in _open:
        return None
    names: dict[str, Any] = {"_kind": kind, "_open": _open[kind], "_missing": dataclasses.MISSING}
    lines = ["new, get = _open(), plain.get"]
    for number, one in enumerate(dataclasses.fields(kind)):  # type: ignore[arg-type]
        names |= {f"_default_{number}": one.default, f"_make_{number}": one.default_factory}
        read, given = names.setdefault(f"_read_{number}", readers.get(one.name)), f"item is not _default_{number}"
        if one.default_factory is not dataclasses.MISSING:
            lines += [f"item = get({one.name!r}, _missing)", f"if item is _missing: item = _make_{number}()"]
        elif one.default is not dataclasses.MISSING:
            lines.append(f"item = get({one.name!r}, _default_{number})")
        else:
            lines.append(f"item = plain[{one.name!r}]")
        if read is not None:
            lines.append(f"if item is not None and {given}: item = _read_{number}(item)")
        lines.append(f"new.{one.name} = item")
    return _function("load(plain)", [*lines, "new.__class__ = _kind", "return new"], names)


if TYPE_CHECKING:
    from dataclasses import replace as replace  # so that its keywords are checked
else:

    def replace(record: T, /, **changes: Any) -> T:
        """`dataclasses.replace`; of a quick record, an unknown field is an AttributeError."""
        changer = _changers.get(type(record))
        return changer(record, changes) if changer else dataclasses.replace(record, **changes)


def _parameters(listed: Iterable[dataclasses.Field[Any]], names: dict[str, Any]) -> tuple[str, list[str]]:
    """The fields as `__init__` takes them, and the lines that set them."""
    places: list[str] = []
    words: list[str] = []
    body = []
    for number, one in enumerate(listed):
        default = names[f"_default_{number}"] = one.default
        value, part = one.name, one.name
        if one.default_factory is not dataclasses.MISSING:
            names[f"_default_{number}"] = dataclasses.MISSING
            names[f"_make_{number}"] = one.default_factory
            value, part = f"_make_{number}() if {one.name} is _missing else {one.name}", f"{one.name}=_default_{number}"
        elif default is not dataclasses.MISSING:
            part = f"{one.name}=_default_{number}"
        (words if one.kw_only else places).append(part)
        body.append(f"self.{one.name} = {value}")
    return ", ".join([*places, *(["*", *words] if words else [])]), body


def _function(head: str, lines: list[str], names: dict[str, Any]) -> Callable[..., Any]:
    """A function written out, as `dataclass` does it; only names of our own fields go in."""
    exec("\n    ".join([f"def {head}:", *lines]), names)
    found: Callable[..., Any] = names[head.partition("(")[0]]
    return found


def _refused(kind: type) -> None:
    raise TypeError("a quick record has no subclasses")
