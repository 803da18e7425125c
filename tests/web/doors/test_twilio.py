"""What a client of Twilio's Messages resource posts, and what it reads of it."""

from __future__ import annotations

import base64
from typing import Any

from tests.web.api.conftest import Office

SEND = {
    "To": "whatsapp:+573001110001",
    "From": "whatsapp:+15550000001",
    "ContentSid": "notice",
    "ContentVariables": '{"1": "Ana", "2": "Monday"}',
    "UserAuthorized": "true",
}
HOOKS = "https://client.example/hooks"


def ask(office: Office, method: str, path: str, form: Any = None, *, status: int, key: str = "", **headers: str) -> Any:
    login = base64.b64encode(f"acme:{key or office.key()}".encode()).decode()
    said = {"Authorization": f"Basic {login}", **headers}
    answer = office.client.open(f"/2010-04-01/Accounts{path}", method=method, data=form, headers=said)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_a_content_with_variables_has_a_sid_and_a_status(office: Office) -> None:
    made = ask(office, "POST", "/acme/Messages.json", {**SEND, "StatusCallback": HOOKS}, status=201)
    assert (made["status"], made["from"], made["to"]) == ("queued", SEND["From"], SEND["To"])
    assert office.get(f"/messages/{made['sid']}")["channel"] == "main"
    office.work()
    told = ask(office, "GET", f"/acme/Messages/{made['sid']}.json", status=200)
    assert (told["sid"], told["status"], told["error_code"]) == (made["sid"], "queued", None)
    assert told["uri"] == made["uri"] == f"/2010-04-01/Accounts/acme/Messages/{made['sid']}.json"
    by_name = {**SEND, "ContentVariables": '{"name": "Ana", "day": "Monday"}'}
    once = ask(office, "POST", "/acme/Messages.json", by_name, status=201, **{"Idempotency-Key": "k"})
    assert (
        ask(office, "POST", "/acme/Messages.json", by_name, status=201, **{"Idempotency-Key": "k"})["sid"]
        == once["sid"]
    )


def test_a_body_or_a_file(office: Office) -> None:
    about = {name: SEND[name] for name in ("To", "From")}
    made = ask(office, "POST", "/acme/Messages.json", {**about, "Body": "Hi"}, status=201)
    assert made["body"] == "Hi"
    ask(office, "POST", "/acme/Messages.json", {**about, "MediaUrl": "https://files.example/a.png"}, status=201)
    closed = {**about, "Body": "Hi", "From": "whatsapp:+15550000002"}
    assert ask(office, "POST", "/acme/Messages.json", closed, status=400)["code"] == 63016


def test_what_is_refused_has_twilio_s_number(office: Office) -> None:
    def code(**change: str) -> int:
        told = ask(office, "POST", "/acme/Messages.json", {**SEND, **change}, status=400)
        assert told["status"] == 400 and told["message"]
        return int(told["code"])

    assert code(To="whatsapp:+12") == 21211
    assert code(From="whatsapp:+15550000003") == 21606  # another account's
    assert code(ContentSid="") == 21602
    assert code(ContentVariables='{"1": "Ana"}') == 21656
    assert code(ContentVariables='{"7": "Ana"}') == 20001 and code(ContentVariables="{") == 20001
    assert code(StatusCallback="https://other.example") == 21609
    assert code(Odd="1") == 20001
    office.work()
    assert office.get("/contacts")["items"] == []


def test_the_path_s_account_is_the_key_s(office: Office) -> None:
    """R140, I11: an unknown tenant gets 404 and changes nothing."""
    assert ask(office, "POST", "/beta/Messages.json", SEND, status=404)["code"] == 20404
    assert ask(office, "POST", "/acme/Messages.json", SEND, status=404, key=office.key("beta"))["code"] == 20404
    assert ask(office, "POST", "/acme/Messages.json", SEND, status=401, key="x")["code"] == 20003
    reads = office.key(scopes=("messages:read",))
    assert ask(office, "POST", "/acme/Messages.json", SEND, status=403, key=reads)["code"] == 20003
    made = ask(office, "POST", "/acme/Messages.json", SEND, status=201)
    ask(office, "GET", f"/beta/Messages/{made['sid']}.json", status=404, key=office.key("beta"))
