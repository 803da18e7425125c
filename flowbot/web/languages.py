"""A language as clients write it."""

from __future__ import annotations

from marshmallow import ValidationError

from ..engine.locale import is_language


def language_tag(text: str) -> None:
    """ValidationError for what is none; nothing is, too.

    >>> [language_tag("pt-BR"), language_tag("")]
    [None, None]
    """
    if text and not is_language(text):
        raise ValidationError("is no language: write it like es or pt-BR")
