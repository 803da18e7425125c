"""A channel of flowbot.yaml: one business number on one gateway, with what that gateway asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from marshmallow import EXCLUDE

from ..model.problem import Path, Problem, Source
from ..model.project import Channel
from .fields import Count, Door, Duration, Listing, Network, Number, Rate, Text, Url, load
from .secrets import Secrets

SECRET = "What the provider gives to prove itself: behind the channel in the webhook's path, or in a header."


@dataclass(frozen=True, slots=True)
class Asks:
    """What a gateway wants to know of a channel: key -> what it is for."""

    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    either: tuple[str, ...] = ()  # one of these at least
    base_url: str = ""
    rate: float = 80.0  # sends a second when the file does not say
    sandbox_rate: float = 1.0

    @property
    def own(self) -> dict[str, str]:
        """All its keys."""
        return {**self.required, **self.optional}


GATEWAYS: Mapping[str, Asks] = {
    "cloud_api": Asks(
        required={
            "phone_number_id": "The number's id, from the app's API setup page.",
            "access_token": "A system user's token.",
            "app_secret": "The app's secret: it signs the webhooks.",
            "verify_token": "A word of your own, written into Meta's form too.",
        },
        optional={
            "waba_id": "The business account's id: without it no template can be handed in, or known to be approved.",
            "app_id": "The app's id: with it, files for the headers of templates are shown to Meta.",
        },
        base_url="https://graph.facebook.com/v23.0",
    ),
    "twilio": Asks(
        required={
            "account_sid": "AC…",
            "auth_token": "It signs the webhooks, and sends when there is no API key.",
        },
        optional={
            "messaging_service_sid": "MG…: sends through that service instead of from the number.",
            "api_key_sid": "SK…: sends with this key instead of the account's token.",
            "api_key_secret": "The key's secret.",
        },
        either=("number", "messaging_service_sid"),
        base_url="https://api.twilio.com/2010-04-01",
        sandbox_rate=1 / 3,
    ),
    "gupshup": Asks(
        required={"app_name": "The app's name.", "api_key": "The account's key.", "secret": SECRET},
        optional={
            "app_id": "The app's id: with the token, contacts are opted in before their first template, and templates "
            "are handed in.",
            "app_token": "The app's partner token.",
        },
        either=("number",),
        base_url="https://api.gupshup.io",
    ),
    "dialog360": Asks(
        required={"api_key": "The number's D360-API-KEY.", "secret": SECRET},
        optional={
            "phone_number_id": "The number's id, where several numbers share this webhook.",
            "waba_id": "The business account's id, for templates.",
        },
        base_url="https://waba-v2.360dialog.io",
    ),
    "blip": Asks(
        required={
            "bot_key": "The bot's key, without the word Key.",
            "base_url": "https://<contract>.http.msging.net",
            "secret": SECRET,
        },
        optional={
            "router_key": "The router's key: hands contacts over to another bot.",
            "handover_bot": "The bot that a hand-over goes to.",
            "handover_flow": "That bot's flow id, and",
            "handover_state": "the block in it where the contact lands.",
        },
        rate=50.0,
    ),
    "http": Asks(
        required={
            "base_url": "Where messages are posted.",
            "secret": "Signs what comes and what goes, both ways.",
        }
    ),
    "simulator": Asks(),
}


class ChannelDoor(Door):
    gateway = Text(required=True, one_of=GATEWAYS)
    number = Number()
    base_url = Url()
    environment = Text(one_of=("production", "sandbox"))
    rate = Rate()
    tier = Count()
    pair_interval = Duration()
    pair_burst = Count()
    next_after = Text(one_of=("sent", "delivered"))
    next_after_cap = Duration()
    recipients = Listing(Number())
    addresses = Listing(Network())


def channel_names(source: Source | None) -> tuple[str, ...]:
    """The channels that flowbot.yaml names, of all accounts, with those that cannot be used yet."""
    data = source.data if source is not None and isinstance(source.data, dict) else {}
    accounts = data.get("accounts")
    found = (
        [one.get("channels") for one in accounts.values() if isinstance(one, dict)]
        if isinstance(accounts, dict)
        else []
    )
    return tuple(dict.fromkeys(name for channels in found if isinstance(channels, dict) for name in channels))


def read_channel(
    source: Source, path: Path, data: Any, account: str, secrets: Secrets
) -> tuple[Channel | None, list[Problem]]:
    """The channel, None when it cannot be used at all; a channel whose secrets are not set yet is one, and off."""
    if not isinstance(data, dict):
        return None, load(ChannelDoor, source, path, data)[1]
    gateway = data.get("gateway")
    asks = GATEWAYS.get(gateway) if isinstance(gateway, str) else None
    filled, missing = _fill(data, path, secrets)
    found, problems = load(_door(gateway if asks else None), source, path, filled)
    problems = [one for one in problems if not (one.code == "P102" and _is_missing(one, missing))]
    if asks is None:
        return None, problems
    problems += _neither(source, path, asks, found, missing)
    lacking = [name for name in asks.required if name not in found]
    environment = found.get("environment", "production")
    rate = asks.rate if environment == "production" else asks.sandbox_rate
    channel = Channel(
        account=account,
        name=str(path[-1]),
        gateway=str(gateway),
        number=found.get("number", ""),
        base_url=found.get("base_url", asks.base_url).rstrip("/"),
        environment=environment,
        rate=found.get("rate", rate),
        tier=found.get("tier", 0),
        pair_interval=found.get("pair_interval", 6000) / 1000,
        waits=found.get("next_after_cap", 10_000) / 1000 if found.get("next_after") == "delivered" else 0.0,
        pair_burst=found.get("pair_burst", 45),
        recipients=found.get("recipients", ()),
        addresses=found.get("addresses", ()),
        options={name: found[name] for name in asks.own if name in found},
        missing=tuple(dict.fromkeys([*missing.values(), *(name for name in lacking if name not in missing)])),
    )
    return channel, problems


def _neither(
    source: Source, path: Path, asks: Asks, found: Mapping[str, Any], missing: Mapping[str, str]
) -> Iterator[Problem]:
    """A channel that has none of several keys of which it needs one."""
    if asks.either and not any(name in found or name in missing for name in asks.either):
        first, *others = asks.either
        hint = f"add {first}: …" + "".join(f", or {name}: …" for name in others)
        yield source.problem(path, "P102", f"the key '{first}' is missing here", hint=hint)


class AnyDoor(ChannelDoor):
    """Of an unknown gateway anything goes, its name is mistake enough."""

    class Meta:
        unknown = EXCLUDE


@cache
def _door(gateway: str | None) -> type[Door]:
    """The common keys and those of the gateway."""
    if gateway is None:
        return AnyDoor
    asks = GATEWAYS[gateway]
    fields: dict[str, Any] = {name: Text() for name in asks.optional}
    for name in asks.required:
        fields[name] = Url(required=True) if name == "base_url" else Text(required=True)
    return type("GatewayDoor", (ChannelDoor,), fields)


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
