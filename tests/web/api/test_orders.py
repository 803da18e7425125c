"""What a client's system may order: another step, another result, an operator's word, a change of a contact."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.store import hooks

from .conftest import TALK, Office, mistakes

ANA = "573001110001"


def process(office: Office) -> dict[str, Any]:
    found: dict[str, Any] = office.get("/processes")["items"][0]
    return found


def told(office: Office, kind: str) -> list[Any]:
    """The data of the hooks of a type."""
    entries = office.store.run(hooks.read(office.world.partition(ANA)))
    return [orjson.loads(one.body)["data"] for one in entries if one.type == kind]


def test_a_move_counts_from_the_next_message_on(office: Office) -> None:
    """R065: the next message is no answer, the step is entered; and it is on record who ordered it."""
    office.world.say(ANA, "start", "tea")
    office.work()
    one = process(office)
    office.post(f"/processes/{one['process_id']}/move", {"step": "first"})
    office.work()
    assert office.world.session(ANA).process.step == "second"  # type: ignore[union-attr]
    office.world.say(ANA, "anything")
    office.work()
    stands = office.world.session(ANA).process
    assert stands is not None and stands.step == "first" and stands.answers == {"first": "tea"}
    (audit,) = [line for line in office.world.history(ANA, "trace") if line["what"] == "moved"]
    assert (audit["detail"], audit["facts"]["by"]) == ("first", "t")


def test_a_stop_is_heard_before_a_move(office: Office) -> None:
    office.world.say(ANA, "start")
    office.work()
    one = process(office)
    office.post(f"/processes/{one['process_id']}/move", {"step": "second"})
    office.world.say(ANA, "stop")
    office.work()
    assert process(office)["reason"] == "opted_out"


def test_a_move_that_cannot_be(office: Office) -> None:
    office.world.say(ANA, "start")
    office.work()
    id = process(office)["process_id"]
    assert mistakes(office.ask("POST", f"/processes/{id}/move", {"step": "none"})) == ["/step"]
    assert office.ask("POST", f"/processes/{id}/move", {"step": "first"}, key=office.key("beta")).status_code == 404
    office.world.say(ANA, "tea", "sugar")
    office.work()
    assert (
        office.ask("POST", f"/processes/{id}/move", {"step": "first"}).get_json(force=True)["code"] == "process_ended"
    )


def test_a_finished_result_is_overridden_with_a_reason(office: Office) -> None:
    """R126: by who may, with reason and event; one under way cannot be."""
    office.world.say(ANA, "start")
    office.work()
    id = process(office)["process_id"]
    body = {"status": "failure", "reason": "forged", "result": {"seen": True}}
    refused = office.ask("POST", f"/processes/{id}/override", body)
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (409, "process_pending")
    office.world.say(ANA, "tea", "sugar")
    office.work()
    reader = office.key(scopes=("processes:read",))
    assert office.ask("POST", f"/processes/{id}/override", body, key=reader).status_code == 403
    office.post(f"/processes/{id}/override", body)
    office.work()
    now = office.get(f"/processes/{id}")
    assert (now["status"], now["outcome"], now["reason"]) == ("failure", "failed", "forged")
    assert now["result"] == {"seen": True}
    (hook,) = told(office, "process.overridden")
    assert (hook["overridden"]["by"], hook["overridden"]["outcome"]) == ("t", "succeeded")
    assert office.get("/processes?status=failure")["items"][0]["process_id"] == id


HANDOFF = """\
flow: talk
start: {keywords: [start], api: true}
steps:
  person: {handoff: support, say: "A person will write to you.", choices: {approve: done}, next: {closed: done}}
  done: {say: Thank you, succeed: {by: "{{ person.operator }}"}}
