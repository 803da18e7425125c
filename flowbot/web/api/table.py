"""Rows as CSV that a spreadsheet may open: nothing in it is taken for a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from flask import Response, request


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], following: str | None) -> Response:
    """The page as CSV with a header; `Link` leads to the next one."""
    response = Response(written(columns, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="flowbot.csv"'
    if following:
        query = urlencode({**request.args.to_dict(), "after": following})
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return response


def written(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """
    >>> written(["a", "b"], [["=1+1", "+573001112233"], [-3, None]])
    "a,b\\r\\n'=1+1,'+573001112233\\r\\n-3,\\r\\n"
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([[_harmless(value) for value in row] for row in rows])
    return out.getvalue()


def _harmless(value: object) -> object:
    """A text that begins a formula, also behind blanks or in full-width letters, with an apostrophe before it.

    >>> _harmless(" ＝1"), _harmless("\\t@x"), _harmless("a-b")
    ("' ＝1", "'\\t@x", 'a-b')
    """
    if not isinstance(value, str):
        return "" if value is None else value
    first = unicodedata.normalize("NFKC", value).strip()[:1]
    return "'" + value if first in tuple("=+-@|") or (value[:1] in "\t\r\n" and value) else value
