"""X-Request-Id: the caller's own or one of ours, on every answer and in each line of the log about it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..logs import REQUEST

HEADER = "X-Request-Id"
_GIVEN = re.compile(r"[!-~]{1,128}")
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def request_id(given: str) -> str:
    """The caller's own where it is fit to be sent back, else a new one that nobody can guess.

    >>> request_id("abc-1"), len(request_id("")), len(request_id("a b"))
    ('abc-1', 16, 16)
    """
    return given if _GIVEN.fullmatch(given) else secrets.token_hex(8)


def identified(app: WsgiApp) -> WsgiApp:
    """The app, each of whose answers has the header."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        id = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        before = REQUEST.set(id)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, (HEADER, id)], *error)

        try:
            answer = app(environ, start)
        finally:
            REQUEST.reset(before)
        return answer if isinstance(answer, list) else _Told(answer, id)

    return call


class _Told:
    """A body that is made while it is sent: what goes wrong then is of the same request."""

    def __init__(self, answer: Iterable[bytes], id: str) -> None:
        self._answer, self._id = answer, id

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(self._answer)
        while True:
            before = REQUEST.set(self._id)
            try:
                part = next(parts)
            except StopIteration:
                return
            finally:
                REQUEST.reset(before)
            yield part

    def close(self) -> None:
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()
