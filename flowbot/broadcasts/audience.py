"""Who a broadcast goes to, as clients write it: CSV or JSON lines, row by row, whatever is wrong with its line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

CSV, LINES = "text/csv", "application/x-ndjson"
LONGEST = 64 * 1024  # characters of a row
MEMBERS = {"to": str, "params": dict, "fields": dict}
_EXCEL = re.compile(r"sep=([;,])\s*\Z")  # its own first line, for its own kind
_NUMBER = re.compile(r"\+?[\d ().-]{6,}\Z")
_NAMES = re.compile(rb'"\s*:')  # as many as there are names, and in texts
_UNREADABLE = re.compile("[\x00\udc80-\udcff]")  # bytes that are no UTF-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One recipient as it was written."""

    line: str  # where: the line of a file, from 1, or a JSON pointer
    to: str
    values: Mapping[str, Any] = field(default_factory=dict)  # of variables, or for the contact's record
    fields: Mapping[str, Any] = field(default_factory=dict)  # for the contact's record alone


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that is none."""

    line: str
    reason: str
    at: str = ""  # JSON pointer within the row; of a file's row as if its columns were an object's members
    column: int = 0  # of a CSV file, from 1; 0: the row as a whole


@dataclass(slots=True)
class Sheet:
    """What was found out about a file while it was read."""

    columns: tuple[str, ...] = ()  # behind the phone

    def column(self, name: str) -> int:
        """From 1; 0 for what is none of them."""
        return 1 if name == "to" else self.columns.index(name) + 2 if name in self.columns else 0


def csv_rows(stream: BinaryIO, sheet: Sheet) -> Iterator[Row | Bad]:
    """The rows of a CSV file: the phone first, then a column for each variable or contact field.

    >>> written = "phone;name\\n+573001112233;Ana\\n+573001112234;\\"Ben; the other\\"\\n"
    >>> [(row.line, row.to, row.values) for row in csv_rows(io.BytesIO(written.encode("utf-8-sig")), Sheet())]
    [('2', '+573001112233', {'name': 'Ana'}), ('3', '+573001112234', {'name': 'Ben; the other'})]
    """
    text = io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")
    head, first = text.readline(LONGEST), 1
    told = _EXCEL.match(head)
    if told:
        head, first = text.readline(LONGEST), 2
    lines = iter(lambda: text.readline(LONGEST), "")
    reader = csv.reader(_all(head, lines), delimiter=told[1] if told else _delimiter(head), strict=True)
    line = first
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Bad(str(line), f"cannot be read as CSV: {error}")
            line = reader.line_num + first
            continue
        at, line = line, reader.line_num + first
        if at == first and not _is_number(cells):
            if _NUMBER.match(cells[0].strip()):
                why = "is a number where the columns have their names: put a line above, `phone` and the others"
                yield Bad(str(at), why, "/to", 1)
            sheet.columns = tuple(cell.strip() for cell in cells[1:])
            yield from _wrong_names(sheet.columns, str(at))
        elif any(cell.strip() for cell in cells):
            yield _row(str(at), cells, sheet.columns)


def line_rows(stream: Iterable[bytes]) -> Iterator[Row | Bad]:
    """The rows of JSON lines: `{"to": …, "params": {…}, "fields": {…}}` on each.

    >>> [row.to if isinstance(row, Row) else row.reason for row in line_rows([b'{"to": "+57"}', b"", b"[]"])]
    ['+57', 'is no object with `to`']
    """
    for number, raw in enumerate(stream, 1):
        if raw.strip():
            try:
                found = orjson.loads(raw)
                twice = _twice(raw, found)
                yield Bad(str(number), f"`{twice}` comes more than once") if twice else json_row(str(number), found)
            except orjson.JSONDecodeError as error:
                yield Bad(str(number), f"is no JSON: {error}")


def json_row(line: str, given: Any) -> Row | Bad:
    if not isinstance(given, dict) or not isinstance(given.get("to"), str):
        return Bad(line, "is no object with `to`", "/to" if isinstance(given, dict) else "")
    for name, value in given.items():
        if name not in MEMBERS:
            return Bad(line, f"unknown `{name}`: there are {', '.join(MEMBERS)}", pointer(name))
        if not isinstance(value, MEMBERS[name]):
            return Bad(line, f"`{name}` is no {'text' if name == 'to' else 'object'}", pointer(name))
    for place in ("params", "fields"):
        for name, value in given.get(place, {}).items():
            if isinstance(value, (dict, list)) or "\x00" in f"{name}{value}":
                return Bad(line, f"`{name}` is neither a text nor a number", pointer(place, name))
    return Row(line=line, to=given["to"], values=given.get("params", {}), fields=given.get("fields", {}))


def _twice(raw: bytes, found: Any) -> str:
    """A name that comes more than once in an object of the line; "" as a rule.

    >>> line = b'{"to": "1", "params": {"a": 1, "a": 2}}'
    >>> _twice(line, orjson.loads(line)), _twice(b'{"to": "a\\\\":"}', {"to": 'a":'})
    ('a', '')
    """
    if not isinstance(found, dict):
        return ""
    if len(_NAMES.findall(raw)) == len(found) + sum(len(one) for one in found.values() if isinstance(one, dict)):
        return ""
    doubled: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        doubled.extend(name for name in names if names.count(name) > 1)
        return dict(pairs)

    json.loads(raw, object_pairs_hook=look)
    return doubled[0] if doubled else ""


def pointer(*names: str) -> str:
    """
    >>> pointer("params", "a/b")
    '/params/a~1b'
    """
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def _all(head: str, rest: Iterable[str]) -> Iterator[str]:
    if head:
        yield head
    yield from rest


def _delimiter(head: str) -> str:
    """Of a header: what is more often there outside of quotes.

    >>> _delimiter('phone;"a,b,c";name'), _delimiter("phone,name"), _delimiter("phone")
    (';', ',', ',')
    """
    bare = "".join(head.split('"')[::2])
    return ";" if bare.count(";") > bare.count(",") else ","


def _is_number(cells: list[str]) -> bool:
    """Whether the first row is a recipient already: a bare list of numbers."""
    return len(cells) == 1 and sum(map(str.isdigit, cells[0])) >= 5


def _wrong_names(names: tuple[str, ...], line: str) -> Iterator[Bad]:
    for at, name in enumerate(names):
        if not name or "\x00" in name or len(name) > 64:
            why = f"column {at + 2} has no name: a variable of the template, or a field of the contact"
            yield Bad(line, why, column=at + 2)
        elif name in names[:at]:
            yield Bad(line, f"two columns are called '{name[:64]}'", column=at + 2)


def _row(line: str, cells: list[str], names: tuple[str, ...]) -> Row | Bad:
    if len(cells) > len(names) + 1:
        why = f"has {len(cells)} values, and the first line has {len(names) + 1}"
        return Bad(line, why, column=len(names) + 2)
    for at, cell in enumerate(cells, 1):
        if _UNREADABLE.search(cell):
            return Bad(line, "is not UTF-8: save the file as such", column=at)
    values = {name: cell.strip() for name, cell in zip(names, cells[1:], strict=False) if cell.strip()}
    return Row(line=line, to=cells[0].strip(), values=values)
