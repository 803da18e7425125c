"""What Truora's clients post, form-encoded or as JSON, with its header: it is what /v1 does."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from flowbot.store import own_templates
from tests.approving import say
from tests.web.api.conftest import Office

INVITE = {
    "name": "invite",
    "category": "UTILITY",
    "language": "en",
    "text": "Hello {{ name }}, shall we begin?",
    "continue_text": "Yes",
    "cancel_text": "No",
    "var.name": "Ana",
}
SEND = {
    "outbound_id": "invite",
    "flow_id": "talk",
    "phone_number": "3001110001",
    "country_code": "+57",
    "account_id": "m-17",
    "user_authorized": "true",
    "var.name": "Ana",
    "waba_phone_number": "15550000001",
}
NOTICE = {**SEND, "outbound_id": "notice", "flow_id": "", "var.day": "Monday"}


def post(office: Office, path: str, form: Any, *, key: str = "", json: bool = False, **headers: str) -> TestResponse:
    said = {"Truora-API-Key": key or office.key(), **headers}
    given = {"json": form} if json else {"data": form}
    return office.client.post(f"/v1/whatsapp{path}", headers=said, **given)


def good(answer: TestResponse) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.get_json()


def invite(office: Office) -> None:
    good(post(office, "/outbounds", INVITE))
    office.parts.shelf._looked = float("-inf")


def test_an_outbound_invites_to_a_flow_and_continue_starts_it(office: Office) -> None:
    """R022, R025: with user_authorized=true and a template."""
    invite(office)
    told = good(post(office, "/outbounds/send", SEND, **{"Idempotency-Key": "k1"}))
    assert {name: told[name] for name in ("phone_number", "outbound_id", "flow_id", "status")} == {
        "phone_number": "+573001110001",
        "outbound_id": "invite",
        "flow_id": "talk",
        "status": "pending",
    }
    assert good(post(office, "/outbounds/send", SEND, **{"Idempotency-Key": "k1"})) == told
    other = post(office, "/outbounds/send", {**SEND, "var.name": "Eva"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.get_json()["code"]) == (409, "idempotency_key_reused")
    office.work()
    process = office.get(f"/processes/{told['process_id']}")
    assert (process["account_id"], process["status"], process["flow"]) == ("m-17", "pending", "talk")
    message = office.get(f"/messages/{told['message_id']}")
    assert message["contact_id"] == told["contact_id"] and message["channel"] == "main"


def test_json_as_some_clients_send_it_and_a_number_in_full_reach_the_same_contact(office: Office) -> None:
    """R028."""
    form = good(post(office, "/outbounds/send", NOTICE))
    body = {**NOTICE, "user_authorized": True, "phone_number": "+573001110001", "country_code": ""}
    as_json = good(post(office, "/outbounds/send", body, json=True))
    assert form["contact_id"] == as_json["contact_id"] and form["message_id"] != as_json["message_id"]
    assert office.get(f"/messages/{form['message_id']}")["status"] == "accepted"


def test_what_is_refused_is_told_in_truora_s_words_and_queues_nothing(office: Office) -> None:
    """R022, R026."""

    def refused(**change: str) -> tuple[int, str]:
        answer = post(office, "/outbounds/send", {**NOTICE, **change})
        told = answer.get_json()
        assert told["http_code"] == answer.status_code
        return answer.status_code, told["message"]

    status, message = refused(user_authorized="false", phone_number="12")
    assert status == 422 and "user_authorized: must be true" in message and "phone_number: is no phone" in message
    status, message = refused(**{"var.day": ""})
    assert status == 400 and "day" in message
    status, message = refused(**{"var.other": "x"})
    assert status == 400 and "other" in message
    assert refused(outbound_id="nothing")[0] == 400
    assert refused(flow_id="nothing")[0] == 422
    status, message = refused(waba_phone_number="15550000003")  # another account's
    assert status == 422 and "waba_phone_number" in message
    office.work()
    assert office.get("/contacts")["items"] == []


def test_the_key_opens_what_it_opens(office: Office) -> None:
    reads = office.key(scopes=("messages:read",))
    assert post(office, "/outbounds/send", NOTICE, key=reads).status_code == 403
    for key in ("fk_live_nothing", "x"):
        answer = post(office, "/outbounds/send", NOTICE, key=key)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized")
    bearer = {"Authorization": f"Bearer {office.key()}"}
    assert office.client.post("/v1/whatsapp/outbounds/send", data=NOTICE, headers=bearer).status_code == 401
    assert office.client.get("/v1/whatsapp/inbounds").status_code == 405
    assert post(office, "/outbounds", b"{", json=False).status_code == 422


def test_an_inbound_is_confirmed_with_its_link_or_refused_with_what_to_write(office: Office) -> None:
    """R019, R021."""
    given = {"waba_phone_number": "+1 555 000 0001", "flow_id": "talk", "text": "hello, THERE!"}
    told = good(post(office, "/inbounds", given))
    assert told["link"] == "https://wa.me/15550000001?text=hello%2C%20THERE%21"
    answer = post(office, "/inbounds", {**given, "text": "Good morning", "waba_phone_number": "15550000003"})
    assert answer.status_code == 422
    assert "waba_phone_number" in answer.get_json()["message"] and "start: {messages" in answer.get_json()["message"]
    late = {"follow_up_enabled": "true", "start_business_hours": "13:00Z", "follow_up_delay": "0"}
    message = post(office, "/inbounds", {**given, **late}).get_json()["message"]
    assert "start_business_hours" in message and "reengage" in message and "follow_up_delay" not in message


def test_outbounds_are_the_account_s_templates(office: Office) -> None:
    """R023, R082."""
    invite(office)
    key = {"Truora-API-Key": office.key()}
    every = good(office.client.get("/v1/whatsapp/outbounds", headers=key))["outbounds"]
    assert [one["outbound_id"] for one in every] == ["invite", "notice", "otp"]
    one = good(office.client.get("/v1/whatsapp/outbounds/invite", headers=key))
    assert one["conversation_type"] == "flow" and one["languages"][0]["variables"] == ["name"]
    page = good(office.client.get("/v1/whatsapp/outbounds?limit=2", headers=key))
    rest = good(office.client.get(f"/v1/whatsapp/outbounds?limit=2&after={page['next']}", headers=key))
    assert [one["outbound_id"] for one in rest["outbounds"]] == ["otp"] and rest["next"] is None
    assert office.client.get("/v1/whatsapp/outbounds/nothing", headers=key).status_code == 404
    other = {"Truora-API-Key": office.key("beta")}
    assert office.client.get("/v1/whatsapp/outbounds/invite", headers=other).status_code == 404
    real = office.parts.library.account("acme").channels["real"]
    say(office.store, real, "notice", status="REJECTED", reason="TAG")
    answer = post(office, "/outbounds/send", {**NOTICE, "waba_phone_number": "15550000002"})
    assert answer.status_code == 409 and "REJECTED" in answer.get_json()["message"]
    assert office.store.run(own_templates.every("beta")) == {}