"""


def test_an_operator_talks_and_gives_back(office: Office) -> None:
    """R131, R132, R152: the operator's words go out, the bot's do not, whatever the contact says; a button leads on to
    its step; what makes no sense is refused.
    """
    office.world.write(HANDOFF)
    office.world.say(ANA, "start", "hello?")
    office.work()
    id = process(office)["process_id"]
    assert mistakes(office.ask("POST", f"/processes/{id}/operator", {"action": "say"})) == ["/text"]
    office.post(f"/processes/{id}/operator", {"action": "say", "text": "Good morning."})
    office.work()
    office.world.say(ANA, "start", "Good morning to you")
    office.work()
    wrong = office.ask("POST", f"/processes/{id}/operator", {"action": "choose", "choice": "aprove"})
    assert mistakes(wrong) == ["/choice"] and "there are approve" in wrong.text
    chosen = {"action": "choose", "choice": "approve", "operator": "maria"}
    office.post(f"/processes/{id}/operator", chosen, **{"Idempotency-Key": "once"})
    office.work()
    again = office.ask("POST", f"/processes/{id}/operator", chosen, **{"Idempotency-Key": "once"})
    assert again.status_code == 202
    said = [one["outbound"]["text"] for one in office.world.history(ANA, "out")]
    assert said == ["A person will write to you.", "Good morning.", "Thank you"]
    assert process(office)["result"] == {"by": "maria"}


IN_PART = HANDOFF.replace("flow: talk", "flow: part").replace("start: {keywords: [start], api: true}\n", "")
WHOLE = "flow: talk\nstart: {keywords: [start]}\nsteps:\n  ask: {run: part}\n  done: {say: Over, succeed: {}}\n"


def test_an_operator_has_the_buttons_of_a_part_too(office: Office) -> None:
    (office.world.folder / "flows" / "part.yaml").write_text(IN_PART)
    office.world.write(WHOLE)
    office.world.say(ANA, "start")
    office.work()
    id = process(office)["process_id"]
    assert mistakes(office.ask("POST", f"/processes/{id}/operator", {"action": "choose", "choice": "no"})) == [
        "/choice"
    ]
    office.post(f"/processes/{id}/operator", {"action": "choose", "choice": "approve"})
    office.work()
    assert process(office)["outcome"] == "succeeded"


def test_an_operator_is_told_that_the_bot_has_the_conversation(office: Office) -> None:
    office.world.say(ANA, "start")
    office.work()
    refused = office.ask("POST", f"/processes/{process(office)['process_id']}/operator", {"action": "close"})
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (409, "not_handed_off")


@pytest.fixture
def ana(office: Office) -> str:
    office.world.write(TALK)
    office.world.say(ANA, "start")
    office.work()
    found: str = office.get("/contacts")["items"][0]["id"]
    return found


def test_a_contact_is_changed(office: Office, ana: str) -> None:
    body = {"name": "Ana María", "fields": {"city": "Cali"}, "labels": {"vip": True}, "groups": {"north": True}}
    assert office.ask("PATCH", f"/contacts/{ana}", body).status_code == 202
    office.work()
    office.ask("PATCH", f"/contacts/{ana}", {"labels": {"vip": False, "new": True}, "fields": {"city": None}})
    office.work()
    now = office.get(f"/contacts/{ana}")
    assert (now["name"], now["fields"], now["labels"], now["groups"]) == ("Ana María", {}, ["new"], ["north"])
    assert mistakes(office.ask("PATCH", f"/contacts/{ana}", {"fields": {"none": 1}})) == ["/fields/none"]
    assert mistakes(office.ask("PATCH", f"/contacts/{ana}", {"labels": {"a": "yes"}, "age": 3})) == [
        "/age",
        "/labels/a",
    ]


def test_consent_is_added_to_the_ledger(office: Office, ana: str) -> None:
    """R090: time and method are kept, with history."""
    office.post(f"/contacts/{ana}/consent", {"change": "out", "topic": "offers", "method": "phone call"})
    office.work()
    assert office.get(f"/contacts/{ana}")["opted_out"] == ["offers"]
    office.post(f"/contacts/{ana}/consent", {"change": "in", "topic": "offers", "method": "form", "proof": "f-1"})
    office.work()
    assert office.get(f"/contacts/{ana}")["opted_out"] == []
    assert [one["method"] for one in (*told(office, "contact.opted_out"), *told(office, "contact.opted_in"))] == [
        "phone call",
        "form",
    ]


def test_the_same_key_orders_once(office: Office, ana: str) -> None:
    body = {"change": "out", "topic": "offers"}
    for _ in range(2):
        office.post(f"/contacts/{ana}/consent", body, **{"Idempotency-Key": "k-1"})
    office.work()
    assert len(told(office, "contact.opted_out")) == 1
    other = office.ask("POST", f"/contacts/{ana}/consent", {"change": "in"}, **{"Idempotency-Key": "k-1"})
    assert (other.status_code, other.get_json(force=True)["code"]) == (409, "idempotency_key_reused")


WAITS = """\
flow: talk
start: {keywords: [start]}
steps:
  paid: {say: "Waiting.", wait: {event: payment.received, timeout: 1d}, next: {timeout: late}}
  done: {say: "Thank you for {{ paid.amount }}.", succeed: {}}
  late: {fail: late}
