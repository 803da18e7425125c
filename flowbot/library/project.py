"""flowbot.yaml as a Project: accounts, their channels, endpoints and what else CONTRACT names."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from ..engine.expressions import compile_expression
from ..errors import ExpressionError
from ..model.integration import Integration
from ..model.problem import Path, Problem, Source, suggest
from ..model.project import STATUS_HOOKS, Account, Channel, Endpoint, Project
from ..model.verifier import Verifier
from .channels import read_channel
from .fields import Country, Door, Duration, Flag, Language, Listing, Name, Plain, Score, Text, Timezone, Url, load
from .integrations import read_integrations
from .office import read_office
from .one_time import read_codes
from .outreach import read_outreach
from .retention import read_retention
from .secrets import Secrets

HOOK_TYPES = (
    *("process." + word for word in ("started", "succeeded", "failed", "expired", "overridden", "looped")),
    *("session." + word for word in ("canceled", "expired", "restarted", "reengaged", "resumed", "handed_off")),
    *("outbound." + word for word in ("sent", "accepted", "canceled", "failed")),
    *("message." + word for word in ("received", "sent", "delivered", "read", "failed")),
    *("contact." + word for word in ("opted_in", "opted_out", "unreachable", "reachable", "forgotten")),
    *("template." + word for word in ("approved", "rejected", "paused", "disabled")),
)
HOOK_GROUPS = tuple(dict.fromkeys(kind.partition(".")[0] + ".*" for kind in HOOK_TYPES))
FIELD_TYPES = ("text", "number", "integer", "date", "email", "phone", "country", "language", "yes_no", "national_id")


class HookType(Text):
    def read(self, text: str) -> str:
        if text not in HOOK_TYPES and text not in HOOK_GROUPS and not text.startswith("custom."):
            near = suggest(text, HOOK_TYPES) or "or custom.<name>, as an `event` step names it"
            raise ValidationError(f"there is no hook '{text}'\n{near}")
        return text


class ProjectDoor(Door):
    accounts = Plain(required=True)
    allow_private_urls = Flag()


class AccountDoor(Door):
    title = Text()
    timezone = Timezone()
    default_country = Country()
    languages = Listing(Language())
    consent = Text(one_of=("strict", "permissive"))
    office = Plain()
    outreach = Plain()
    flows = Listing(Text(), all_word=True)
    channels = Plain(required=True)
    endpoints = Plain(list)
    contact_fields = Plain()
    integrations = Plain()
    verifiers = Plain()
    codes = Plain()
    retention = Plain()
    config = Plain()


class EndpointDoor(Door):
    name = Name(required=True)
    url = Url(required=True)
    secret = Text()
    events = Listing(HookType(), all_word=True)
    flows = Listing(Text(), all_word=True)
    when = Text()
    format = Text(one_of=("standard", "jwt", "twilio"))


class VerifierDoor(Door):
    url = Url(required=True)
    secret = Text()
    timeout = Duration()
    threshold = Score()


def read_project(source: Source, environ: Mapping[str, str]) -> tuple[Project, tuple[Problem, ...]]:
    """The project and every mistake in it; what is sound of it is there in any case."""
    shown, problems = look(source, environ)
    return runs(shown), problems


def runs(project: Project) -> Project:
    """The project without accounts whose name is not allowed."""
    accounts = {name: account for name, account in project.accounts.items() if is_name(name)}
    return replace(project, accounts=accounts)


def look(source: Source, environ: Mapping[str, str]) -> tuple[Project, tuple[Problem, ...]]:
    """The same with accounts whose name is not allowed: for `check`, which asks what else is wrong with their flows."""
    return _Reader(source, environ).project()


_NAME = Name()


def is_name(name: str) -> bool:
    try:
        _NAME.deserialize(name)
    except ValidationError:
        return False
    return True


class _Reader:
    def __init__(self, source: Source, environ: Mapping[str, str]) -> None:
        self.source = source
        self.secrets = Secrets(source, environ)
        self.problems: list[Problem] = []
        self.private = False

    def project(self) -> tuple[Project, tuple[Problem, ...]]:
        found = self._load(ProjectDoor, (), self.source.data)
        self.private = found.get("allow_private_urls", False)
        accounts = {}
        for name, data in found.get("accounts", {}).items():
            self._name(name, ("accounts", name), "an account")
            accounts[name] = self._account(name, ("accounts", name), data)
        self._watch_addresses(accounts)
        problems = (*self.problems, *self.secrets.problems)
        return Project(accounts=accounts, allow_private_urls=self.private), problems

    def _account(self, name: str, path: Path, data: Any) -> Account:
        found = self._load(AccountDoor, path, data)
        office, problems = read_office(self.source, (*path, "office"), found.get("office", {}))
        codes, mistakes = read_codes(
            self.source, (*path, "codes"), found.get("codes", {}), found.get("integrations", {})
        )
        outreach, wrong = read_outreach(self.source, (*path, "outreach"), found.get("outreach", {}))
        kept, unkept = read_retention(self.source, (*path, "retention"), found.get("retention", {}))
        self.problems += [*problems, *mistakes, *wrong, *unkept]
        return Account(
            name=name,
            title=found.get("title", name),
            timezone=found.get("timezone", "UTC"),
            default_country=found.get("default_country", ""),
            languages=found.get("languages", ("en",)) or ("en",),
            consent=found.get("consent", "strict"),
            flows=found.get("flows", ()),
            office=office,
            outreach=outreach,
            channels=self._channels(name, (*path, "channels"), found.get("channels", {})),
            endpoints=self._endpoints(name, (*path, "endpoints"), found.get("endpoints", [])),
            contact_fields=self._contact_fields((*path, "contact_fields"), found.get("contact_fields", {})),
            integrations=self._integrations((*path, "integrations"), found.get("integrations", {})),
            verifiers=self._verifiers((*path, "verifiers"), found.get("verifiers", {})),
            codes=codes,
            retention=kept,
            config=self.secrets.fill(found.get("config", {}), (*path, "config"))[0],
        )

    def _channels(self, account: str, path: Path, data: Mapping[str, Any]) -> dict[str, Channel]:
        channels = {}
        for name, one in data.items():
            here = (*path, name)
            channel, problems = read_channel(self.source, here, one, account, self.secrets)
            self.problems += problems
            if self._name(name, here, "a channel") and channel is not None:
                self._watch_url(channel.base_url, (*here, "base_url"), provider=True)
                channels[name] = channel
        return channels

    def _endpoints(self, account: str, path: Path, data: list[Any]) -> dict[str, Endpoint]:
        endpoints: dict[str, Endpoint] = {}
        for index, one in enumerate(data):
            here = (*path, index)
            filled, missing = self.secrets.fill(one, here)
            found = self._load(EndpointDoor, here, filled)
            if "name" not in found or "url" not in found:
                continue
            if found["name"] in endpoints:
                self._say((*here, "name"), "P105", f"there are two endpoints '{found['name']}'", "give it another name")
                continue
            if "secret" not in found:
                self._say(here, "P102", "the key 'secret' is missing here", "hooks are signed with it: ${env:NAME}")
                missing = missing or ("secret",)
            if found.get("format") == "twilio" and not set(STATUS_HOOKS) >= set(found.get("events") or ("process.*",)):
                message = "Twilio's form tells of a message's status, of nothing else"
                self._say((*here, "events"), "P103", message, f"events: [{', '.join(STATUS_HOOKS)}]")
            self._watch_url(found["url"], (*here, "url"))
            self._condition(found.get("when", ""), (*here, "when"))
            endpoints[found["name"]] = Endpoint(account=account, missing=missing, **found)
        return endpoints

    def _condition(self, source: str, path: Path) -> None:
        """An endpoint's `when` reads what a hook holds, and nothing else."""
        if not source:
            return
        try:
            names = compile_expression(source).names
        except ExpressionError as error:
            self._say(path, "E301", f"the expression cannot be read: {error}", "")
            return
        for name in names:
            if name.partition(".")[0] not in ("type", "data"):
                near = "type and data, as the hook has them: data.status == 'failure'"
                self._say(path, "P103", f"there is nothing called '{name}' in a hook", near)

    def _contact_fields(self, path: Path, data: Mapping[str, Any]) -> dict[str, str]:
        kinds = {}
        for name, kind in data.items():
            kind = kind.get("type", "text") if isinstance(kind, dict) else kind
            if kind not in FIELD_TYPES:
                hint = suggest(str(kind), FIELD_TYPES) or "one of " + ", ".join(FIELD_TYPES)
                self._say((*path, name), "P103", f"'{kind}' is not a type of field", hint)
            else:
                kinds[name] = str(kind)
        return kinds

    def _integrations(self, path: Path, data: Mapping[str, Any]) -> dict[str, Integration]:
        found, problems = read_integrations(self.source, path, data, self.secrets)
        self.problems += problems
        for name, one in found.items():
            self._watch_url(one.base_url, (*path, name, "base_url"))
        return found

    def _verifiers(self, path: Path, data: Mapping[str, Any]) -> dict[str, Verifier]:
        verifiers = {}
        for name, one in data.items():
            here = (*path, name)
            if not self._name(name, here, "a verifier"):
                continue
            filled, missing = self.secrets.fill(one, here)
            found = self._load(VerifierDoor, here, filled)
            if "secret" not in found:
                hint = "requests and verdicts are signed with it: ${env:NAME}"
                self._say(here, "P102", "the key 'secret' is missing here", hint)
                missing = missing or ("secret",)
            self._watch_url(found.get("url", ""), (*here, "url"))
            verifiers[name] = Verifier(name=name, missing=missing, **found)
        return verifiers

    def _watch_addresses(self, accounts: Mapping[str, Account]) -> None:
        """One address of a provider leads to one channel, or nobody knows whom a message is for."""
        seen: dict[tuple[str, str], Channel] = {}
        for account in accounts.values():
            for channel in account.channels.values():
                address = channel.options.get("phone_number_id", "")
                other = seen.setdefault((channel.gateway, address), channel) if address else channel
                if other is not channel:
                    path = ("accounts", account.name, "channels", channel.name, "phone_number_id")
                    self._say(path, "P110", f"the channel {other.key} has this phone_number_id too", "keep it in one")

    def _watch_url(self, url: str, path: Path, *, provider: bool = False) -> None:
        why = unreached(url, provider=provider) if url and not self.private else ""
        if why:
            public = "a public address" if provider else "a public address, https and port 443"
            hint = f"set allow_private_urls: true for development, or give {public}"
            self._say(path, "P112", f"{url} {why} and will not be called", hint, "warning")

    def _name(self, name: str, path: Path, what: str) -> bool:
        if not is_name(name):
            hint = "use small letters, digits, _ and -, beginning with a letter: it stands in URLs"
            self._say(path, "P105", f"'{name}' cannot be the name of {what}", hint)
        return is_name(name)

    def _load(self, door: type[Door], path: Path, data: Any) -> dict[str, Any]:
        found, problems = load(door, self.source, path, data)
        self.problems += problems
        return found

    def _say(self, path: Path, code: str, message: str, hint: str, level: str = "error") -> None:
        self.problems.append(self.source.problem(path, code, message, hint=hint, level=level))


def unreached(url: str, *, provider: bool = False) -> str:
    """Why nothing goes there, unless private addresses may be called; "" when it does. A provider's is less bounded.

    >>> [unreached(url) for url in ("http://10.0.0.1/", "http://a.example/", "https://a.example:8443", "https://a.example")]
    ['is a private address', 'is not https', 'has another port than 443', '']
    """
    parts = urlsplit(url)
    if _is_private(url):
        return "is a private address"
    if provider:
        return ""
    if parts.scheme != "https":
        return "is not https"
    return "has another port than 443" if parts.port not in (None, 443) else ""


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith((".localhost", ".internal", ".local")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
