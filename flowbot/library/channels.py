"""A channel of flowbot.yaml: one business number on one gateway, with what that gateway asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model.problem import Path, Problem, Source
from ..model.project import Channel
from .fields import Count, Door, Duration, Listing, Number, Rate, Text, Url, load
from .secrets import Secrets

RATES = {"production": 80.0, "sandbox": 1.0}  # sends a second when the file does not say


@dataclass(frozen=True, slots=True)
class Asks:
    """What a gateway wants to know of a channel."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    base_url: str = ""


GATEWAYS: Mapping[str, Asks] = {
    "cloud_api": Asks(
        required=("phone_number_id", "access_token", "app_secret", "verify_token"),
        optional=("waba_id", "app_id"),
        base_url="https://graph.facebook.com/v23.0",
    ),
    "twilio": Asks(
        required=("account_sid", "auth_token"),
        optional=("messaging_service_sid", "api_key_sid", "api_key_secret"),
        base_url="https://api.twilio.com/2010-04-01",
    ),
    "gupshup": Asks(
        required=("app_name", "api_key"), optional=("app_id", "app_token", "secret"), base_url="https://api.gupshup.io"
    ),
    "dialog360": Asks(
        required=("api_key",),
        optional=("phone_number_id", "waba_id", "secret"),
        base_url="https://waba-v2.360dialog.io",
    ),
    "blip": Asks(required=("bot_key", "base_url"), optional=("contract", "bot_id", "secret")),
    "simulator": Asks(),
}


class ChannelDoor(Door):
    gateway = Text(required=True, one_of=GATEWAYS)
    number = Number()
    base_url = Url()
    environment = Text(one_of=("production", "sandbox"))
    rate = Rate()
    pair_interval = Duration()
    pair_burst = Count()
    recipients = Listing(Number())


def read_channel(
    source: Source, path: Path, data: Any, account: str, secrets: Secrets
) -> tuple[Channel | None, list[Problem]]:
    """The channel, None when it cannot be used at all; a channel whose secrets are not set yet is one, and off."""
    if not isinstance(data, dict):
        return None, load(ChannelDoor(), source, path, data)[1]
    gateway = data.get("gateway")
    asks = GATEWAYS.get(gateway) if isinstance(gateway, str) else None
    filled, missing = _fill(data, path, secrets)
    found, problems = load(_schema(asks), source, path, filled)
    problems = [one for one in problems if not (one.code == "P102" and _is_missing(one, missing))]
    if asks is None:
        return None, problems
    lacking = [name for name in asks.required if name not in found]
    environment = found.get("environment", "production")
    channel = Channel(
        account=account,
        name=str(path[-1]),
        gateway=str(gateway),
        number=found.get("number", ""),
        base_url=found.get("base_url", asks.base_url).rstrip("/"),
        environment=environment,
        rate=found.get("rate", RATES[environment]),
        pair_interval=found.get("pair_interval", 6000) / 1000,
        pair_burst=found.get("pair_burst", 45),
        recipients=found.get("recipients", ()),
        options={name: found[name] for name in (*asks.required, *asks.optional) if name in found},
        missing=tuple(dict.fromkeys([*missing.values(), *(name for name in lacking if name not in missing)])),
    )
    return channel, problems


def _schema(asks: Asks | None) -> Door:
    """The common keys and those of the gateway; of an unknown gateway anything goes, its name is mistake enough."""
    if asks is None:
        return ChannelDoor(unknown="exclude")
    fields: dict[str, Any] = {name: Text() for name in asks.optional}
    for name in asks.required:
        fields[name] = Url(required=True) if name == "base_url" else Text(required=True)
    made: type[Door] = type("GatewayDoor", (ChannelDoor,), fields)
    return made()


def _fill(data: Mapping[str, Any], path: Path, secrets: Secrets) -> tuple[dict[str, Any], dict[str, str]]:
    """The mapping with its references filled in, and key -> name of the secret that is not set."""
    filled: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for key, value in data.items():
        item, lacks = secrets.fill(value, (*path, key))
        if lacks:
            missing[key] = lacks[0]
        else:
            filled[key] = item
    return filled, missing


def _is_missing(problem: Problem, missing: Mapping[str, str]) -> bool:
    return any(f"'{name}'" in problem.message for name in missing)
