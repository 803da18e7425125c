"""Carries an exchange of a gateway's out with answers from a list, and keeps what was asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson

from flowbot.model.gateway import HttpRequest, HttpResponse
from flowbot.model.project import Channel
from flowbot.model.submission import Exchange

CHANNELS = {
    "cloud_api": {"waba_id": "8001", "access_token": "t", "phone_number_id": "7001", "app_id": "9001"},
    "dialog360": {"api_key": "k"},
    "twilio": {"account_sid": "AC1", "auth_token": "t"},
    "gupshup": {"app_name": "Shop", "api_key": "k", "app_id": "a1", "app_token": "pt"},
    "blip": {"bot_key": "b"},
}


def channel(gateway: str, **options: str) -> Channel:
    base = "https://acme.http.msging.net" if gateway == "blip" else ""
    known = {**CHANNELS[gateway], **options}
    return Channel(account="acme", name="main", gateway=gateway, base_url=base, options=known)


def ok(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, body=orjson.dumps(body))


def talk(steps: Exchange[Any], *answers: HttpResponse) -> tuple[Any, list[HttpRequest]]:
    """What the exchange returned, and its requests; all answers have to be used."""
    asked: list[HttpRequest] = []
    left = list(answers)
    try:
        asked.append(next(steps))
        while True:
            asked.append(steps.send(left.pop(0)))
    except StopIteration as done:
        assert not left, "it asked for less"
        return done.value, asked


def json(request: HttpRequest) -> Any:
    return orjson.loads(request.body)


def form(request: HttpRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))
