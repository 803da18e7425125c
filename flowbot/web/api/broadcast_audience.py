"""A draft's audience as a stream: all of it or nothing, and once however often it comes.

What comes again is known by what it says, not by its key: an upload that broke off may be sent again as it is, and so
may one whose answer was lost.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import request
from werkzeug.exceptions import ClientDisconnected

from ...broadcasts import check
from ...broadcasts.audience import CSV, LINES, LONGEST, Bad, Row, Sheet, csv_rows, line_rows
from ...broadcasts.intake import Intake, Taken
from ...errors import Conflict, InvalidRequest, ParseError
from ...model.broadcast import Broadcast
from ...store import broadcasts
from ...store.broadcasts import Kept
from . import orders
from .caller import Caller

if TYPE_CHECKING:
    from ...wiring import Parts

LARGEST = 512 * 1024 * 1024  # bytes


class Marked(io.RawIOBase):
    """A stream that keeps a keyed print of what was read: an audience holds phone numbers."""

    def __init__(self, stream: Any, kind: str, salt: bytes) -> None:
        self._stream = stream
        self._hash = hashlib.blake2b(kind.encode() + b"\n", key=salt[:64], digest_size=20)
        self._left = request.content_length  # bytes; None: it ends where its last chunk says so

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        self._hash.update(found)
        if self._left is not None:
            self._left -= len(found)
            if not found and self._left:  # the server ends it like any other
                raise ClientDisconnected
        return len(found)

    def print(self) -> str:
        """Of all of it, whatever is not read yet."""
        while self.read(LONGEST):
            pass
        return self._hash.hexdigest()


def stream_audience(parts: Parts, caller: Caller, kept: Kept, dry_run: bool) -> dict[str, Any]:
    request.max_content_length = LARGEST
    kind = request.mimetype
    if kind not in (CSV, LINES):
        raise ParseError(f"The Content-Type is none of {CSV}, {LINES}.")
    stream = Marked(request.stream, kind, parts.store.salt)
    if kept.state != "draft":
        print_ = stream.print()
        _note(parts, caller, print_)
        return accepted(kept, print_)
    intake = Intake(parts.store, kept.broadcast, secrets.token_hex(8))
    try:
        taken = _take(parts, kept.broadcast, intake, stream, kind)
        print_ = stream.print()
    except Exception as error:
        intake.discard()
        if isinstance(error, (ClientDisconnected, OSError)):
            raise ParseError("The upload broke off: nothing of it counts. Send it again as it is.") from error
        raise
    if dry_run:
        intake.discard()
        told = {"broadcast_id": kept.broadcast.id, "status": "checked"}
        return {**told, "total": taken.total, "duplicates": taken.duplicates}
    _note(parts, caller, print_)
    return begin(parts, intake, kept.broadcast, taken, print_)


def begin(parts: Parts, intake: Intake, broadcast: Broadcast, taken: Taken, print_: str = "") -> dict[str, Any]:
    """It runs. Where another upload was quicker: what that came to, or a Conflict when it was another audience."""
    if not taken.total:
        intake.discard()
        raise Conflict("There is nobody in the group.", code="no_recipients")
    if intake.accept(taken, print_) != "draft":
        intake.discard()
    kept = parts.store.run(broadcasts.get(broadcast.id))
    assert kept is not None
    return accepted(kept, print_)


def refuse(intake: Intake, mistakes: list[tuple[Any, ...]]) -> None:
    if mistakes:
        intake.discard()
        raise InvalidRequest("The request has mistakes: nothing was queued.", mistakes=mistakes)


def accepted(kept: Kept, print_: str = "") -> dict[str, Any]:
    """What became of it; Conflict when it runs for another audience than the one with that print."""
    if print_ and kept.print != print_:
        raise Conflict(
            f"The broadcast has its recipients, {kept.total:,} others; nothing of these was taken.",
            code="broadcast_started",
        )
    about = {"broadcast_id": kept.broadcast.id, "status": kept.state}
    return {**about, "total": kept.total, "duplicates": kept.duplicates}


def _take(parts: Parts, broadcast: Broadcast, intake: Intake, stream: Marked, kind: str) -> Taken:
    """All of it, looked at; InvalidRequest with every bad row."""
    buffered, sheet = io.BufferedReader(stream, LONGEST), Sheet() if kind == CSV else None
    rows: Iterable[Row | Bad]
    rows = csv_rows(buffered, sheet) if sheet else line_rows(iter(lambda: buffered.readline(LONGEST), b""))
    template, mistakes = check.look(parts.library, broadcast, {})
    taken = intake.rows(rows, parts.library.account(broadcast.account), template, sheet)
    if not (taken.total or taken.bad):
        mistakes = [*mistakes, ("", "there are no recipients in it")]
    refuse(intake, [*mistakes, *map(_told, taken.mistakes())])
    return taken


def _told(bad: Bad) -> tuple[Any, ...]:
    """
    >>> _told(Bad("3", "is no number", "/to", 1)), _told(Bad("/template/params/day", "has no value"))
    (('/to', 'is no number', {'line': 3, 'column': 1}), ('/template/params/day', 'has no value'))
    """
    if not bad.line.isdigit():
        return bad.line + bad.at, bad.reason
    return bad.at, bad.reason, {"line": int(bad.line), **({"column": bad.column} if bad.column else {})}


def _note(parts: Parts, caller: Caller, print_: str) -> None:
    orders.note(parts, caller, f"{request.method} {request.path}\n{print_}".encode())
