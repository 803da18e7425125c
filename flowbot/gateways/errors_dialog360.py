"""What 360dialog's own refusals mean: those without one of Meta's codes."""

from __future__ import annotations

from .known import Known

ERRORS: dict[int, Known] = {
    400: Known("perm", "Refused by 360dialog"),
    401: Known("hold", "Invalid D360-API-KEY"),
    403: Known("hold", "Endpoint blocked"),
    404: Known("hold", "No such endpoint"),
    429: Known("slow", "Too many requests"),
    500: Known("outage", "360dialog had an internal error"),
    502: Known("outage", "360dialog did not reach Meta"),
}
# 400 is said of several things; the words tell which
_WORDS: tuple[tuple[str, Known], ...] = (
    ("rate limit", Known("slow", "360dialog's rate limit")),
    ("too many", Known("slow", "360dialog's rate limit")),
    ("payment", Known("hold", "360dialog wants to be paid")),
    ("paid", Known("hold", "360dialog wants to be paid")),
    ("disabled", Known("hold", "The number is disabled at 360dialog")),
    ("suspended", Known("hold", "The number is suspended at 360dialog")),
)


def classify(status: int, words: str = "") -> Known:
    """What a status means; `words` are the body in small letters.

    >>> classify(401).kind, classify(400, '{"error": "rate limit hit"}').kind, classify(400).kind, classify(503).kind
    ('hold', 'slow', 'perm', 'outage')
    """
    if status == 400:
        for word, error in _WORDS:
            if word in words:
                return error
    return ERRORS.get(status) or ERRORS[500 if status >= 500 else 400]
