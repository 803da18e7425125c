"""Whatever is posted to a door, it answers in its system's form; nothing of it is a fault of ours."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from tests.web.api.conftest import Office

ODD: list[Any] = [
    None,
    True,
    7,
    -1.5,
    "",
    "x" * 3000,
    "\ud7ff",
    [],
    [[]],
    [None],
    {},
    {"a": {"b": []}},
    "%00",
    "c1",
    "+",
]
TO = "573001110001@wa.gw.msging.net"
BODY = {"type": "body", "parameters": [{"text": "x"}]}
TEMPLATE = {"name": "notice", "language": {"code": "en"}, "components": [BODY]}
MESSAGE = {"to": TO, "type": "application/json", "content": {"template": TEMPLATE}, "metadata": {}}
COMMAND = {"id": "1", "method": "set", "uri": f"/contexts/{TO}/stateid@talk", "resource": "first"}
ORDER = {"template": "notice", "language": "en", "params": {}, "users": [{"address": "+573001110001", "params": {}}]}
SEND = {"outbound_id": "notice", "flow_id": "talk", "phone_number": "3001110001", "country_code": "57", "var.name": "x"}
QUERY = (
    "mutation a($t: ID!, $r: ID!, $p: [String]) "
    "{sendHsmMessage(templateId: $t, receiverId: $r, parameters: $p) {errors {key}}}"
)
DOORS: list[tuple[str, dict[str, Any]]] = [
    ("/v1/whatsapp/outbounds/send", {**SEND, "user_authorized": "true", "media_url": "x", "waba_phone_number": "1"}),
    ("/v1/whatsapp/outbounds", {"name": "n", "category": "utility", "language": "en", "text": "Hi", "header": "x"}),
    ("/v1/whatsapp/inbounds", {"waba_phone_number": "+15550000001", "flow_id": "talk", "text": "Hello there"}),
    ("/api/bot/main/broadcast", ORDER),
    ("/api/bot/main/user/+573001110001", {"optout": "all"}),
    ("/api/v1/session", {"user": {"phone": "1", "password": "x"}}),
    ("/api", {"query": QUERY, "variables": {"t": "notice", "r": "573001110001", "p": ["a", "b"]}}),
    ("/commands", COMMAND),
    ("/messages", MESSAGE),
    (
        "/2010-04-01/Accounts/acme/Messages.json",
        {"To": "+573001110001", "ContentSid": "notice", "ContentVariables": "{"},
    ),
]


def changed(body: dict[str, Any]) -> list[Any]:
    """The body with each odd value in each of its places, down to the deepest."""
    made: list[Any] = [*ODD]
    for name, value in body.items():
        inner = changed(value) if isinstance(value, dict) else ODD
        if isinstance(value, list) and value and isinstance(value[0], dict):
            inner = [*ODD, *([one] for one in changed(value[0]))]
        made += [{**body, name: one} for one in inner]
    return made


@pytest.mark.parametrize(("path", "body"), DOORS, ids=[path for path, _ in DOORS])
def test_no_body_is_a_fault_of_ours(office: Office, path: str, body: dict[str, Any]) -> None:
    key = office.key()
    schemes = {"/commands": f"Key {key}", "/messages": f"Key {key}", "/api": key}
    basic = "Basic " + base64.b64encode(f"acme:{key}".encode()).decode()
    scheme = basic if path.startswith("/2010") else schemes.get(path, f"Bearer {key}")
    headers = {"Authorization": scheme, "Truora-API-Key": key, "Content-Type": "application/json"}
    for one in [*changed(body), body]:
        answer = office.client.post(path, data=orjson.dumps(one), headers=headers)
        assert answer.status_code < 500 and answer.status_code != 429, (one, answer.text)
        assert not answer.data or answer.get_json() is not None
    assert answer.status_code != 401 or path == "/api/v1/session"  # the body that is nearly sound has got in
    for raw in (b"", b"{", b"\xff", b"[" * 5000):
        assert office.client.post(path, data=raw, headers=headers).status_code in (400, 401, 422), raw


def test_a_name_that_comes_twice_is_refused_in_each_form(office: Office) -> None:
    """Nobody knows which of the two was meant: an opt-out must not be taken for its contrary."""
    key = office.key()
    for path, said, body in (
        ("/api/bot/main/user/+573001110001", f"Bearer {key}", b'{"optout": "all", "optout": null}'),
        ("/messages", f"Key {key}", b'{"id": "1", "to": "a@b", "type": "text/plain", "content": "x", "content": "y"}'),
    ):
        answer = office.client.post(path, data=body, headers={"Authorization": said})
        assert answer.status_code == 400 and "more than once" in answer.text, (path, answer.text)
