"""What the web answers: one small value for both ways in, Flask's and the short one before it; problem+json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from ..model.gateway import HttpResponse

PROBLEM = "application/problem+json"
JSON = "application/json"
RETRY_SECONDS = "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> str:
        """The status as WSGI wants it.

        >>> Answer(status=404).line
        '404 Not Found'
        """
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    def all_headers(self) -> list[tuple[str, str]]:
        return [("Content-Type", self.content_type), ("Content-Length", str(len(self.body))), *self.headers]


OK = Answer(status=200)


def accepted(wanted: HttpResponse) -> Answer:
    """What a provider wants to read when its call is stored."""
    if not wanted.body and not wanted.headers:
        return OK
    return Answer(status=wanted.status, body=wanted.body, content_type=wanted.headers.get("content-type", JSON))


def problem(
    status: int, code: str, detail: str = "", *, mistakes: Sequence[tuple[Any, ...]] = (), headers: Iterable[Any] = ()
) -> Answer:
    """An error as RFC 9457 has it; `mistakes` are (pointer, message), of a file's line with a third: more members.

    >>> problem(404, "not_found").body
    b'{"type":"about:blank","status":404,"title":"Not Found","code":"not_found"}'
    """
    content: dict[str, Any] = {
        "type": "about:blank",
        "status": status,
        "title": HTTPStatus(status).phrase,
        "code": code,
    }
    if detail:
        content["detail"] = detail
    if mistakes:
        content["errors"] = [
            {"pointer": where, "detail": why, **(more[0] if more else {})} for where, why, *more in mistakes
        ]
    return Answer(status=status, body=orjson.dumps(content), content_type=PROBLEM, headers=tuple(headers))


def as_json(content: Any, status: int = 200, *, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return Answer(status=status, body=body, content_type=JSON, headers=tuple(headers))


def unavailable(code: str) -> Answer:
    """Nothing was kept; the caller should come again."""
    return problem(503, code, "It could not be stored; please send it again.", headers=[("Retry-After", RETRY_SECONDS)])
