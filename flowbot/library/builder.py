"""Plain data out of YAML's parse events, one event at a time, without recursion."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from ..model.problem import Lost, Path, Problem, Source

MAX_DEPTH = 40
MAX_PROBLEMS = 50  # of one file; who has more has another kind of file
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z", re.ASCII)
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}\Z", re.ASCII)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_NUMERIC = frozenset("-0123456789")
_FIRST = frozenset("-0123456789tfn~")  # what a plain scalar that is no text may begin with
_BAD_TEXT = re.compile("[\x00\ud800-\udfff]")
_SCALAR, _MAPPING, _SEQUENCE = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
_MAPPING_END, _SEQUENCE_END = yaml.MappingEndEvent, yaml.SequenceEndEvent
_SKIP = object()
_NO_KEY = object()


class Halt(Exception):
    """The rest of the file is not worth reading; the reason stands among the problems."""


class _Level:
    """An open mapping or list."""

    __slots__ = ("as_key", "data", "here", "key", "listed", "lost", "path")

    def __init__(self, data: dict[str, Any] | list[Any], path: Path, as_key: bool) -> None:
        self.data: Any = data
        self.listed = type(data) is list
        self.path = path
        self.as_key = as_key  # an author's mistake: a mapping or list where a key should stand
        self.key: Any = None if self.listed else _NO_KEY  # _NO_KEY: of a mapping, when a key comes next
        self.here: Path = ()  # the path of the key
        self.lost: tuple[str, int] | None = None  # the key that was given before, whose value comes next; its line


def read_scalar(text: str, plain: bool) -> Any:
    """What a scalar means.

    >>> [read_scalar(word, plain=True) for word in ("true", "no", "08:00", "12", "-1.5", "+57300", "007", "")]
    [True, 'no', '08:00', 12, -1.5, '+57300', '007', None]
    """
    if not plain or (text and text[0] not in _FIRST):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


class Builder:
    """Takes events, keeps data, places and problems."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.problems: list[Problem] = []
        self._marked = " #" in text
        self._escaped = "\\" in text  # then a text may hold what no file does
        self._lines: list[str] = []
        self._root: Any = None
        self._documents = 0
        self._levels: list[_Level] = []
        self._keys: dict[Path, tuple[int, int]] = {}
        self._values: dict[Path, tuple[int, int]] = {}
        self._lost: list[Lost] = []

    def source(self) -> Source:
        return Source(
            file=self.file,
            text=self.text,
            data=self._root,
            keys=self._keys,
            values=self._values,
            lost=tuple(self._lost),
        )

    def feed(self, give: Callable[[], Any]) -> None:
        """Take events until there are no more; most are plain keys and values, which go the short way."""
        levels, keys, values = self._levels, self._keys, self._values
        careful = self._escaped or self._marked
        kind = None
        while kind is not yaml.StreamEndEvent:
            event = give()
            kind = type(event)
            if kind is not _SCALAR or careful or not levels or event.tag or event.anchor:
                self.take(event)
                continue
            level, text, mark = levels[-1], event.value, event.start_mark
            if level.key is _NO_KEY:
                path = (*level.path, text)
                if not text or path in keys:
                    self.take(event)
                    continue
                keys[path] = (mark.line + 1, mark.column + 1)
                level.key, level.here = text, path
            elif level.key is _SKIP:
                self.take(event)
            elif level.listed:
                values[*level.path, len(level.data)] = (mark.line + 1, mark.column + 1)
                level.data.append(read_scalar(text, not event.style))
            else:
                values[level.here] = (mark.line + 1, mark.column + 1)
                level.data[level.key] = read_scalar(text, not event.style)
                level.key = _NO_KEY

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is _SCALAR:
            self._scalar(event)
        elif kind is _MAPPING or kind is _SEQUENCE:
            self._open(event, {} if kind is _MAPPING else [])
        elif kind is _MAPPING_END or kind is _SEQUENCE_END:
            self._close()
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                hint = "one document per file: remove '---', or make another file"
                self._halt("Y001", "a second document starts here", event, hint)

    def _scalar(self, event: Any) -> None:
        if event.tag or event.anchor:
            self._refuse_marks(event)
        if self._levels and self._levels[-1].key is _NO_KEY:
            self._key(event)
            return
        mark = event.start_mark
        self._values[self._path()] = (mark.line + 1, mark.column + 1)
        text = event.value
        plain = not event.style
        if self._escaped and _BAD_TEXT.search(text):
            self._problem("Y009", "a text may not hold NUL or half of a character pair", event, "remove the escape")
            text = ""
        if plain and text and self._marked:
            self._watch_comment(event)
        self._add(read_scalar(text, plain))

    def _key(self, event: Any) -> None:
        level = self._levels[-1]
        name = event.value
        if not name and not event.style:
            self._problem("Y005", "a key is missing before ':'", event)
            level.key = _SKIP
            return
        path = (*level.path, name)
        if name in level.data:
            first = self._keys[path][0]
            hint = "keep one of the two"
            self._problem("Y002", f"the key '{name}' is already given in line {first}", event, hint, len(name))
            level.key, level.lost = _SKIP, (name, event.start_mark.line + 1)
            return
        if self._escaped and _BAD_TEXT.search(name):
            self._problem("Y009", "a key may not hold NUL or half of a character pair", event, "remove the escape")
            level.key = _SKIP
            return
        mark = event.start_mark
        self._keys[path] = (mark.line + 1, mark.column + 1)
        level.key, level.here = name, path

    def _open(self, event: Any, data: dict[str, Any] | list[Any]) -> None:
        if event.tag or event.anchor:
            self._refuse_marks(event)
        if len(self._levels) >= MAX_DEPTH:
            self._halt("Y007", f"nested deeper than {MAX_DEPTH} levels", event)
        as_key = bool(self._levels) and self._levels[-1].key is _NO_KEY
        if as_key:
            self._refuse_key(event)
            path: Path = ()
        else:
            path = self._path()
            self._values[path] = _place(event)
        self._levels.append(_Level(data, path, as_key))

    def _refuse_key(self, event: Any) -> None:
        index = event.start_mark.index
        if self.text[max(index - 1, 0) : index + 1] == "{{":
            hint = "put quotes around text that starts with '{{'"
            self._problem("Y005", "'{{' cannot start a value without quotes", event, hint)
        else:
            hint = "put quotes around a text that starts with '{' or '['"
            self._problem("Y005", "a key must be plain text", event, hint)

    def _close(self) -> None:
        level = self._levels.pop()
        if level.as_key:
            self._levels[-1].key = _SKIP
        else:
            self._add(level.data)

    def _alias(self, event: Any) -> None:
        hint = "repeat the value; or put quotes around a text that starts with '*'"
        self._problem("Y004", f"aliases (*{event.anchor}) are not allowed", event, hint, len(event.anchor) + 1)
        if self._levels and self._levels[-1].key is _NO_KEY:
            self._levels[-1].key = _SKIP
        else:
            self._add(None)

    def _add(self, value: Any) -> None:
        if not self._levels:
            self._root = value
            return
        level = self._levels[-1]
        if level.listed:
            level.data.append(value)
            return
        if level.key is not _SKIP:
            level.data[level.key] = value
        elif level.lost:
            name, line = level.lost
            self._lost.append(Lost((*level.path, name), line, value))
            level.lost = None
        level.key = _NO_KEY

    def _path(self) -> Path:
        if not self._levels:
            return ()
        level = self._levels[-1]
        if level.listed:
            return (*level.path, len(level.data))
        # What stands below a refused key gets a place that nothing asks for.
        return (*level.path, "") if level.key is _SKIP else level.here

    def _refuse_marks(self, event: Any) -> None:
        if event.tag and event.tag != "!":
            hint = "remove it; or put quotes around a text that starts with '!'"
            self._problem("Y003", "tags (!…) are not allowed", event, hint)
        elif event.tag == "!":
            self._problem("Y003", "tags (!) are not allowed", event, "put quotes around a text that starts with '!'")
        if event.anchor:
            hint = "remove it; or put quotes around a text that starts with '&'"
            self._problem("Y004", f"anchors (&{event.anchor}) are not allowed", event, hint, len(event.anchor) + 1)

    def _watch_comment(self, event: Any) -> None:
        """`title: Ticket #5` loses its number without a word; `title: Ticket # five` is a comment and meant so."""
        mark = event.end_mark
        self._lines = self._lines or re.split("\r\n|[\r\n\x85\u2028\u2029]", self.text)
        if mark.line >= len(self._lines):
            return
        rest = self._lines[mark.line][mark.column :]
        found = re.match(r"(\s+)#[^\s#]", rest)
        if found:
            line, column = mark.line + 1, mark.column + len(found[1]) + 1
            message = "everything from ' #' on is a comment, not part of the text"
            hint = "put quotes around the text, or a space behind '#'"
            self.problems.append(
                Problem(
                    file=self.file, line=line, column=column, code="Y010", message=message, hint=hint, level="warning"
                )
            )

    def _problem(self, code: str, message: str, event: Any, hint: str = "", length: int = 1) -> None:
        line, column = _place(event)
        self.problems.append(
            Problem(file=self.file, line=line, column=column, code=code, message=message, hint=hint, length=length)
        )
        if len(self.problems) >= MAX_PROBLEMS:
            raise Halt

    def _halt(self, code: str, message: str, event: Any, hint: str = "") -> None:
        self._problem(code, message, event, hint)
        raise Halt


def _place(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
