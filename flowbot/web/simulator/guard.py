"""Who may use the simulator: it lets one talk to every flow, so by default only a browser on this very machine."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from ...settings import Settings

_HERE = ("localhost", "127.0.0.1", "::1")
# a proxy stands before us: the caller may be anywhere, though the connection comes from this machine
_PROXIED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


def refusal(settings: Settings, remote: str, headers: Mapping[str, str]) -> str:
    """Why this caller may not use the simulator; "" when it may. Header names in lower case.

    >>> refusal(Settings(), "127.0.0.1", {"host": "localhost:8000"})
    ''
    >>> refusal(Settings(), "127.0.0.1", {"host": "bot.example"})
    'The simulator answers to http://localhost and http://127.0.0.1 only; FLOWBOT_SIMULATOR=on opens it.'
    """
    if not settings.may_simulate:
        return "The simulator is off here; FLOWBOT_SIMULATOR=on turns it on."
    if settings.simulator in ("on", "users"):
        return ""
    if not remote.startswith("127.") and remote not in ("::1", "::ffff:127.0.0.1"):
        return "The simulator is for browsers on this machine only; FLOWBOT_SIMULATOR=on opens it."
    if any(name in headers for name in _PROXIED):
        return "The simulator does not answer through a proxy; FLOWBOT_SIMULATOR=on opens it."
    # a foreign page whose name was made to lead to this machine still sends its own name
    if _name(headers.get("host", "")) not in _HERE:
        return "The simulator answers to http://localhost and http://127.0.0.1 only; FLOWBOT_SIMULATOR=on opens it."
    return ""


def login(name: str, asked: str) -> tuple[str, str] | None:
    """Account and user of a name as people write it, if what is asked for is that account's.

    >>> login("acme/ana", "acme"), login("acme/ana", ""), login("acme/ana", "beta"), login("ana", "")
    (('acme', 'ana'), ('acme', 'ana'), None, None)
    """
    account, slash, user = name.partition("/")
    return (account, user) if slash and user and asked in ("", account) else None


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Does a page of another site make this request, in the visitor's browser?

    >>> is_foreign({"host": "localhost:8000", "origin": "https://evil.example"})
    True
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc != headers.get("host", "")


def _name(host: str) -> str:
    try:
        return urlsplit("//" + host).hostname or ""
    except ValueError:
        return ""
