"""What 360dialog's own refusals mean: those without one of Meta's codes. Kinds as in errors_meta."""

from __future__ import annotations

from .errors_meta import MetaError

ERRORS: dict[int, MetaError] = {
    400: MetaError("perm", "Refused by 360dialog"),
    401: MetaError("hold", "Invalid D360-API-KEY"),
    403: MetaError("hold", "Endpoint blocked"),
    404: MetaError("hold", "No such endpoint"),
    429: MetaError("slow", "Too many requests"),
    500: MetaError("retry", "360dialog had an internal error"),
    502: MetaError("retry", "360dialog did not reach Meta"),
}
# 400 is said of several things; the words tell which
_WORDS: tuple[tuple[str, MetaError], ...] = (
    ("rate limit", MetaError("slow", "360dialog's rate limit")),
    ("too many", MetaError("slow", "360dialog's rate limit")),
    ("payment", MetaError("hold", "360dialog wants to be paid")),
    ("paid", MetaError("hold", "360dialog wants to be paid")),
    ("disabled", MetaError("hold", "The number is disabled at 360dialog")),
    ("suspended", MetaError("hold", "The number is suspended at 360dialog")),
)


def classify(status: int, words: str = "") -> MetaError:
    """What a status means; `words` are the body in small letters.

    >>> classify(401).kind, classify(400, '{"error": "rate limit hit"}').kind, classify(400).kind, classify(503).kind
    ('hold', 'slow', 'perm', 'retry')
    """
    if status == 400:
        for word, error in _WORDS:
            if word in words:
                return error
    return ERRORS.get(status) or ERRORS[500 if status >= 500 else 400]
