"""What a group was sent and what waits: by broadcasts, schedules and rules. And broadcasts by group and state."""

from __future__ import annotations

from typing import Any

from flowbot.broadcasts import standing
from flowbot.store import group_sends

from .conftest import Office
from .test_schedules import ANA, EVA, NOTICE, run, soon

GROUP_RULES = """\
remind: {event: visit.scheduled, at: {date: event.on, minus: 1d}, to: {group: mothers}, start: talk}
now: {event: visit.done, to: {group: mothers}, start: talk}
others: {event: visit.scheduled, at: {date: event.on, minus: 1d}, to: {group: others}, start: talk}
weekly: {every: {weekly: [mon]}, to: {group: mothers}, start: talk}
"""


def town(office: Office) -> None:
    """Two in a group, and a client whose rules go to it."""
    (office.world.folder / "rules" / "visits.yaml").write_text(GROUP_RULES)
    office.parts.shelf._looked = float("-inf")
    for name in ("mothers", "others"):
        office.post("/groups", {"name": name}, status=201)
    office.post("/groups/mothers/members", {"add": [f"+{ANA}", f"+{EVA}"]})
    run(office)


def listed(office: Office, group: str = "mothers") -> list[dict[str, Any]]:
    found, after = [], ""
    while after is not None:
        page = office.get(f"/groups/{group}/messages?limit=2&after={after}")
        found += page["items"]
        after = page["next"]
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    return found


def test_what_waits_for_a_group_and_what_it_was_sent(office: Office) -> None:
    """R116: newest first, paged; R113: also of rules on events, which wait with the contact whom they are about."""
    town(office)
    event = {"event": "visit.scheduled", "entity": "v-17", "to": f"+{ANA}", "user_authorized": True}
    office.post("/events", {**event, "data": {"on": "2030-01-01"}})
    office.post("/events", {**event, "event": "visit.done", "entity": "v-18"})
    later = {"group": "mothers", "at": soon(days=2), "template": NOTICE, "user_authorized": True}
    schedule = office.post("/schedules", later)["schedule_id"]
    asked = {"channel": "main", "template": {"name": "notice", "params": {"name": "x", "day": "y"}}}
    sent = office.post("/broadcasts", {**asked, "group": "mothers", "user_authorized": True})["broadcast_id"]
    run(office)
    (plan, *rest) = listed(office)
    assert (plan["kind"], plan["rule"], plan["entity"], plan["flow"]) == ("rule", "visits.remind", "visit:v-17", "talk")
    assert plan["at"].startswith("2029-12-31") and plan["state"] == "scheduled" and plan["contacts"] is None
    about = {(one["kind"], one["state"], one["rule"], one["contacts"]) for one in rest}
    assert about == {
        ("rule", "scheduled", "visits.weekly", None),
        ("schedule", "scheduled", None, None),
        ("rule", "executed", "visits.now", 2),
        ("broadcast", "running", None, 2),
    }
    assert {one["id"] for one in rest} > {schedule, sent}
    assert [one["rule"] for one in listed(office, "others")] == ["visits.others"]
    office.post("/events", {**event, "event": "visit.deleted"})
    office.ask("DELETE", f"/schedules/{schedule}")
    run(office)
    assert {one["state"] for one in listed(office) if one["rule"] != "visits.weekly"} == {"executed", "running"}
    assert listed(office, "others") == [] and group_sends.waiting(office.store, "acme", "mothers") == []
    assert office.ask("GET", "/groups/none/messages").status_code == 404
    assert office.ask("GET", "/groups/mothers/messages", key=office.key("beta")).status_code == 404


def test_a_schedule_that_went_to_a_group_is_listed_with_whom_it_reached(office: Office) -> None:
    """R116: once, though the look at it was repeated; without what it said, and to whom."""
    town(office)
    order = {"group": "mothers", "at": soon(seconds=0.4), "template": NOTICE, "user_authorized": True}
    schedule = office.post("/schedules", order)["schedule_id"]
    for _ in range(30):
        run(office)
        if office.get(f"/schedules/{schedule}")["state"] == "executed":
            break
    run(office)
    (one,) = [row for row in listed(office) if row["schedule_id"] == schedule]
    assert (one["state"], one["template"], one["contacts"]) == ("executed", "notice", 2)
    (past,) = office.store.run(group_sends.past("acme", "mothers"))
    assert past.send == {"template": "notice"}
    office.store.all(group_sends.note(past, "acme"))
    assert len(office.store.run(group_sends.past("acme", "mothers"))) == 1


def test_who_is_forgotten_is_no_more_in_what_waits_for_a_group(office: Office) -> None:
    """R137."""
    town(office)
    event = {"event": "visit.scheduled", "entity": "v-17", "to": f"+{ANA}", "data": {"on": "2030-01-01"}}
    office.post("/events", event)
    run(office)
    assert len(group_sends.waiting(office.store, "acme", "mothers")) == 1
    assert office.ask("DELETE", f"/contacts/{office.world.contact_id(ANA)}").status_code == 202
    run(office)
    assert group_sends.waiting(office.store, "acme", "mothers") == []


def test_broadcasts_by_group_and_state(office: Office, monkeypatch: Any) -> None:
    """R116: page by page, also where few of many are wanted."""
    town(office)
    asked = {"channel": "main", "template": {"name": "notice", "params": {"name": "x", "day": "y"}}}
    drafts = [office.post("/broadcasts", asked)["broadcast_id"] for _ in range(7)]
    (sent,) = [office.post("/broadcasts", {**asked, "group": "mothers", "user_authorized": True})["broadcast_id"]]
    more = [office.post("/broadcasts", asked)["broadcast_id"] for _ in range(3)]
    for looked, at_once in ((2_000, 200), (4, 2)):
        monkeypatch.setattr(standing, "LOOKED", looked)
        monkeypatch.setattr(standing, "AT_ONCE", at_once)
        assert ids(office, "group=mothers") == ids(office, "status=running") == [sent]
        assert ids(office, "status=draft") == [*reversed(more), *reversed(drafts)]
        assert ids(office, "group=mothers&status=draft") == ids(office, "group=none") == []
        assert len(ids(office, "")) == 11
    assert office.ask("GET", "/broadcasts?status=odd").status_code == 422


def ids(office: Office, query: str) -> list[str]:
    found, after = [], ""
    while after is not None:
        page = office.get(f"/broadcasts?limit=3&after={after}&{query}")
        found += [one["id"] for one in page["items"]]
        after = page["next"]
    return found
