"""Text made comparable: case, accents, punctuation and spaces taken away, in any script."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Combining marks that are accents. Marks of other scripts (Devanagari vowels, virama, Thai tones) are letters' parts.
_ACCENTS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F))
_VOWEL_POINTS = ((0x0591, 0x05C7), (0x064B, 0x0652), (0x0670, 0x0670))  # Hebrew and Arabic: nobody types them
_SKIN_TONES = ((0x1F3FB, 0x1F3FF),)
_DROPPED = _ACCENTS + _VOWEL_POINTS + _SKIN_TONES
_APOSTROPHES = "'’ʼ`´‘"


def fold(text: str) -> str:
    """Case and accents taken away, outer spaces too: what `==` compares.

    >>> fold(" SÍ ") == fold("si"), fold("हाँ") == fold("हा"), fold("Straße")
    (True, False, 'strasse')
    """
    return _short_fold(text) if len(text) <= _KEPT_LENGTH else _fold(text)


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text: punctuation and symbols parted them, digits of any script are 0-9.

    >>> words("¡Sí, acepto!"), words("opción १."), words("I don't"), words("👍")
    (('si', 'acepto'), ('opcion', '1'), ('i', 'dont'), ())
    """
    return _short_words(text) if len(text) <= _KEPT_LENGTH else _words(text)


def squeeze(text: str) -> str:
    """The words of a text, one space between; a text of symbols only stays as it is.

    >>> squeeze("  ¡Sí,   ACEPTO! "), squeeze(" 👍 "), squeeze("?")
    ('si acepto', '👍', '?')
    """
    return _short_squeeze(text) if len(text) <= _KEPT_LENGTH else _squeeze(text)


def _squeeze(text: str) -> str:
    return " ".join(_words(text)) or fold(text)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not _is_dropped(char))
    return unicodedata.normalize("NFC", text).strip()


def _words(text: str) -> tuple[str, ...]:
    return tuple("".join(map(_plain, fold(text))).split())


# Labels and words come again and again; long messages don't, and would fill the memory.
_KEPT_LENGTH = 120
_short_fold = lru_cache(maxsize=8192)(_fold)
_short_words = lru_cache(maxsize=8192)(_words)
_short_squeeze = lru_cache(maxsize=8192)(_squeeze)


def _plain(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    if char in _APOSTROPHES:
        return ""
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Cf":  # joiners and direction marks: invisible
        return ""
    return " " if kind[0] in "PSZC" else char


def _is_dropped(char: str) -> bool:
    code = ord(char)
    return code >= 0x300 and any(low <= code <= high for low, high in _DROPPED)
