"""Twilio's signature is over the public address and every field."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode

import pytest

from flowbot.errors import SignatureError
from flowbot.gateways import twilio
from flowbot.model.gateway import WebhookRequest
from flowbot.model.project import Channel

FIELDS = [("MessageSid", "SM1"), ("Body", "¿Qué tal?"), ("Empty", ""), ("From", "whatsapp:+15550100001")]
PUBLIC = "https://bot.test/webhooks/acme/main"


def channel(webhook: str = PUBLIC, token: str = "T") -> Channel:
    return Channel(account="acme", name="main", gateway="twilio", options={"auth_token": token}, webhook=webhook)


def sign(url: str, fields: list[tuple[str, str]], token: str = "T") -> str:
    text = url + "".join(name + value for name, value in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def call(signature: str, fields: list[tuple[str, str]] = FIELDS, query: str = "", body: bytes = b"") -> WebhookRequest:
    return WebhookRequest(
        method="POST",
        path="/webhooks/acme/main",
        query=dict(parse_qsl(query)),
        query_string=query,
        headers={"x-twilio-signature": signature, "host": "10.0.0.1:8000"},
        body=body or urlencode(fields).encode(),
    )


@pytest.mark.parametrize(
    ("signed", "webhook"),
    [
        (PUBLIC, PUBLIC),
        ("https://bot.test:443/webhooks/acme/main", PUBLIC),
        (PUBLIC, "https://bot.test:443/webhooks/acme/main"),
        ("http://bot.test:8080/webhooks/acme/main", "http://bot.test:8080/webhooks/acme/main"),
    ],
)
def test_the_address_is_the_configured_one_with_or_without_the_usual_port(signed: str, webhook: str) -> None:
    twilio.verify(call(sign(signed, FIELDS)), channel(webhook))


def test_the_query_of_a_status_callback_is_signed_too() -> None:
    request = call(sign(PUBLIC + "?m=ms_3_x", FIELDS), query="m=ms_3_x")
    twilio.verify(request, channel())
    assert twilio.parse(request, channel())


def test_a_json_body_is_bound_by_its_hash() -> None:
    body = b'{"a": 1}'
    query = "bodySHA256=" + hashlib.sha256(body).hexdigest()
    twilio.verify(call(sign(f"{PUBLIC}?{query}", []), query=query, body=body), channel())
    with pytest.raises(SignatureError):
        twilio.verify(call(sign(f"{PUBLIC}?{query}", []), query=query, body=b'{"a": 2}'), channel())


def test_anything_else_is_refused() -> None:
    good = sign(PUBLIC, FIELDS)
    wrong = [
        call(""),
        call(good[:-2]),
        call("é\ud800"),
        call(sign(PUBLIC, FIELDS, "other")),
        call(sign("https://10.0.0.1:8000/webhooks/acme/main", FIELDS)),
        call(good, [*FIELDS, ("New", "1")]),
        call(good, [("MessageSid", "SM2"), *FIELDS[1:]]),
        call(good, query="m=ms_4_y"),
        call(good, body=b"no form"),
    ]
    for request in wrong:
        with pytest.raises(SignatureError):
            twilio.verify(request, channel())
    with pytest.raises(SignatureError):
        twilio.verify(call(sign(PUBLIC, FIELDS, "")), channel(token=""))
