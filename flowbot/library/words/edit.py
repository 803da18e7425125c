"""Changing values of a YAML file at their places: comments, order and layout of all the rest stay byte by byte."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ...errors import ProjectError
from ...model.problem import Path
from ..yaml import read_yaml
from .scalar import block, inline, key, quoted, scalar
from .span import Span, spans

BOM = "\ufeff"


def edited(file: str, raw: bytes, changes: Mapping[Path, Any]) -> bytes:
    """The file with these values at these paths; ProjectError when it can't be done without touching more.

    A path is one that is there, or a new key of a mapping that is there.

    >>> edited("a.yaml", b"a: x  # why\\n", {("a",): "y", ("b",): {"text": "z"}})
    b'a: y  # why\\nb:\\n  text: z\\n'
    """
    if not changes:
        return raw
    text = raw.decode("utf-8-sig")
    wanted = copy.deepcopy(_data(file, raw))
    made = text
    for path, value in changes.items():
        made = _put(file, made, path, value)
        wanted = _placed(wanted, path, value)
    done = ((BOM if raw.startswith(BOM.encode()) else "") + made).encode()
    if _data(file, done) != wanted:
        raise ProjectError(f"{file}: this file is laid out so that it can't be edited here; change it by hand")
    return done


def _data(file: str, raw: bytes) -> Any:
    read = read_yaml(file, raw)
    if read.source is None or not read.sound:
        line = read.problems[0].line if read.problems else 1
        raise ProjectError(f"{file}:{line}: the file has mistakes; `flowbot check` tells them")
    return read.source.data


def _placed(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    made: Any = {} if data is None else data
    at: Any = path[0]
    inner: Any = made[at] if isinstance(made, list) else made.get(at)
    made[at] = _placed(inner, path[1:], value)
    return made


def _put(file: str, text: str, path: Path, value: Any) -> str:
    found = spans(text)
    here = found.get(path)
    if here is not None:
        return _replaced(text, here, value, _indent(text, here))
    parent = found.get(path[:-1])
    if path[:-1] == () and (parent is None or parent.style == ""):  # nothing but comments
        return _at_end(text, 0, str(path[-1]), value)
    if parent is None or parent.style != "map":
        raise ProjectError(f"{file}: there is no place for {'.'.join(map(str, path))}")
    if parent.braces:
        return _in_braces(text, parent, str(path[-1]), value)
    if path[:-1] == ():
        return _at_end(text, parent.column, str(path[-1]), value)
    return _below(text, parent, str(path[-1]), value)


def _indent(text: str, here: Span) -> int:
    """How far what stands below this value is indented."""
    at = here.key if here.key >= 0 else here.start
    return at - (text.rfind("\n", 0, at) + 1) + 2


def _replaced(text: str, here: Span, value: Any, indent: int) -> str:
    old = text[here.start : here.end]
    kept = old.rstrip("\r\n \t") if here.style in ("|", ">", "map", "list") else old
    end = here.start + len(kept)
    newline = _newline(text)
    if here.style in ("|", ">") and isinstance(value, str) and "\n" not in value:
        header = old.splitlines()[0]
        comment = header.lstrip("|>+-0123456789").rstrip()
        return text[: here.start] + scalar(value) + comment + text[end:]
    if isinstance(value, str) and "\n" in value and text[end:].partition("\n")[0].strip():
        return text[: here.start] + quoted(value) + text[end:]  # a comment follows: a block would swallow it
    if here.within or not isinstance(value, (Mapping, list)):
        made = inline(value) if here.within else block(value, indent)[1:]
        gap = " " if here.start == here.end and text[here.start - 1 : here.start] == ":" else ""
        return text[: here.start] + gap + made.replace("\n", newline) + text[end:]
    made = block(value, indent)
    start = here.start
    if made.startswith("\n"):
        start = len(text[:start].rstrip(" \t\r\n")) if here.style == "map" and not here.braces else start
        start = len(text[:start].rstrip(" "))
    return text[:start] + made.replace("\n", newline) + text[end:]


def _at_end(text: str, column: int, name: str, value: Any) -> str:
    newline = _newline(text)
    lead = "" if not text or text.endswith("\n") else newline
    made = f"{' ' * column}{key(name)}:{block(value, column + 2)}\n"
    return text + lead + made.replace("\n", newline)


def _below(text: str, parent: Span, name: str, value: Any) -> str:
    """As the last key of a block mapping: after the line in which its last value ends."""
    newline = _newline(text)
    end = parent.start + len(text[parent.start : parent.end].rstrip("\r\n \t"))
    line = text.find("\n", end)
    line = len(text) if line < 0 else line + 1
    lead = "" if text[:line].endswith("\n") else newline
    made = f"{' ' * parent.column}{key(name)}:{block(value, parent.column + 2)}\n"
    return text[:line] + lead + made.replace("\n", newline) + text[line:]


def _in_braces(text: str, parent: Span, name: str, value: Any) -> str:
    made = f"{key(name, within=True)}: {inline(value)}"
    inside = text[parent.start + 1 : parent.end - 1]
    if not inside.strip():
        return text[: parent.start + 1] + made + text[parent.end - 1 :]
    return text[: parent.start + 1] + f"{made}, " + inside.lstrip(" ") + text[parent.end - 1 :]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
