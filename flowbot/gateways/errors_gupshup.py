"""What Gupshup's error codes mean for us; codes of six digits are Meta's, handed through."""

from __future__ import annotations

from . import errors_meta
from .known import Known

ERRORS: dict[int, Known] = {
    1001: Known("hold", "The number is not mapped to this app"),
    1002: Known("perm-user", "Number does not exist on WhatsApp"),
    1003: Known("hold", "Wallet balance low"),
    1004: Known("perm", "Window closed, and templates are disabled"),
    1005: Known("perm", "Window closed, and no template matches"),
    1006: Known("perm", "Window closed, and not opted in"),
    1007: Known("perm", "Window closed, not opted in, and no template matches"),
    1008: Known("perm", "Neither opted in nor active"),
    1010: Known("perm", "Media address invalid"),
    1011: Known("perm", "Media too large"),
    1012: Known("perm-user", "User opted out", contact="stopped"),
    4001: Known("slow", "Rate limited"),
    4002: Known("retry", "Invalid answer from WhatsApp"),
    4003: Known("perm-tmpl", "No template matches"),
}
UNKNOWN = Known("perm", "Unknown error")
# a refusal without a code is told by its words
WORDS: tuple[tuple[str, Known], ...] = (
    ("unauthor", Known("hold", "The API key is refused")),
    ("authentication", Known("hold", "The API key is refused")),
    ("invalid app", Known("hold", "There is no such app")),
    ("app details", Known("hold", "There is no such app")),
    ("balance", Known("hold", "Wallet balance low")),
    ("too many", Known("slow", "Rate limited")),
    ("rate limit", Known("slow", "Rate limited")),
    ("template", Known("perm-tmpl", "The template is refused")),
)


def classify(code: int) -> Known:
    """
    >>> classify(1002).kind, classify(131056).scope, classify(9).kind
    ('perm-user', 'recipient', 'perm')
    """
    found = ERRORS.get(code)
    return found or (errors_meta.classify(code) if code >= 100_000 else UNKNOWN)


def by_words(text: str) -> Known | None:
    """
    >>> by_words("Portal User Unauthorized").kind, by_words("huh")
    ('hold', None)
    """
    lower = text.lower()
    return next((known for word, known in WORDS if word in lower), None)
