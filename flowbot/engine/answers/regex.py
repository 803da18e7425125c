"""`expect: regex`: a text that matches a pattern as a whole. `with: {pattern: "[A-Z]{2}-[0-9]{4}"}`

Patterns are RE2's, which takes time linear in the text; back-references and look-around are refused by `check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import re2

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, said

_MAX_PATTERN, _MAX_TEXT = 512, 4096


def _a_pattern(value: Any) -> str:
    r"""
    >>> _a_pattern(r"(a)\1"), _a_pattern("[a-z]+")
    ('cannot be read: invalid escape sequence: \\1 (patterns have no back-references)', '')
    """
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_PATTERN:
        return f"should be a text of at most {_MAX_PATTERN} characters, in quotes"
    try:
        _compiled(value)
    except re2.error as error:
        why = _reason(error)
        lack = next((lack for sign, lack in _LACKS.items() if sign in why), "")
        return f"cannot be read: {why} ({lack})" if lack else f"cannot be read: {why}"
    return ""


BOUNDS: Mapping[str, Bound] = {"pattern": _a_pattern}
_LACKS = {
    "escape sequence: \\": "patterns have no back-references",
    "operator: (?": "patterns have no look-around",
    "repetition size": "at most 1000 repetitions in all",
}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    """
    >>> from flowbot.model.contact import Identity
    >>> asked = Asked(expect="regex", bounds={"pattern": "[a-z]+"})
    >>> read(Inbound(id="1", sender=Identity(), kind="text", text="a1"), asked)
    Refused(code='regex', params={})
    """
    text = said(inbound)
    if not text or len(text) > _MAX_TEXT:
        return Refused(code="regex" if text else "text")
    try:
        pattern = _compiled(str(asked.bounds.get("pattern", "")))
    except re2.error:  # one that a `{{ }}` made
        return Refused(code="regex")
    return Answer(value=text) if pattern.fullmatch(text) else Refused(code="regex")


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches; one that cannot be read fits nothing.

    >>> fits("[a-z]+", "abc"), fits("[a-z]+", "abc1"), fits("(", "abc")
    (True, False, False)
    """
    try:
        return len(text) <= _MAX_TEXT and _compiled(pattern).fullmatch(text) is not None
    except re2.error:
        return False


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    return re2.compile(pattern, options)


def _reason(error: Exception) -> str:
    why = error.args[0] if error.args else "it is too large"
    return why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
