"""Webhook bodies as Meta posts them, signed; test numbers only."""

from __future__ import annotations

import hashlib
import hmac

import orjson

APP_SECRET = "crash-test-app-secret-0123456789abcdef"
PHONE_NUMBER_ID = "100000000000001"
OTHER_ID = "100000000000002"  # of another account's number


def text(provider_id: str, number: str, words: str, at: int, name: str = "Ana", line: str = PHONE_NUMBER_ID) -> bytes:
    """A text message; `at` in seconds."""
    return _envelope(
        line,
        {
            "contacts": [{"profile": {"name": name}, "wa_id": number}],
            "messages": [
                {"from": number, "id": provider_id, "timestamp": str(at), "type": "text", "text": {"body": words}}
            ],
        },
    )


def status(provider_id: str, number: str, word: str, our_id: str, at: int, line: str = PHONE_NUMBER_ID) -> bytes:
    """A status of something we sent; `at` in seconds."""
    return _envelope(
        line,
        {
            "statuses": [
                {
                    "id": provider_id,
                    "status": word,
                    "timestamp": str(at),
                    "recipient_id": number,
                    "biz_opaque_callback_data": our_id,
                }
            ]
        },
    )


def signed(body: bytes) -> dict[str, str]:
    """The headers that prove where `body` comes from."""
    proof = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-hub-signature-256": f"sha256={proof}"}


def _envelope(line: str, value: dict[str, object]) -> bytes:
    about = {"display_phone_number": "15550000001", "phone_number_id": line}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": about, **value}}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "200", "changes": [change]}]})
