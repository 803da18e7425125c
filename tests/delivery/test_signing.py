"""Signatures that the standardwebhooks package, and a JWT reader, accept."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from flowbot.delivery import signing

NEW = "whsec_" + base64.b64encode(b"n" * 24).decode()
OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
BODY = '{"type":"process.succeeded","data":{"name":"Añá"}}'.encode()


def headers(secrets, body=BODY):
    return signing.standard_headers("dl_3_abc", int(time.time() * 1000), body, secrets)


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_both_active_secrets_verify(secret):
    assert Webhook(secret).verify(BODY, headers((NEW, OLD)))["type"] == "process.succeeded"


def test_another_secret_and_other_bytes_do_not():
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY, headers((NEW,)))
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY + b" ", headers((NEW,)))


def test_a_secret_that_is_not_base64_is_used_as_it_is():
    marked = headers(("abcde",))
    signed = f"dl_3_abc.{marked['webhook-timestamp']}.".encode() + BODY
    wanted = base64.b64encode(hmac.digest(b"abcde", signed, hashlib.sha256)).decode()
    assert marked["webhook-signature"] == f"v1,{wanted}"


def test_jwt():
    token = signing.jwt("dl_3_abc", 1_763_730_000_999, "process.succeeded", {"process_id": "p"}, NEW)
    head, claims, mark = token.split(b".")
    wanted = hmac.digest(b"n" * 24, head + b"." + claims, hashlib.sha256)

    def segment(raw):
        return base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))

    assert segment(mark) == wanted
    assert json.loads(segment(head)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(segment(claims)) == {
        "jti": "dl_3_abc",
        "iat": 1_763_730_000,
        "events": [{"event_type": "process", "event_action": "succeeded", "object": {"process_id": "p"}}],
    }
