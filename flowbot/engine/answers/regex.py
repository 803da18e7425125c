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


def _is_pattern(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_PATTERN and _compiled(value) is not None


BOUNDS: Mapping[str, Bound] = {"pattern": _is_pattern}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    """
    >>> from flowbot.model.contact import Identity
    >>> asked = Asked(expect="regex", bounds={"pattern": "[a-z]+"})
    >>> read(Inbound(id="1", sender=Identity(), kind="text", text="a1"), asked)
    Refused(code='regex', params={})
    """
    text, pattern = said(inbound), _compiled(str(asked.bounds.get("pattern", "")))
    if not text or len(text) > _MAX_TEXT or pattern is None or not pattern.fullmatch(text):
        return Refused(code="text" if not text else "regex")
    return Answer(value=text)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    """None when RE2 cannot read it."""
    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None
