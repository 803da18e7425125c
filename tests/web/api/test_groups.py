"""Groups: made and filled over the API, and by flows alike."""

from __future__ import annotations

from typing import Any

from flowbot.store import groups

from .conftest import Office, mistakes

ANA, BEN, EVA = "573001110001", "573001110002", "573001110003"


def names(office: Office, group: str, **query: Any) -> list[str]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return [one["phone"] for one in office.get(f"/groups/{group}/members?{asked}")["items"]]


def test_a_group_is_made_filled_and_listed(office: Office) -> None:
    made = office.post("/groups", {"name": "mothers", "title": "Mothers"}, status=201)
    assert (made["title"], made["members"]) == ("Mothers", 0)
    again = office.ask("POST", "/groups", {"name": "mothers"})
    assert (again.status_code, again.get_json(force=True)["code"]) == (409, "group_exists")
    assert office.post("/groups/mothers/members", {"add": [f"+{ANA}", "300 111 0002", f"+{ANA}"]}) == {"accepted": 2}
    office.work()
    assert sorted(names(office, "mothers")) == [f"+{ANA}", f"+{BEN}"]
    ana = office.world.contact(ANA)
    assert ana.groups == ("mothers",) and ana.number == ANA
    office.post("/groups/mothers/members", {"remove": [ana.id], "add": [f"+{EVA}"]})
    office.work()
    assert sorted(names(office, "mothers")) == [f"+{BEN}", f"+{EVA}"]
    assert office.get("/groups/mothers")["members"] == 2
    assert office.ask("GET", "/groups/mothers", key=office.key("beta")).status_code == 404
    assert office.get("/groups", key=office.key("beta")) == {"items": [], "next": None}


def test_the_verb_of_a_flow_writes_the_same(office: Office) -> None:
    office.world.write(
        "flow: talk\nlanguages: [en]\nstart: {keywords: [hi]}\nsteps:\n"
        "  first: {groups: {add: waiting}, ask: Ready?}\n"
        "  last: {groups: {remove: [waiting]}, succeed: {}}\n"
    )
    office.world.say(ANA, "hi")
    office.work()
    assert names(office, "waiting") == [f"+{ANA}"]
    assert office.get("/groups")["items"] == [{"name": "waiting", "title": None, "members": 1, "created_at": None}]
    office.world.say(ANA, "yes I am")
    office.work()
    assert names(office, "waiting") == []


def test_a_group_is_read_page_by_page(office: Office) -> None:
    office.post("/groups", {"name": "all"}, status=201)
    office.post("/groups/all/members", {"add": [f"+5730011100{n:02}" for n in range(23)]})
    office.work()
    seen, after = [], ""
    while True:
        page = office.get(f"/groups/all/members?limit=5&after={after}")
        seen += [one["phone"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 23
    assert groups.counts(office.store, "acme", ["all", "none"]) == [23, 0]


def test_who_is_nobody_is_told_with_the_others(office: Office) -> None:
    office.post("/groups", {"name": "all"}, status=201)
    answer = office.ask("POST", "/groups/all/members", {"add": ["nobody", f"+{ANA}"], "remove": ["c" + "0" * 16]})
    assert mistakes(answer) == ["/add/0", "/remove/0"] and office.world.waiting() == 0
    assert office.ask("POST", "/groups/none/members", {"add": [f"+{ANA}"]}).status_code == 404
    assert mistakes(office.ask("POST", "/groups", {"name": "a b"})) == ["/name"]
