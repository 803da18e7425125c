"""What a client's system plans: by events that rules go by, and by schedules of its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowbot.model.order import ContactEdited

from .conftest import Office, mistakes

ANA, EVA = "573001110001", "573001110002"
NOTICE = {"name": "notice", "params": {"name": "{{ contact.name }}", "day": "Monday"}}


def soon(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


def planned(office: Office, **query: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found: list[dict[str, Any]] = office.get(f"/schedules?{asked}")["items"]
    return found


def run(office: Office) -> None:
    """Until nothing is due any more."""
    worker, still = office.world.worker(), 0
    for _ in range(100):
        worker.schedules.next_look = worker.schedules.next_turn = 0.0
        worker.round()
        still = 0 if worker.ready or worker.schedules.busy or office.world.waiting() else still + 1
        if still == 3:
            return
    raise AssertionError("there is always something more to do")


def test_an_event_plans_what_rules_say(office: Office) -> None:
    """R108, R116: somebody not known yet; listed with its state, moved by the same entity, canceled by its end."""
    event = {"event": "visit.scheduled", "entity": "v-17", "to": f"+{ANA}", "user_authorized": True}
    told = office.post("/events", {**event, "data": {"on": "2999-05-04"}})
    assert told["rules"] == ["visits.remind"]
    office.work()
    (one,) = planned(office, contact_id=told["contact_id"])
    assert (one["state"], one["at"], one["rule"]) == ("scheduled", "2999-05-03T10:00:00Z", "visits.remind")
    office.post("/events", {**event, "data": {"on": "2999-05-06"}})
    office.work()
    assert [row["at"] for row in planned(office, contact_id=told["contact_id"])] == ["2999-05-05T10:00:00Z"]
    office.post("/events", {**event, "event": "visit.deleted"})
    office.work()
    assert [row["state"] for row in planned(office, contact_id=told["contact_id"])] == ["canceled"]


def test_an_event_without_rules_is_for_who_is_known(office: Office) -> None:
    assert office.ask("POST", "/events", {"event": "paid", "to": f"+{ANA}"}).status_code == 404
    assert mistakes(office.ask("POST", "/events", {"event": "visit.scheduled", "to": f"+{ANA}", "actor": "me"})) == [
        "/actor"
    ]


def test_a_schedule_is_executed_at_its_time(office: Office) -> None:
    """R115, R112: what is said is what is true at the send."""
    office.world.say(ANA, "hello", name="Ana")
    office.work()
    body = {"to": f"+{ANA}", "at": soon(seconds=1.5), "template": NOTICE, "user_authorized": True}
    told = office.post("/schedules", body)
    office.work()
    id = told["schedule_id"]
    assert office.get(f"/schedules/{id}")["state"] == "scheduled"
    office.world.event(ANA, ContactEdited(nonce="1", texts={"name": "Ana María"}))
    time.sleep(1.6)  # a busy machine takes its time for what is above
    run(office)
    one = office.get(f"/schedules/{id}")
    assert (one["state"], one["template"]) == ("executed", "notice")
    assert office.get(f"/messages/{one['made']}")["id"] == one["made"]
    assert "Hello Ana María, come on Monday please." in office.world.said(ANA)
    assert office.ask("DELETE", f"/schedules/{id}").status_code == 409
    (known,) = office.get("/contacts")["items"]
    assert known["counts"]["notifications"] == 1  # R135


def test_a_schedule_is_canceled_before_its_time(office: Office) -> None:
    """R115: of one contact, and of a group; what is over can be taken off the list."""
    office.post("/groups", {"name": "mothers"}, status=201)
    for whom in ({"to": f"+{ANA}"}, {"group": "mothers"}):
        body = {**whom, "at": soon(days=2), "flow": "talk", "user_authorized": True}
        id = office.post("/schedules", body)["schedule_id"]
        office.work()
        office.ask("DELETE", f"/schedules/{id}")
        office.work()
        assert office.get(f"/schedules/{id}")["state"] == "canceled"
    assert [row["state"] for row in planned(office, group="mothers")] == ["canceled"]
    assert planned(office, state="scheduled") == []
    assert office.ask("DELETE", f"/schedules/{id}").status_code == 202
    assert planned(office, group="mothers") == []


def test_a_group_gets_it_again_and_again(office: Office) -> None:
    """R114, R116: listed for the group, with its next time."""
    for number in (ANA, EVA):
        office.world.say(number, "hello", name=number[-1])
    office.world.event(EVA, ContactEdited(nonce="1", groups={"mothers": True}))
    office.work()
    body = {"group": "mothers", "every": {"daily": True, "at": "10:00"}, "flow": "talk", "user_authorized": True}
    alone = office.post("/schedules", {**body, "every": {"weekly": "mon"}})["schedule_id"]
    assert office.get(f"/schedules/{alone}")["every"] == {"weekly": ["mon"]}
    office.ask("DELETE", f"/schedules/{alone}")
    office.ask("DELETE", f"/schedules/{alone}")
    id = office.post("/schedules", body)["schedule_id"]
    (one,) = planned(office, group="mothers")
    assert one["id"] == id and one["at"].endswith("T10:00:00Z") and one["every"] == body["every"]
    office.post("/schedules", {**body, "every": {"hourly": 1}})
    assert len(planned(office, group="mothers", limit="1")) == 1


def test_the_same_order_again_is_one(office: Office) -> None:
    body = {"to": f"+{ANA}", "at": soon(days=2), "flow": "talk"}
    first = office.post("/schedules", body, **{"Idempotency-Key": "k"})
    assert office.post("/schedules", body, **{"Idempotency-Key": "k"}) == first
    office.work()
    assert len(planned(office, contact_id=first["contact_id"])) == 1


MISTAKES = [
    ({}, ["/at", "/template", "/to"]),
    ({"to": "x", "at": "soon", "flow": "none"}, ["/at", "/flow", "/to"]),
    (
        {"group": "none", "at": "soon", "flow": 5, "template": {"params": []}},
        ["/at", "/flow", "/group", "/template", "/template/name", "/template/params"],
    ),
    ({"contact_id": "none", "at": "soon", "flow": "talk"}, ["/at", "/contact_id"]),
    ({"group": "g", "at": "2020-01-01", "flow": "talk"}, ["/at"]),
    ({"group": "g", "every": {"monthly": 40}, "flow": "talk"}, ["/every"]),
    ({"group": "g", "every": {"weekly": ["mo"]}, "flow": "talk"}, ["/every/weekly/0"]),
    ({"group": "g", "every": {"daily": True, "weekdays": True}, "flow": "talk"}, ["/every"]),
    ({"group": "g", "every": {"once": "2020-01-01"}, "flow": "talk"}, ["/every"]),
    ({"group": "g", "at": "2999-01-01", "flow": "talk", "inputs": {"x": 1}, "max_age": "x"}, ["/inputs/x", "/max_age"]),
    (
        {"group": "g", "at": "2999-01-01", "template": {"name": "notice", "params": {"nam": 1}}},
        ["/template/params/day", "/template/params/nam", "/template/params/name"],
    ),
    (
        {"group": "g", "at": "2999-01-01", "template": {"name": "notice", "params": {"name": "{{", "day": "x"}}},
        ["/template/params/name"],
    ),
    ({"group": "g", "at": "2999-01-01", "template": {"name": "none"}, "channel": "x"}, ["/channel", "/template/name"]),
]


@pytest.mark.parametrize(("body", "pointers"), MISTAKES)
def test_all_mistakes_at_once(office: Office, body: dict[str, Any], pointers: list[str]) -> None:
    office.post("/groups", {"name": "g"}, status=201)
    answer = office.ask("POST", "/schedules", body)
    assert answer.status_code == 422
    assert mistakes(answer) == pointers


def test_rules_are_listed_with_their_next_time(office: Office) -> None:
    run(office)
    remind, weekly = office.get("/rules")["items"]
    assert (remind["name"], remind["event"], remind["next_at"]) == ("visits.remind", "visit.scheduled", None)
    assert (weekly["to"], weekly["next_at"][10:]) == ("group:mothers", "T09:00:00Z")
    assert office.get("/rules/visits.weekly") == weekly
    assert office.ask("GET", "/rules/none").status_code == 404


def test_nothing_of_another_account_is_seen(office: Office) -> None:
    """I11."""
    office.post("/groups", {"name": "g"}, status=201)
    id = office.post("/schedules", {"group": "g", "at": soon(days=1), "flow": "talk"})["schedule_id"]
    mine = office.post("/schedules", {"to": f"+{ANA}", "at": soon(days=1), "flow": "talk"})["schedule_id"]
    office.work()
    for one in (id, mine):
        for method in ("GET", "DELETE"):
            assert office.ask(method, f"/schedules/{one}", key=office.key("beta")).status_code == 404
    assert office.get("/schedules", key=office.key("beta"))["items"] == []


def test_a_group_has_to_be_there(office: Office) -> None:
    assert mistakes(office.ask("POST", "/schedules", {"group": "none", "at": soon(days=1), "flow": "talk"})) == [
        "/group"
    ]


def test_what_recurs_for_one_contact_is_listed_with_that_contact(office: Office) -> None:
    """R116."""
    told = office.post("/schedules", {"to": f"+{ANA}", "every": {"daily": True}, "flow": "talk"})
    office.world.say(ANA, "hello")
    office.work()
    (one,) = planned(office, contact_id=told["contact_id"])
    assert (one["id"], one["contact_id"]) == (told["schedule_id"], told["contact_id"])
