"""Providers that sign nothing prove themselves by a secret, and by where they call from."""

from __future__ import annotations

import pytest

from flowbot.errors import SignatureError
from flowbot.gateways.proof import verify_secret
from flowbot.model.gateway import WebhookRequest
from flowbot.model.project import Channel

CHANNEL = Channel(account="acme", name="main", gateway="gupshup", options={"secret": "S3cret"})
NETWORKS = ("203.0.113.0/24", "2001:db8::1")
LISTED = Channel(account="acme", name="main", gateway="gupshup", options={"secret": "S3cret"}, addresses=NETWORKS)


def call(token: str = "", remote: str = "", **headers: str) -> WebhookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(method="POST", path="/", token=token, remote=remote, headers=named)


GOOD = [
    call("S3cret"),
    call(x_flowbot_secret="S3cret"),
    call(authorization="Bearer S3cret"),
    call(authorization="S3cret"),
]
WRONG = [call(), call("s3cret"), call("S3cret "), call(x_flowbot_secret="\ud800é")]


@pytest.mark.parametrize("request_", GOOD)
def test_the_secret_in_the_path_or_in_a_header(request_: WebhookRequest) -> None:
    verify_secret(request_, CHANNEL)


@pytest.mark.parametrize("request_", WRONG)
def test_anything_else_is_refused(request_: WebhookRequest) -> None:
    with pytest.raises(SignatureError):
        verify_secret(request_, CHANNEL)


def test_without_a_secret_nobody_is_believed() -> None:
    with pytest.raises(SignatureError):
        verify_secret(call(""), Channel(account="acme", name="main", gateway="gupshup"))


def test_an_address_list_counts_beside_the_secret() -> None:
    for remote in ("203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9"):
        verify_secret(call("S3cret", remote), LISTED)
    for token, remote in (("S3cret", "198.51.100.1"), ("S3cret", ""), ("S3cret", "nowhere"), ("", "203.0.113.9")):
        with pytest.raises(SignatureError):
            verify_secret(call(token, remote), LISTED)
