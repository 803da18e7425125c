"""What Avni's server posts to Glific: a session, then GraphQL with its token and no Bearer before it."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.web.doors.glific import number_of
from tests.web.api.conftest import Office

SEND = (
    "mutation sendHsmMessage($templateId: ID!, $receiverId: ID!, $parameters: [String]!) {"
    "sendHsmMessage(templateId: $templateId, receiverId: $receiverId, parameters: $parameters) {"
    "message {id body isHsm} errors {key message}}}"
)
TO_GROUP = (
    "mutation sendHsmMessageToGroup($templateId: ID!, $groupId: ID!, $parameters: [String]!) {"
    "sendHsmMessageToGroup(templateId: $templateId, groupId: $groupId, parameters: $parameters) {"
    "success contactIds errors {key message}}}"
)
AS_AVNI_NOW = (
    "mutation createAndSendMessageToGroup($input: MessageInput!, $groupId: ID!) {"
    "createAndSendMessageToGroup(input: $input, groupId: $groupId) {success contactIds errors {key message}}}"
)
VALUES = {"templateId": number_of("notice"), "receiverId": 573001110001, "parameters": ["Ana", "Monday"]}


def login(office: Office, key: str = "") -> str:
    user = {"phone": "917834811114", "password": key or office.key()}
    answer = office.client.post("/api/v1/session", json={"user": user})
    assert answer.status_code == 200, answer.text
    data = answer.get_json()["data"]
    assert data["token_expiry_time"].endswith("Z") and data["renewal_token"]
    return str(data["access_token"])


def ask(office: Office, query: str, variables: Any, *, token: str = "", status: int = 200, **headers: str) -> Any:
    said = {"Authorization": token or login(office), **headers}
    answer = office.client.post("/api", json={"query": query, "variables": variables}, headers=said)
    assert answer.status_code == status, answer.text
    return answer.get_json()


@pytest.fixture
def ana(office: Office) -> str:
    """A contact that has opted in, as Glific wants it too, and is a member of a group."""
    office.world.say("573001110001", "start", "tea", "sugar")
    office.work()
    (contact,) = office.get("/contacts")["items"]
    office.post(f"/contacts/{contact['id']}/consent", {"change": "in"})
    office.post("/groups", {"name": "mothers"}, status=201)
    office.post("/groups/mothers/members", {"add": [contact["id"]]})
    office.work()
    return str(contact["id"])


def test_a_template_to_a_contact(office: Office, ana: str) -> None:
    told = ask(office, SEND, VALUES, **{"Idempotency-Key": "k"})
    message = told["data"]["sendHsmMessage"]["message"]
    assert "errors" not in told and message["isHsm"] is True
    assert office.get(f"/messages/{message['id']}")["contact_id"] == ana
    assert ask(office, SEND, VALUES, **{"Idempotency-Key": "k"}) == told
    by_name = ask(office, SEND, {**VALUES, "templateId": "notice", "receiverId": ana})
    again = by_name["data"]["sendHsmMessage"]["message"]["id"]
    assert again != message["id"] and office.get(f"/messages/{again}")["contact_id"] == ana


def test_a_template_to_a_group_under_either_name(office: Office, ana: str) -> None:
    group = {"groupId": number_of("mothers")}
    told = ask(office, TO_GROUP, {**VALUES, **group})["data"]["sendHsmMessageToGroup"]
    assert told == {"success": True, "contactIds": [ana], "errors": None}
    given = {"templateId": "notice", "isHsm": True, "params": ["Ana", "Monday"]}
    told = ask(office, AS_AVNI_NOW, {"input": given, "groupId": "mothers"})["data"]["createAndSendMessageToGroup"]
    assert told["success"] is True
    assert [one["group"] for one in office.get("/broadcasts")["items"]] == ["mothers", "mothers"]


def test_a_refusal_is_in_the_field_and_above_all(office: Office, ana: str) -> None:
    def refused(query: str, **change: Any) -> str:
        told = ask(office, query, {**VALUES, "groupId": "mothers", **change})
        (field,) = told["data"].values()
        assert field["errors"] == told["errors"] and not field.get("success") and not field.get("message")
        return str(told["errors"][0]["key"])

    assert refused(SEND, parameters=["Ana"]) == "invalid_request"
    assert refused(SEND, receiverId="12") == "invalid_request"
    assert refused(SEND, templateId="nothing") == "not_found"
    assert refused(SEND, receiverId="573001110002") == "not_opted_in"
    assert refused(TO_GROUP, groupId="nothing") == "not_found"
    assert office.get("/broadcasts")["items"] == []
    other = ask(office, SEND, {**VALUES, "receiverId": ana}, token=login(office, office.key("beta")))
    assert other["errors"][0]["key"] == "not_found"


def test_only_these_operations_one_at_a_time(office: Office) -> None:
    twice = "mutation { " + 'a: sendHsmMessage(templateId: "x", receiverId: "1") {errors {key}} ' * 2 + "}"
    for query in (twice, "{", "fragment a on Query { groups { id } }", "{groups{id}} {groups{id}}", "{" * 2000):
        assert ask(office, query, {}, status=400)["errors"][0]["key"] == "parse"
    assert "contacts" in ask(office, "{ contacts { id } }", {})["errors"][0]["message"]
    assert ask(office, SEND, {"templateId": 1})["errors"][0]["key"] == "invalid_request"
    shown = ask(office, "{ sessionTemplates { id label numberParameters } }", {})["data"]["sessionTemplates"]
    assert {"id": str(number_of("notice")), "label": "notice", "numberParameters": 2} in shown


def test_the_key_is_the_password_and_the_token(office: Office) -> None:
    for body in ({}, {"user": {"password": "x"}}, {"user": "x"}):
        assert office.client.post("/api/v1/session", json=body).status_code == 401
    assert ask(office, SEND, VALUES, token="x", status=401)["errors"][0]["key"] == "unauthorized"
    messages = login(office, office.key(scopes=("messages",)))
    told = ask(office, TO_GROUP, {**VALUES, "groupId": "g"}, token=messages, status=403)
    assert told["errors"][0]["key"] == "forbidden"
