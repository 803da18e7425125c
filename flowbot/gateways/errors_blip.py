"""What Blip's reason codes mean for us: LIME's own, not Meta's, which may stand in the description."""

from __future__ import annotations

import re

from . import errors_meta
from .known import Known

ERRORS: dict[int, Known] = {
    1: Known("retry", "General error"),
    11: Known("retry", "Session error"),
    12: Known("hold", "Session not registered"),
    13: Known("hold", "Authentication failed"),
    21: Known("perm", "Validation error"),
    31: Known("hold", "Not authorised"),
    32: Known("hold", "Sender not authorised"),
    33: Known("hold", "Account not enabled for this destination"),
    34: Known("slow", "Quota used up"),
    41: Known("retry", "Routing error"),
    42: Known("perm-user", "Destination not found"),
    43: Known("hold", "Gateway not found"),
    44: Known("hold", "Route not found"),
    51: Known("retry", "Dispatch error"),
    60: Known("perm", "Invalid list identifier"),
    61: Known("retry", "Command processing error"),
    62: Known("perm", "Resource not supported"),
    63: Known("perm", "Method not supported"),
    64: Known("perm", "Invalid argument"),
    66: Known("hold", "Command not allowed"),
    67: Known("perm", "Resource not found"),
}
UNKNOWN = Known("perm", "Unknown error")
_META = re.compile(r"(?<![0-9])(1[0-9]{5})(?![0-9])")


def classify(code: int, description: str = "") -> Known:
    """
    >>> classify(42).kind, classify(1, "(#131047) Re-engagement message").kind, classify(999).kind
    ('perm-user', 'perm', 'perm')
    """
    found = _META.search(description)
    known = errors_meta.ERRORS.get(int(found[1])) if found else None
    return known or ERRORS.get(code, UNKNOWN)
