"""A flow author's mistake, with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what YAML counts as the end of a line


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    file: str = ""  # relative to the project
    line: int = 0  # from 1; 0 when there is none
    column: int = 0  # from 1
    code: str  # stable: F101 …
    message: str
    hint: str = ""  # what to do
    level: str = "error"  # error, warning, note
    pointer: str = ""  # JSON pointer into the file
    length: int = 1  # characters under the caret


@dataclass(frozen=True, slots=True)
class Lost:
    """What stands below a key that was given before: it is not in the data."""

    path: Path
    line: int
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A YAML file as data, with the place of every key and value."""

    file: str
    text: str
    data: Any
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict)  # path -> line, column of the key
    values: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    lost: tuple[Lost, ...] = ()

    def at(self, path: Path) -> tuple[int, int]:
        """The place of the key at `path`, of its value when it is a list item, or of the nearest parent."""
        while path:
            found = self.keys.get(path) or self.values.get(path)
            if found:
                return found
            path = path[:-1]
        return self.values.get((), (1, 1))

    def problem(
        self,
        path: Path,
        code: str,
        message: str,
        *,
        hint: str = "",
        level: str = "error",
        length: int = 0,
        on_value: bool = False,
        about: str = "",
    ) -> Problem:
        """A problem with the key at `path`, or with its value; or, if it can be told, with the word `about` in that."""
        line, column = self.at(path)
        word = str(path[-1]) if path else ""
        # An item of a list has no key.
        if (on_value or (path and isinstance(path[-1], int))) and path in self.values:
            line, column = self.values[path]
            word = self._word(path)
        if about and (place := self.within(path, about)):
            (line, column), word = place, about
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
        return Problem(
            file=self.file,
            line=line,
            column=column,
            code=code,
            message=message,
            hint=hint,
            level=level,
            pointer=pointer,
            length=length or len(word) or 1,
        )

    def within(self, path: Path, word: str) -> tuple[int, int] | None:
        """Where a word first stands in the text at `path`; None when it stands there otherwise than it is written."""
        value = self.value(path)
        if path not in self.values or not isinstance(value, str):
            return None
        line, column = self.values[path]
        wanted = re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w)")
        lines = _LINE_END.split(self.text)[line - 1 : line + value.count("\n") + 1]
        for number, text in enumerate(lines):
            if found := wanted.search(text, column - 1 if number == 0 else 0):
                return line + number, found.start() + 1
        return None

    def line_of(self, path: Path, number: int) -> int:
        """The file's line of a text's line; that of its beginning when it is not written as a block."""
        line, column = self.values.get(path) or self.at(path)
        lines = _LINE_END.split(self.text)
        block = line <= len(lines) and lines[line - 1][column - 1 : column] == "|"
        return line + number if block else line

    def value(self, path: Path) -> Any:
        """What stands there; None when nothing does."""
        value = self.data
        for part in path:
            try:
                value = value[part]
            except (LookupError, TypeError):
                return None
        return value

    def _word(self, path: Path) -> str:
        """The value as far as a caret can stand under it."""
        value = self.value(path)
        if not isinstance(value, str) or "\n" in value:
            return "" if isinstance(value, (str, dict, list)) else str(value)
        line, column = self.values[path]
        quoted = self.text.splitlines()[line - 1][column - 1 : column] in ("'", '"')
        return value + "''" * quoted


def suggest(word: str, options: Iterable[str]) -> str:
    """A hint for a misspelled word; "" when nothing is near.

    >>> suggest("choises", ["choices", "next"]), suggest("xyz", ["choices"])
    ("did you mean 'choices'?", '')
    """
    found = difflib.get_close_matches(str(word), [str(option) for option in options], 1, 0.6)
    return f"did you mean '{found[0]}'?" if found else ""
