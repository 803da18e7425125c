"""Every list comes in pages: all of it, each once, whatever is written meanwhile; what is no cursor is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from flowbot.store import hooks, keys
from flowbot.store.call import command
from flowbot.store.listing import Place
from flowbot.web.api.pages import PageQuery

from .conftest import PROJECT, TALK, Office, mistakes

FOREIGN = Place(-1, "x").cursor()
GARBAGE = (
    "!!",
    "zzz",
    "é",
    "W10",
    "WyJhIiwiYiJd",
    "WzEsMl0",
    "e30",
    "bnVsbA",
    "W3RydWUsImEiXQ",
    "WzFlNDAwLCJhIl0",
    "A" * 990,
)


def walk(office: Office, path: str, meanwhile: Any = None) -> list[Any]:
    """All items, in pages of two; `meanwhile` happens after the first."""
    found, after = [], ""
    while True:
        page = office.get(f"{path}{'&' if '?' in path else '?'}limit=2&after={after}")
        assert len(page["items"]) <= 2 and (page["next"] is None or page["items"])
        found += page["items"]
        if page["next"] is None:
            return found
        after = page["next"]
        if meanwhile is not None:
            meanwhile()
            meanwhile = None


def lists(office: Office) -> list[str]:
    """Those that say that they take a cursor, by the description."""
    spec = office.client.get("/v1/openapi.json").get_json()
    return sorted(
        path.removeprefix("/v1")
        for path, views in spec["paths"].items()
        if any(one["name"] == "after" for one in views.get("get", {}).get("parameters", ()))
    )


def test_every_list_takes_a_cursor(office: Office) -> None:
    """Whatever answers `{items, next}`."""
    spec = office.client.get("/v1/openapi.json").get_json()
    schemas = spec["components"]["schemas"]
    pages = {f"#/components/schemas/{name}" for name, one in schemas.items() if "next" in one.get("properties", {})}
    told = {
        path.removeprefix("/v1")
        for path, views in spec["paths"].items()
        for answer in [views.get("get", {}).get("responses", {}).get("200", {})]
        if answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref") in pages
    }
    assert told and told | {"/processes/csv"} == set(lists(office))
    assert {"limit", "after"} <= set(PageQuery().fields)


def filled(office: Office, path: str) -> str:
    """The address with things that are there."""
    if "{contact_id}" in path:
        office.world.say("573001110001", "start")
        office.work()
        return path.format(contact_id=office.get("/contacts")["items"][0]["id"])
    if "/groups/" in path:
        office.ask("POST", "/groups", {"name": "all"})
        return path.format(name="all")
    if "{broadcast_id}" in path:
        asked = {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}
        return path.format(
            broadcast_id=office.post("/broadcasts", {"channel": "main", "template": asked})["broadcast_id"]
        )
    return path.format(flow_id="talk") + ("?endpoint=crm" if path == "/deliveries" else "")


def test_what_is_no_cursor_is_refused(office: Office) -> None:
    """400 with its pointer, at every list, never a 500 and never a first page."""
    for path in lists(office):
        address = filled(office, path)
        for cursor in GARBAGE:
            answer = office.ask("GET", f"{address}{'&' if '?' in address else '?'}after={quote(cursor)}")
            assert (answer.status_code, mistakes(answer)) == (400, ["?after"]), (path, cursor, answer.text)
        strange = office.ask("GET", f"{address}{'&' if '?' in address else '?'}after={FOREIGN}")
        assert strange.status_code in (200, 400), (path, strange.text)
        assert office.ask("GET", f"{address}{'&' if '?' in address else '?'}after={'A' * 1001}").status_code == 422


def test_endpoints_flows_rules_groups_and_templates_in_pages(office: Office) -> None:
    """By name: what comes before the cursor meanwhile is not missed by the others, and moves nobody."""
    folder = office.world.folder
    more = "".join(
        f'      - {{name: e{n}, url: "https://client.example/{n}", secret: "${{env:HOOK}}"}}\n' for n in range(5)
    )
    (folder / "flowbot.yaml").write_text(PROJECT.replace("  beta:\n", more + "  beta:\n", 1))
    for n in range(5):
        (folder / "flows" / f"f{n}.yaml").write_text(
            TALK.replace("flow: talk", f"flow: f{n}").replace("[start], messages: [Hello there]", f"[go{n}]")
        )
        (folder / "rules" / f"r{n}.yaml").write_text(
            f"one: {{every: {{weekly: [mon]}}, to: {{group: g{n}}}, start: talk}}\n"
        )
        office.post("/groups", {"name": f"g{n}"}, status=201)
    office.parts.shelf._looked = float("-inf")  # what is on disk is looked at now and then

    def change() -> None:
        office.post("/groups", {"name": "a0"}, status=201)
        office.post("/groups", {"name": "g2b"}, status=201)

    assert [one["name"] for one in walk(office, "/endpoints")] == ["crm", "dark", *(f"e{n}" for n in range(5))]
    assert [one["id"] for one in walk(office, "/flows")] == [*(f"f{n}" for n in range(5)), "talk"]
    rules = [*(f"r{n}.one" for n in range(5)), "visits.remind", "visits.weekly"]
    assert [one["name"] for one in walk(office, "/rules")] == rules
    assert [one["name"] for one in walk(office, "/groups", change)] == ["g0", "g1", "g2", "g2b", "g3", "g4"]
    assert [one["name"] for one in walk(office, "/templates")] == ["notice", "otp"]


def test_deliveries_in_pages(office: Office) -> None:
    """R124: the log of what was posted, the newest first; what is posted meanwhile comes on top of the next look."""

    def post(n: int) -> None:
        one = hooks.Delivery(id=f"dl_1_{n}", hook="ev_1_x", partition=1, type="process.started", attempt=1)
        office.store.run(hooks.record("acme/crm", one, "again", status=500))

    for n in range(7):
        post(n)
    found = walk(office, "/deliveries?endpoint=crm", lambda: post(7))
    assert [one["id"] for one in found] == [f"dl_1_{n}" for n in range(6, -1, -1)]
    assert office.get("/deliveries?endpoint=crm&limit=1")["items"][0]["id"] == "dl_1_7"
    assert office.ask("GET", "/deliveries?endpoint=none").status_code == 404


@pytest.mark.parametrize("cursor", [Place(1, "abc").cursor(), Place(-5, "1").cursor()])
def test_a_cursor_of_another_list_is_refused_by_the_log(office: Office, cursor: str) -> None:
    assert mistakes(office.ask("GET", f"/deliveries?endpoint=crm&after={cursor}")) == ["?after"]


def test_the_store_of_broadcasts_is_read_below_a_place(office: Office) -> None:
    """Broadcasts that were made in the same millisecond are each on one page."""
    asked = {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}
    made = [office.post("/broadcasts", {"channel": "main", "template": asked})["broadcast_id"] for _ in range(5)]
    for id in made:
        office.store.run(command("ZADD", keys.account("acme", "broadcasts"), 5, id, read=int))
    assert [one["id"] for one in walk(office, "/broadcasts")] == sorted(made, reverse=True)
