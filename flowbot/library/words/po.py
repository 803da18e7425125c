"""Translations as gettext's PO: one entry a text, its name as msgctxt; plural forms are entries of their own."""

from __future__ import annotations

import io
from collections.abc import Iterable

from babel.messages.pofile import PoFileError, read_po

from ...errors import ParseError
from .line import Line

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n"}


def write(found: Iterable[Line], lang: str) -> bytes:
    """Stale translations are marked fuzzy."""
    head = {
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": lang.replace("-", "_"),
        "X-Flowbot-Language": lang,
    }
    parts = ['msgid ""\nmsgstr ""\n' + "".join(f'"{name}: {value}\\n"\n' for name, value in head.items())]
    for one in found:
        fuzzy = "#, fuzzy\n" if one.stale else ""
        parts.append(
            f"{fuzzy}msgctxt {_text(one.context)}\nmsgid {_text(one.source)}\nmsgstr {_text(one.translation)}\n"
        )
    return "\n".join(parts).encode()


def read(raw: bytes) -> tuple[str, list[Line]]:
    """The language and the lines; ParseError with the line for what is no PO file."""
    try:
        catalog = read_po(io.BytesIO(raw.removeprefix(b"\xef\xbb\xbf")), abort_invalid=True)
    except PoFileError as error:
        raise ParseError(f"line {error.lineno + 1}: {error}") from None
    except (ValueError, LookupError) as error:
        raise ParseError(f"this is no PO file: {error}") from None
    headers = {name.lower(): value for name, value in catalog.mime_headers}
    lang = headers.get("x-flowbot-language") or headers.get("language", "").replace("_", "-")
    found = []
    for message in catalog:
        if not message.id:
            continue
        if isinstance(message.id, (list, tuple)) or not isinstance(message.string, str):
            raise ParseError(f"line {message.lineno}: msgid_plural is not used here: each form is an entry of its own")
        found.append(
            Line(
                context=message.context or "",
                source=message.id,
                translation="" if message.fuzzy else message.string,  # not to be used, says the translator
                at=message.lineno or 0,
            )
        )
    return lang, found


def _text(text: str) -> str:
    """The text in quotes; each of its lines on one of the file's.

    >>> print(_text('a "b"\\nc'))
    ""
    "a \\"b\\"\\n"
    "c"
    """
    escaped = ["".join(_ESCAPES.get(sign, sign) for sign in part) for part in text.split("\n")]
    rows = [part + "\\n" for part in escaped[:-1]] + ([escaped[-1]] if escaped[-1] else [])
    if len(rows) < 2:
        return f'"{"".join(rows)}"'
    return "\n".join(['""', *(f'"{row}"' for row in rows)])
