"""A flow author's mistake, with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A YAML file as data, with the place of every key and value."""

    file: str
    text: str
    data: Any
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict)  # path -> line, column of the key
    values: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

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
    ) -> Problem:
        """A problem with the key at `path`, or with its value."""
        line, column = self.at(path)
        word = str(path[-1]) if path else ""
        # An item of a list has no key.
        if (on_value or (path and isinstance(path[-1], int))) and path in self.values:
            line, column = self.values[path]
            word = self._word(path)
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

    def _word(self, path: Path) -> str:
        """The value as far as a caret can stand under it."""
        value = self.data
        for part in path:
            value = value[part]
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
