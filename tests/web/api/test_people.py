"""/v1/contacts, messages, endpoints, deliveries, flows and links."""

from __future__ import annotations

from flowbot.store import hooks

from .conftest import Office, mistakes


def test_contacts_and_what_was_said_to_them(office: Office) -> None:
    """R116: what was sent and what waits, newest first, paged. R130: what became of each."""
    office.world.say("573001110001", "start")
    office.work()
    office.world.say("573001110001", "tea")
    office.world.say("573001110002", "start")
    office.work()
    people = office.get("/contacts")["items"]
    assert [one["phone"] for one in people] == ["+573001110002", "+573001110001"]
    first = people[1]["id"]
    assert office.get(f"/contacts/{first}")["name"] == "Ana"
    page = office.get(f"/contacts/{first}/messages?limit=1")
    rest = office.get(f"/contacts/{first}/messages?limit=1&after={page['next']}")
    assert [one["key"] for one in (*page["items"], *rest["items"])] == ["second", "first"]
    assert rest["next"] is None
    told = office.get(f"/messages/{page['items'][0]['id']}")
    assert (told["status"], told["state"], told["contact_id"]) == ("accepted", "queued", first)
    beta = office.key("beta")
    assert office.ask("GET", f"/contacts/{first}", key=beta).status_code == 404
    assert office.ask("GET", f"/contacts/{first}/messages", key=beta).status_code == 404
    assert office.ask("GET", f"/messages/{told['id']}", key=beta).status_code == 404
    assert office.get("/contacts", key=beta)["items"] == []


def test_endpoints_say_how_they_fare(office: Office) -> None:
    crm, dark = office.get("/endpoints")["items"]
    assert (crm["name"], crm["state"], crm["waiting"]) == ("crm", "on", 0)
    assert (dark["name"], dark["state"]) == ("dark", "off")
    one = hooks.Delivery(id="dl_1_x", hook="ev_1_x", partition=1, type="process.started", attempt=1)
    office.store.run(hooks.record("acme/crm", one, "disable", status=410))
    assert office.get("/endpoints/crm")["state"] == "disabled"
    assert office.post("/endpoints/crm/enable", {}, status=200)["state"] == "on"
    assert office.ask("POST", "/endpoints/none/enable", {}).status_code == 404
    (line,) = office.get("/deliveries?endpoint=crm")["items"]
    assert (line["id"], line["status"], line["outcome"]) == ("dl_1_x", 410, "disable")


def test_a_delivery_again(office: Office) -> None:
    """R124: replayed by id, under the same id; and only one's own."""
    office.store.run(hooks.keep(3, "ev_3_x", b"{}"))
    office.store.run(hooks.point(3, "dl_3_x", "acme/crm", "ev_3_x", "process.started"))
    office.store.run(hooks.address("acme/crm", "dl_3_x", "ev_3_x", 3, "process.started"))
    assert office.post("/deliveries/dl_3_x/replay", {})["state"] == "pending"
    assert office.get("/deliveries/dl_3_x")["type"] == "process.started"
    for id in ("dl_3_y", "dl_999_x", "pr_3_x", "nothing"):
        assert office.ask("POST", f"/deliveries/{id}/replay", {}).status_code == 404
    assert office.ask("POST", "/deliveries/dl_3_x/replay", {}, key=office.key("beta")).status_code == 404


def test_flows_and_their_links(office: Office) -> None:
    """R021: a correctly encoded link for line and text."""
    (talk,) = office.get("/flows")["items"]
    assert (talk["id"], talk["api"], talk["keywords"]) == ("talk", True, ["start"])
    assert office.get("/flows/talk")["steps"] == ["first", "second", "done"]
    link = office.get("/links?flow=talk&channel=main")
    assert link["url"] == "https://wa.me/15550000001?text=Hello%20there"
    assert link["svg"].startswith("<?xml") or link["svg"].startswith("<svg")
    assert mistakes(office.ask("GET", "/links?flow=talk&channel=none&message=7")) == ["?channel", "?message"]
    assert office.ask("GET", "/links?flow=none&channel=main").status_code == 404
