"""Hook signatures: Standard Webhooks headers over the exact bytes, or a bare HS256 JWT."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

import orjson

SKEW = 300  # seconds that a signature's time may be off
MOST_MARKS = 10  # signatures that are looked at


def secrets_of(text: str) -> tuple[str, ...]:
    """The active secrets, the new one first; two, parted by a blank, while one replaces the other.

    >>> secrets_of("whsec_bmV3 whsec_b2xk")
    ('whsec_bmV3', 'whsec_b2xk')
    """
    return tuple(text.split())[:2]


def key_of(secret: str) -> bytes:
    """The key's bytes as the standardwebhooks packages read them; a secret that is not base64 stands for itself.

    >>> key_of("whsec_a2V5"), key_of("not base64!")
    (b'key', b'not base64!')
    """
    try:
        return base64.b64decode(secret.removeprefix("whsec_"))
    except (binascii.Error, ValueError):
        return secret.encode()


def standard_headers(delivery_id: str, at: int, body: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    """The three headers for one attempt: `at` (ms UTC) is the attempt's own time, the id stays over all attempts."""
    stamp = str(at // 1000)
    signed = b".".join((delivery_id.encode(), stamp.encode(), body))
    marks = (base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode() for secret in secrets)
    return {
        "content-type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def is_signed(headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], now: float) -> bool:
    """Whether the headers (names in lower case) sign the body with one of the secrets, not long before or after `now`,
    seconds UTC.

    >>> headers = standard_headers("v1", 1_000_000, b"{}", ("s",))
    >>> is_signed(headers, b"{}", ("t", "s"), 1001.0), is_signed(headers, b"{ }", ("s",), 1001.0)
    (True, False)
    >>> is_signed(headers, b"{}", ("s",), 1000.0 + SKEW + 1)
    False
    """
    name, stamp, marks = (headers.get(f"webhook-{what}", "") for what in ("id", "timestamp", "signature"))
    if not name or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 11 or abs(now - int(stamp)) > SKEW:
        return False
    good = standard_headers(name, int(stamp) * 1000, body, secrets)["webhook-signature"].split() if secrets else []
    given = [mark.encode("utf-8", "replace") for mark in marks.split()[:MOST_MARKS]]
    return any(hmac.compare_digest(mark, one.encode()) for mark in given for one in good)


def jwt(delivery_id: str, at: int, kind: str, data: object, secret: str) -> bytes:
    """The hook as a compact HS256 token; its claims hold `events: [{event_type, event_action, object}]`."""
    event_type, _, event_action = kind.partition(".")
    claims = {
        "jti": delivery_id,
        "iat": at // 1000,
        "events": [{"event_type": event_type, "event_action": event_action, "object": data}],
    }
    head = _segment(orjson.dumps({"alg": "HS256", "typ": "JWT"})) + b"." + _segment(orjson.dumps(claims))
    return head + b"." + _segment(hmac.digest(key_of(secret), head, hashlib.sha256))


def _segment(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
