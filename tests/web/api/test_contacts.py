"""Contacts over the API: made, changed, and what they agreed to."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Office, mistakes

TO = "+573001110001"
AGREED = {"topic": "offers", "change": "in", "method": "web form", "proof": "form 17", "at": "2026-01-02T03:04:05Z"}


def agree(office: Office, id: str, status: int = 202, **body: Any) -> Any:
    answer = office.ask("POST", f"/contacts/{id}/consent", body)
    assert answer.status_code == status, answer.text
    office.work()
    return answer.get_json(force=True)


def test_a_stranger_is_made_with_what_it_agreed_to(office: Office) -> None:
    """R090: proof and time of an opt-in that we were not there for; then the contact may be written to."""
    body = {"to": TO, "name": "Ana", "language": "es", "labels": {"vip": True}, "fields": {"children": "3"}}
    key = {"Idempotency-Key": "new"}
    made = office.post("/contacts", {**body, "consent": [AGREED]}, **key)
    assert office.post("/contacts", {**body, "consent": [AGREED]}, **key) == made
    office.work()
    one = office.get(f"/contacts/{made['contact_id']}")
    assert (one["phone"], one["name"], one["language"], one["labels"]) == (TO, "Ana", "es", ["vip"])
    assert (one["fields"], one["opted_in"], one["consent_next"]) == ({"children": 3}, ["offers"], None)
    (change,) = one["consent"]
    recorded = change.pop("recorded_at")
    assert change == AGREED and recorded > change["at"]
    template = {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}
    assert office.post("/messages", {"channel": "main", "to": TO, "template": template})["contact_id"] == one["id"]
    office.post("/contacts", {"to": TO, "labels": ["new", "vip"]})
    office.work()
    assert office.get(f"/contacts/{one['id']}")["labels"] == ["vip", "new"]
    again = office.post("/contacts", {"to": "300 111 0001", "labels": {"vip": False, "new": False}, "name": "Anita"})
    office.work()
    one = office.get(f"/contacts/{again['contact_id']}")
    assert (one["id"], one["name"], one["labels"], one["language"]) == (made["contact_id"], "Anita", [], "es")


def test_who_was_just_made_is_there_before_the_worker_has_come(office: Office) -> None:
    body = {"to": TO, "name": "Ana", "language": "es", "fields": {"city": "Cali"}, "labels": ["new"]}
    id = office.post("/contacts", {**body, "consent": [AGREED]})["contact_id"]
    soon = office.get(f"/contacts/{id}")
    assert office.get("/contacts?to=3001110001")["items"][0]["id"] == id
    assert office.ask("GET", f"/contacts/{id}", key=office.key("beta")).status_code == 404
    office.work()
    done = office.get(f"/contacts/{id}")
    later = ("consent", "created_at")  # its ledger, and a time that may be a second later
    assert {**soon, **{name: done[name] for name in later}} == done
    assert (soon["phone"], soon["fields"], soon["labels"]) == (TO, {"city": "Cali"}, ["new"])
    assert soon["opted_in"] and office.ask("GET", "/contacts/c00none").status_code == 404


def test_who_was_just_made_can_be_changed_and_forgotten_at_once(office: Office) -> None:
    id = office.post("/contacts", {"to": TO, "name": "Ana"})["contact_id"]
    assert office.ask("PATCH", f"/contacts/{id}", {"name": "Anita"}).status_code == 202
    assert office.get(f"/contacts/{id}")["name"] == "Anita"
    asked = {"event": "visit.scheduled", "entity": "v-1", "contact_id": id}
    assert office.ask("POST", "/events", asked).status_code == 202
    assert office.ask("DELETE", f"/contacts/{id}").status_code == 202
    assert office.ask("GET", f"/contacts/{id}").status_code == 404
    office.work()
    assert office.ask("GET", f"/contacts/{id}").status_code == 404


def test_the_ledger_is_only_added_to_and_comes_in_pages(office: Office) -> None:
    """R090: opt-in time, method and opt-out time with their history, the newest first."""
    office.world.say(TO[1:], "optout")
    office.work()
    (person,) = office.get("/contacts")["items"]
    agree(office, person["id"], topic="all", change="in")
    for n in range(23):
        agree(office, person["id"], topic="offers", change="in" if n % 2 else "out", proof=str(n))
    shown = office.get(f"/contacts/{person['id']}")
    assert len(shown["consent"]) == 20 and shown["consent"][0]["proof"] == "22"
    seen, after = [], ""
    while after is not None:
        page = office.get(f"/contacts/{person['id']}/consent?limit=5&after={after}")
        seen += page["items"]
        after = page["next"]
    assert seen[:20] == shown["consent"]
    assert (seen[-1]["topic"], seen[-1]["change"], seen[-1]["method"]) == ("all", "out", "word")
    assert office.ask("GET", f"/contacts/{person['id']}/consent", key=office.key("beta")).status_code == 404


def test_an_old_form_does_not_undo_a_later_opt_out(office: Office) -> None:
    office.world.say(TO[1:], "optout")
    office.work()
    (person,) = office.get("/contacts")["items"]
    assert agree(office, person["id"], 409, **AGREED)["code"] == "opted_out"
    refused = office.ask("POST", "/contacts", {"to": TO, "consent": [AGREED]})
    assert (refused.status_code, office.get(f"/contacts/{person['id']}")["opted_out"]) == (409, ["all"])
    agree(office, person["id"], topic="all", change="in")
    assert office.get(f"/contacts/{person['id']}")["opted_out"] == []


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all at once": (
        {
            "to": "nobody",
            "language": "english",
            "timezone": "Mars/Base",
            "country": "co",
            "fields": {"children": "many", "town": "X"},
            "consent": [{"change": "in", "topic": "ofers"}, {"change": "maybe", "at": "2999-01-01T00:00:00Z"}, 5],
            "nme": 1,
        },
        [
            *("/consent/0/topic", "/consent/1/change", "/consent/2", "/country", "/fields/children", "/fields/town"),
            *("/language", "/nme", "/timezone", "/to"),
        ],
    ),
    "no contact": ({}, ["/to"]),
    "names alone": (
        {"to": "nobody", "fields": {"town": 1}, "consent": [{"change": "in", "topic": "x"}]},
        ["/consent/0/topic", "/fields/town", "/to"],
    ),
    "to come": ({"to": TO, "consent": [{**AGREED, "at": "2999-01-01T00:00:00Z"}]}, ["/consent/0/at"]),
}


@pytest.mark.parametrize(("body", "pointers"), WRONG.values(), ids=WRONG)
def test_all_mistakes_come_at_once(office: Office, body: dict[str, Any], pointers: list[str]) -> None:
    answer = office.ask("POST", "/contacts", body)
    assert (answer.status_code, mistakes(answer)) == (422, pointers)
    assert office.world.waiting() == 0 and office.get("/contacts")["items"] == []


def test_only_what_is_known_can_be_agreed_to(office: Office) -> None:
    """`all`, a category, or a topic of a template, a flow or a rule; the answer tells which there are."""
    office.world.say(TO[1:], "hello")
    office.work()
    (person,) = office.get("/contacts")["items"]
    (wrong,) = agree(office, person["id"], 422, topic="ofers", change="out")["errors"]
    assert (wrong["pointer"], wrong["detail"]) == ("/topic", "is unknown: did you mean `offers`?")
    (wrong,) = agree(office, person["id"], 422, topic="x", change="in")["errors"]
    assert "all, authentication, marketing, offers, utility" in wrong["detail"]
    for topic in ("all", "marketing", "offers"):
        agree(office, person["id"], topic=topic, change="out")
    assert set(office.get(f"/contacts/{person['id']}")["opted_out"]) == {"all"}
    edit = office.ask("PATCH", f"/contacts/{person['id']}", {"timezone": "Mars", "fields": {"children": [], "town": 1}})
    assert (edit.status_code, mistakes(edit)) == (422, ["/fields/children", "/fields/town", "/timezone"])
