"""Time zones by their names."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=512)
def zone(*names: str) -> tzinfo:
    """The first of the time zones that there is; UTC when there is none.

    >>> zone("", "Nowhere/At_all", "America/Bogota").key
    'America/Bogota'
    """
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            continue
    return ZoneInfo("UTC")
