"""Who calls the API: the account is the key's, never one that the request names."""

from __future__ import annotations

from ..errors import FlowbotError
from ..store import apikeys
from ..store.client import Store


class Unauthorized(FlowbotError):
    """The API key is missing, unknown or was revoked."""

    code = "unauthorized"


def account_of(header: str, store: Store, accounts: list[str]) -> str:
    """The account whose key an Authorization header holds; Unauthorized when there is none."""
    scheme, _, key = header.partition(" ")
    parsed = apikeys.parse(key.strip()) if scheme.lower() == "bearer" else None
    if parsed is None:
        raise Unauthorized
    key_id, secret = parsed
    account = apikeys.account_of(key_id, accounts)
    if account is None or not store.run(apikeys.check(account, key_id, secret, store.salt)):
        raise Unauthorized
    return account
