"""`integrations` of an account in flowbot.yaml: HTTP services, and the requests that a `call` may make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from ..engine.expressions import compile_value
from ..errors import ExpressionError
from ..model.integration import TIMEOUT, Action, Fill, Integration
from ..model.problem import Path, Problem, Source
from .fields import Door, Duration, Name, Plain, Text, Url, load
from .secrets import Secrets

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")


class RequestPath(Text):
    """What follows the base_url."""

    def read(self, text: str) -> str:
        if not text.startswith("/"):
            raise ValidationError(f"'{text}' is no path\nit begins with /, and follows the integration's base_url")
        return text


class IntegrationDoor(Door):
    base_url = Url(required=True)
    auth = Plain()
    headers = Plain()
    timeout = Duration()
    actions = Plain(required=True)


class ActionDoor(Door):
    method = Text(one_of=METHODS)
    path = RequestPath(required=True)
    query = Plain()
    json = Plain()
    form = Plain()
    headers = Plain()
    timeout = Duration()


class AuthDoor(Door):
    bearer = Text()
    basic = Plain()
    header = Plain()
    query = Plain()


class BasicDoor(Door):
    user = Text(required=True)
    password = Text(required=True)


def read_integrations(
    source: Source, path: Path, data: Mapping[str, Any], secrets: Secrets
) -> tuple[dict[str, Integration], list[Problem]]:
    """Those that are sound, and every mistake in them."""
    reader = _Reader(source, secrets)
    found = {}
    for name, one in data.items():
        if reader.named(name, (*path, name), "an integration"):
            found[name] = reader.integration(name, (*path, name), one)
    return found, reader.problems


class _Reader:
    def __init__(self, source: Source, secrets: Secrets) -> None:
        self.source = source
        self.secrets = secrets
        self.problems: list[Problem] = []

    def integration(self, name: str, path: Path, data: Any) -> Integration:
        filled, missing = self.secrets.fill(data, path)
        found = self._load(IntegrationDoor, path, filled)
        raw = data.get("actions") if isinstance(data, dict) else None
        actions = {}
        for key, one in found.get("actions", {}).items():
            if self.named(key, (*path, "actions", key), "an action"):
                written = raw.get(key) if isinstance(raw, dict) else None
                actions[key] = self._action(key, (*path, "actions", key), written, one, found.get("timeout", TIMEOUT))
        return Integration(
            name=name,
            base_url=found.get("base_url", ""),
            auth=self._auth((*path, "auth"), found["auth"]) if "auth" in found else {},
            headers=self._headers((*path, "headers"), found.get("headers", {})),
            actions=actions,
            missing=missing,
        )

    def named(self, name: Any, path: Path, what: str) -> bool:
        try:
            Name().deserialize(name)
        except ValidationError:
            hint = "use small letters, digits, _ and -, beginning with a letter"
            self._say(path, "P105", f"'{name}' cannot be the name of {what}", hint)
            return False
        return True

    def _auth(self, path: Path, data: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self._load(AuthDoor, path, data)
        if "basic" in found:
            found["basic"] = self._load(BasicDoor, (*path, "basic"), found["basic"])
        if "header" in found:
            found["header"] = self._headers((*path, "header"), found["header"])
        if "query" in found:
            found["query"] = {str(name): str(value) for name, value in found["query"].items()}
        return found

    def _headers(self, path: Path, data: Mapping[str, Any]) -> Mapping[str, str]:
        found = {}
        for name, value in data.items():
            if not _HEADER.match(str(name)) or isinstance(value, (dict, list)) or value is None:
                self._say((*path, name), "P103", f"'{name}' is no header with a value", "for example X-Team: support")
            else:
                found[str(name)] = str(value)
        return found

    def _action(self, name: str, path: Path, raw: Any, filled: Any, timeout: int) -> Action:
        found = self._load(ActionDoor, path, filled)
        raw = raw if isinstance(raw, dict) else {}
        if "json" in found and "form" in found:
            self._say((*path, "form"), "P103", "a request has one body: json or form", "remove one of the two")
        method = found.get("method", "POST" if "json" in found or "form" in found else "GET")
        if method == "GET" and ("json" in found or "form" in found):
            self._say((*path, "method"), "P103", "a GET has no body", "write query instead of json or form")
        reads: set[str] = set()
        needs: set[str] = set()
        fills = {
            key: self._fill(raw.get(key), found[key], (*path, key), needs if key == "path" else reads)
            for key in ("path", "query", "json", "form", "headers")
            if key in found
        }
        return Action(
            name=name,
            method=method,
            path=fills.get("path", lambda values: ""),
            query=fills.get("query"),
            json=fills.get("json"),
            form=fills.get("form"),
            headers=fills.get("headers"),
            timeout=found.get("timeout", timeout),
            needs=frozenset(needs),
            reads=frozenset(reads | needs),
        )

    def _fill(self, raw: Any, filled: Any, path: Path, names: set[str]) -> Fill:
        """A text that holds a secret is what it is; in all others `{{ }}` is filled in, so that no secret is ever
        read as an expression, and no answer of a contact as the name of a secret.
        """
        if isinstance(filled, dict):
            own = raw if isinstance(raw, dict) else {}
            members = {key: self._fill(own.get(key), item, (*path, key), names) for key, item in filled.items()}
            return lambda values: {key: give(values) for key, give in members.items()}
        if isinstance(filled, list):
            rows = raw if isinstance(raw, list) else [None] * len(filled)
            items = [self._fill(rows[at], item, (*path, at), names) for at, item in enumerate(filled)]
            return lambda values: [give(values) for give in items]
        if isinstance(raw, str) and "${" in raw:
            if "{{" in raw or "{%" in raw:
                hint = "give each a text of its own: a header, a field"
                self._say(path, "P116", "a secret and {{ }} cannot stand in one text", hint)
            return lambda values: filled
        try:
            found = compile_value(filled)
        except ExpressionError as error:
            self._say(path, "E301", f"the value cannot be read: {error}", "{{ name }} stands for a value of `with`")
            return lambda values: None
        names.update(name.partition(".")[0] for name in found.names)
        return found

    def _load(self, door: type[Door], path: Path, data: Any) -> dict[str, Any]:
        found, problems = load(door, self.source, path, data)
        self.problems += problems
        return found

    def _say(self, path: Path, code: str, message: str, hint: str) -> None:
        self.problems.append(self.source.problem(path, code, message, hint=hint))
