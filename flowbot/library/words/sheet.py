"""Translations as a spreadsheet's CSV: context, source, translation, state. No cell is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from ...errors import ParseError
from .line import Line

HEAD = ("context", "source", "translation", "state")
# What a spreadsheet takes for a formula, after any number of our own guards.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def write(found: Iterable[Line], lang: str) -> bytes:
    """With a byte order mark, without which Excel does not see UTF-8."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow((*HEAD, lang))
    for one in found:
        state = "stale" if one.stale else "" if one.translation else "missing"
        rows.writerow((guarded(one.context), guarded(one.source), guarded(one.translation), state))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def read(raw: bytes) -> tuple[str, list[Line]]:
    """The language and the lines, with commas, semicolons or tabs, in UTF-8 or UTF-16; ParseError."""
    text = _decoded(raw)
    first = text.partition("\n")[0]
    sign = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    found: list[Line] = []
    lang = ""
    columns: dict[str, int] = {}
    at = 1
    try:
        for row in rows:
            if not columns:
                names = [cell.strip().lower() for cell in row]
                if not {"context", "source", "translation"} <= set(names):
                    raise ParseError(f"line 1: the columns {', '.join(HEAD)} are wanted")
                columns = {name: number for number, name in enumerate(names)}
                lang = row[4].strip() if len(row) > 4 else ""
            elif any(cell.strip() for cell in row):
                cells = {name: row[number] if number < len(row) else "" for name, number in columns.items()}
                found.append(
                    Line(
                        context=plain(cells["context"]).strip(),
                        source=plain(cells["source"]).replace("\r\n", "\n"),
                        translation=plain(cells["translation"]).replace("\r\n", "\n"),
                        stale=cells.get("state", "").strip().lower() == "stale",
                        at=at,
                    )
                )
            at = rows.line_num + 1
    except csv.Error as error:
        raise ParseError(f"line {rows.line_num}: {error}") from None
    return lang, found


def guarded(cell: str) -> str:
    """
    >>> [guarded(cell) for cell in ("=1+1", "'=1", "Hola", "'quoted'")]
    ["'=1+1", "''=1", 'Hola', "'quoted'"]
    """
    return "'" + cell if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """
    >>> [plain(cell) for cell in ("'=1+1", "''=1", "Hola", "=1")]
    ['=1+1', "'=1", 'Hola', '=1']
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ParseError("the file is not UTF-8 text: save it as CSV UTF-8") from None
