"""`expect: language`: a language, kept as its code: es. `with: {languages: [es, en, pt-BR]}`

Read are its name in the flow's languages, its name in itself (English, हिन्दी) and its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...model.inbound import Inbound
from ..folding import squeeze
from ..locale import is_language, locale_of
from .asked import Answer, Asked, Bound, Refused, listed, said, texts

_SHIPPED = ("en", "es", "pt", "hi", "fr")


def _languages(value: Any) -> str:
    wrong = [one for one in value if not is_language(one)] if not texts(value) else []
    return texts(value) or (f"should hold codes such as es or pt-BR, not {wrong[0]!r}" if wrong else "")


BOUNDS: Mapping[str, Bound] = {"languages": _languages}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    allowed = tuple(one.replace("_", "-") for one in listed(asked.bounds.get("languages")))
    spoken = (*allowed, *(asked.content.languages if asked.content else ()), *_SHIPPED)
    found = parse(said(inbound), asked.lang, spoken)
    if not found:
        return Refused(code="language")
    if not allowed or found in allowed:
        return Answer(value=found)
    near = [one for one in allowed if one.partition("-")[0] == found.partition("-")[0]]
    if len(near) == 1:
        return Answer(value=near[0])
    own = locale_of(asked.lang).languages
    named = ", ".join(own.get(one.replace("-", "_"), one) for one in allowed)
    return Refused(code="language.other", params={"languages": named})


def parse(text: str, lang: str, spoken: tuple[str, ...] = _SHIPPED) -> str:
    """The code of the language meant, named in `lang`, in English or in itself when it is one of those `spoken`.

    >>> parse("inglés", "es"), parse("Hindi", "es"), parse("हिन्दी", "es"), parse("PT_br", "es")
    ('en', 'hi', 'hi', 'pt-BR')
    """
    typed = squeeze(text) if len(text) <= 60 else ""
    if not typed:
        return ""
    code = text.strip().replace("_", "-")
    head, mark, region = code.lower().partition("-")
    if is_language(head) and head in locale_of("en").languages and (not mark or len(region) == 2):
        return f"{head}-{region.upper()}" if mark else head
    tables = (_own(spoken), _table(lang), _table("en"))
    return next((table[typed] for table in tables if typed in table), "")


@lru_cache(maxsize=64)
def _table(lang: str) -> Mapping[str, str]:
    """Folded name -> code, the names in one language."""
    return {squeeze(name): code.replace("_", "-") for code, name in reversed(list(locale_of(lang).languages.items()))}


@lru_cache(maxsize=256)
def _own(spoken: tuple[str, ...]) -> Mapping[str, str]:
    """What each language calls itself."""
    found: dict[str, str] = {}
    for code in spoken:
        locale = locale_of(code)
        name = locale.languages.get(locale.language) if locale.language == code.partition("-")[0] else None
        if name:
            found.setdefault(squeeze(name), code)
    return found