"""


def test_an_event_is_heard_by_the_flow_that_waits(office: Office) -> None:
    """R129: an external event is visible to the flow as data and leads to a branch of its own."""
    office.world.write(WAITS)
    office.world.say(ANA, "start")
    office.work()
    told = office.post("/events", {"event": "payment.received", "to": "300 111 0001", "data": {"amount": 120}})
    assert told["channels"] == ["main"]
    office.work()
    assert office.world.history(ANA, "out")[-1]["outbound"]["text"] == "Thank you for 120."


def test_a_parked_process_is_resumed_with_a_result(office: Office) -> None:
    """R119: that one and no other; resuming what waits for nothing is refused, and says so."""
    text = WAITS.replace("keywords: [start]", "keywords: [start], api: true").replace(
        "done: {", "asks: {ask: Sure?}\n  done: {"
    )
    office.world.write(text)
    office.world.say(ANA, "start", "start")
    office.work()
    second, first = (one["process_id"] for one in office.get("/processes")["items"])
    path = f"/processes/{first}/resume"
    assert office.ask("POST", path, {"data": {"amount": 7}}, key=office.key("beta")).status_code == 404
    assert office.ask("POST", path, {"data": 7}).status_code == 422
    for _ in range(2):
        office.post(path, {"data": {"amount": 7}}, **{"Idempotency-Key": "r"})
    office.work()
    assert office.world.session(ANA).process.id == first  # type: ignore[union-attr]
    assert [one.id for one in office.world.session(ANA).parked] == [second]
    again = office.ask("POST", path, {"data": {}})
    assert (again.status_code, again.get_json(force=True)["code"]) == (409, "nothing_waits")
    office.world.say(ANA, "yes")
    office.work()
    assert office.world.history(ANA, "out")[-1]["outbound"]["text"] == "Thank you for 7."
    assert office.ask("POST", path, {}).get_json(force=True)["code"] == "process_ended"
    office.post(f"/processes/{second}/resume", {"data": {"amount": 8}})
    office.work()
    assert office.get(f"/processes/{second}")["status"] == "pending" and not office.world.session(ANA).parked


def test_an_event_names_whom_it_concerns(office: Office, ana: str) -> None:
    for body in ({"event": "x"}, {"event": "x", "contact_id": ana, "to": ANA}):
        assert mistakes(office.ask("POST", "/events", body)) == ["/contact_id"]
    assert mistakes(office.ask("POST", "/events", {"event": "x", "to": "nobody"})) == ["/to"]
    assert office.ask("POST", "/events", {"event": "x", "to": "+573009990000"}).status_code == 404
    assert office.ask("POST", "/events", {"event": "x", "contact_id": ana}, key=office.key("beta")).status_code == 404
