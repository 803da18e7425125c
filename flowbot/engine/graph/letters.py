"""How much room a text takes in the picture, without a font at hand.

The widths are those of Helvetica and the fonts made to its measure, in thousandths of the font's size. Signs of other
scripts are taken wider than they are: a chip may be roomy, never too small.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_GROUPS = {
    222: "ijl'",
    278: "I !,./:;[]ft\\|",
    333: "-r()`“”{}",
    500: "Jckvxysz…",
    556: "0123456789abdeghnopqu_#$?L",
    584: "+<=>~",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "→←↑↓—",
    1015: "@",
}
WIDTHS = {letter: width for width, letters in _GROUPS.items() for letter in letters}
OTHER, WIDE = 720, 1050
_HIDDEN = frozenset("\ufffe\uffff")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """One line without signs that XML, a terminal or the eye would stumble over.

    >>> clean("a\\x00b\\u202ec\\n d")
    'abc d'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (letter for letter in text if letter.isspace() or not _stumbles(letter))
    return " ".join("".join(kept).split())


def _stumbles(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind in ("Cc", "Cs", "Cn", "Co") or letter in _HIDDEN or "\u202a" <= letter <= "\u202e" or _isolates(letter)


def _isolates(letter: str) -> bool:
    return "\u2066" <= letter <= "\u2069" or letter in "\u200e\u200f"


@lru_cache(maxsize=4096)
def width(text: str, size: float) -> float:
    """
    >>> width("consent", 10) < width("CONSENT", 10), width("", 10)
    (True, 0.0)
    """
    return sum(_letter(letter) for letter in unicodedata.normalize("NFD", text)) * size / 1000


def _letter(letter: str) -> int:
    known = WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return WIDE if unicodedata.east_asian_width(letter) in "WF" else OTHER


def shorten(text: str, room: float, size: float) -> str:
    """The text, or as much of its beginning as there is room for.

    >>> shorten("document_type", 200, 10), shorten("document_type", 40, 10)
    ('document_type', 'docum…')
    """
    if width(text, size) <= room:
        return text
    left, kept = room - width("…", size), []
    for letter in text:
        left -= width(letter, size)
        if left < 0:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…"
