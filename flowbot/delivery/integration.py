"""A call of a client's service as one request, and its answer as what the flow goes on with: pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from ..errors import InvalidRequest
from ..model.gateway import HttpRequest, HttpResponse
from ..model.integration import Action, Integration
from .answer import object_of
from .failure import Failure

OWN = ("status", "error", "body")  # names under the step's id that are ours; a field of the answer goes to `body`
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]|[^\x00-\xff]")


def request_of(integration: Integration, action: Action, values: Mapping[str, Any], key: str) -> HttpRequest:
    """The request; InvalidRequest, in a word for the log, when the values do not make one.

    `key` is the Idempotency-Key, the same for each attempt.

    >>> crm = Integration(name="crm", base_url="https://crm.example/v1", auth={"bearer": "t"})
    >>> save = Action(name="save", method="PUT", path=lambda values: f"/people/{values['id']}", json=lambda values: {})
    >>> made = request_of(crm, save, {"id": "../a b"}, "k")
    >>> made.url, made.headers["authorization"], made.body
    ('https://crm.example/v1/people/..%2Fa%20b', 'Bearer t', b'{}')
    """
    headers = {"accept": "application/json", "idempotency-key": key, "user-agent": "flowbot"}
    body = b""
    if action.json is not None:
        headers["content-type"] = "application/json"
        body = _json(action.json(values))
    elif action.form is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
        body = _pairs(action.form(values)).encode()
    own = action.headers(values) if action.headers is not None else {}
    for name, value in (*integration.headers.items(), *own.items(), *_credentials(integration.auth).items()):
        if value is not None:
            headers[name.lower()] = _header(str(value))
    return HttpRequest(method=action.method, url=_url(integration, action, values), headers=headers, body=body)


def read(answer: HttpResponse | Failure) -> tuple[str, dict[str, Any], str]:
    """Outcome, what stands under the step's id, and of an error the reason as a stable word.

    >>> read(HttpResponse(status=201, body=b'{"id": 7, "status": "new"}'))
    ('ok', {'status': 201, 'id': 7, 'body': {'status': 'new'}}, '')
    >>> read(HttpResponse(status=200, body=b"[1]")), read(HttpResponse(status=204))
    (('error', {'status': 200, 'error': 'no_object'}, 'no_object'), ('ok', {'status': 204}, ''))
    """
    if isinstance(answer, Failure):
        return "error", {"status": 0, "error": answer.reason}, answer.reason
    fields = _fields(answer)
    reason = fields if isinstance(fields, str) else ""
    if not 200 <= answer.status < 300:
        reason = "status"
    found: dict[str, Any] = {"status": answer.status}
    if isinstance(fields, dict):
        found |= {name: value for name, value in fields.items() if name not in OWN}
        covered = {name: value for name, value in fields.items() if name in OWN}
        found |= {"body": covered} if covered else {}
    return ("error", {**found, "error": reason}, reason) if reason else ("ok", found, "")


def _fields(answer: HttpResponse) -> dict[str, Any] | str:
    """What the answer says, or what is wrong with it."""
    if not answer.body and answer.status in (204, 205):
        return {}
    return object_of(answer.body)


def _url(integration: Integration, action: Action, values: Mapping[str, Any]) -> str:
    path = str(action.path({name: _segment(value) for name, value in values.items()}))
    if any(part in (".", "..") for part in urlsplit(path).path.split("/")):
        raise InvalidRequest("the path leads elsewhere")
    if any(values.get(name) in (None, "") for name in action.needs):
        raise InvalidRequest("the path lacks a value")
    pairs = {**(action.query(values) if action.query is not None else {}), **integration.auth.get("query", {})}
    query = _pairs(pairs)
    mark = ("&" if "?" in path else "?") if query else ""
    return f"{integration.base_url.rstrip('/')}{path}{mark}{query}"


def _segment(value: Any) -> Any:
    """Every text in it quoted, wherever the path may reach for it.

    >>> _segment({"id": "a/b", "tags": ["../x", 7]})
    {'id': 'a%2Fb', 'tags': ['..%2Fx', 7]}
    """
    if isinstance(value, Mapping):
        return {name: _segment(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_segment(one) for one in value]
    return quote(value, safe="") if isinstance(value, str) else value


def _pairs(table: Mapping[str, Any]) -> str:
    """
    >>> _pairs({"a": True, "b": [1, 2], "c": None, "d": "x y"})
    'a=true&b=1&b=2&d=x+y'
    """
    return urlencode([(name, item) for name, value in table.items() for item in _plain(value)])


def _plain(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(one, bool):
            yield str(one).lower()
        elif isinstance(one, (dict, list)):
            yield _json(one).decode()
        elif one is not None:
            yield str(one)


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=str)
    except (TypeError, RecursionError):
        raise InvalidRequest("a value cannot be written as JSON") from None


def _header(text: str) -> str:
    if _UNSAFE.search(text):
        raise InvalidRequest("a header holds what it may not")
    return text


def _credentials(auth: Mapping[str, Any]) -> Mapping[str, str]:
    """
    >>> _credentials({"basic": {"user": "a", "password": "b"}})
    {'authorization': 'Basic YTpi'}
    """
    found = dict(auth.get("header", {}))
    if "bearer" in auth:
        found["authorization"] = f"Bearer {auth['bearer']}"
    if "basic" in auth:
        pair = f"{auth['basic'].get('user', '')}:{auth['basic'].get('password', '')}"
        found["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return found
