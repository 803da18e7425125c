"""Who calls, where the provider signs nothing: a secret that only it and we know, and the addresses it calls from."""

from __future__ import annotations

import hmac
from functools import lru_cache
from ipaddress import ip_address, ip_network

from ..errors import SignatureError
from ..model.gateway import WebhookRequest
from ..model.project import Channel

HEADER = "x-flowbot-secret"


def verify_secret(request: WebhookRequest, channel: Channel) -> None:
    """SignatureError unless the call knows the channel's `secret`, behind the channel in the path or in a header
    (`X-Flowbot-Secret: …` or `Authorization: Bearer …`), and comes from one of its `addresses`, if it has any.
    """
    secret = channel.options.get("secret", "")
    if not secret or not any(_same(given, secret) for given in _given(request)):
        raise SignatureError
    if channel.addresses and not _within(request.remote, channel.addresses):
        raise SignatureError


def no_challenge(request: WebhookRequest, channel: Channel) -> str | None:
    """For providers that do not check an address before they call it."""
    return None


def _given(request: WebhookRequest) -> tuple[str, str, str]:
    bearer = request.headers.get("authorization", "")
    return request.token, request.headers.get(HEADER, ""), bearer.removeprefix("Bearer ")


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


@lru_cache(maxsize=4096)
def _within(remote: str, addresses: tuple[str, ...]) -> bool:
    """
    >>> _within("203.0.113.9", ("203.0.113.0/24",)), _within("198.51.100.1", ("203.0.113.0/24",))
    (True, False)
    """
    try:
        found = ip_address(remote)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ip_network(one, strict=False) for one in addresses)
