"""The function library: one file per function in lua/, loaded under a name that carries the hash of them all.

Two releases can so run side by side on one store. A file holds a function's body, with KEYS and ARGV as in a script; a
first line `-- no-writes` makes it read-only. Files whose name begins with `_` come first and are shared by all.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..model.quick import builder
from .call import Call, Part

T = TypeVar("T")
_call = builder(Call)
LUA = Path(__file__).parent / "lua"


@functools.cache
def _bodies() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in sorted(LUA.glob("*.lua"))}


@functools.cache
def suffix() -> str:
    """The hash in all names: eight hex digits, the same for the same files."""
    text = "\0".join(f"{name}\0{body}" for name, body in _bodies().items())
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@functools.cache
def source() -> str:
    """The whole library, as FUNCTION LOAD takes it."""
    shared = [body for name, body in _bodies().items() if name.startswith("_")]
    own = [_registered(name, body) for name, body in _bodies().items() if not name.startswith("_")]
    return "\n".join([f"#!lua name=flowbot_{suffix()}", *shared, *own])


def _registered(name: str, body: str) -> str:
    flags = "flags={'no-writes'}, " if body.startswith("-- no-writes") else ""
    head = f"redis.register_function{{function_name='{name}_{suffix()}', {flags}callback=function(KEYS, ARGV)"
    return f"{head}\n{body}\nend}}"


@functools.cache
def full_name(name: str) -> str:
    """What the function is called in the store; KeyError when there is no such file."""
    _ = _bodies()[name]
    return f"{name}_{suffix()}"


def fcall(
    name: str,
    keys: Sequence[str],
    args: Sequence[Part],
    read: Callable[[Any], T],
    *,
    repeatable: bool = False,
    sealed: bool = False,
) -> Call[T]:
    """A call of the function in lua/<name>.lua. All keys that it touches are among `keys`."""
    return _call(("FCALL", full_name(name), len(keys), *keys, *args), keys[0], read, repeatable, sealed)
