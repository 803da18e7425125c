"""/v1/contacts, messages, endpoints, deliveries, flows and links."""

from __future__ import annotations

from dataclasses import replace

from flowbot.model import ids
from flowbot.model.contact import Identity
from flowbot.model.event import ContactReported
from flowbot.store import hooks, keys
from flowbot.store.call import command

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


def test_where_people_leave_a_flow(office: Office) -> None:
    """R149: of the own account alone, without the simulator's conversations."""
    for number, texts in (("15550100001", ["start", "tea"]), ("15550100002", ["start"])):
        office.world.say(number, *texts, channel="real")
    office.world.say("15550100003", "start", channel="main")
    worker = office.world.worker()
    office.world.settle(worker)
    worker.leave()
    (one,) = office.get("/flows/talk/funnel")["items"]
    assert (one["started"], one["open"], one["succeeded"]) == (2, 2, 0)
    first, second = one["steps"]
    assert (first["asked"], first["answered"], first["waiting"]) == (2, 1, 1)
    assert (second["step"], second["asked"], second["waiting"], second["left"]) == ("second", 1, 1, {})
    assert office.get("/flows/talk/funnel", key=office.key("beta"))["items"] == []
    assert office.ask("GET", "/flows/nothing/funnel").status_code == 404


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


def test_who_is_not_on_whatsapp_is_shown_and_not_tried_again(office: Office) -> None:
    """R089: seen in the API, refused at the door, forgotten when it writes or the client says so."""
    start = {"flow": "talk", "channel": "main", "to": "+573001110001", "user_authorized": True}
    report = ContactReported(nonce="1", what="unreachable", code="1002", to=Identity(number="573001110001"))
    office.world.event("573001110001", report)
    office.work()
    (person,) = office.get("/contacts")["items"]
    assert (person["phone"], person["unreachable"]["code"]) == ("+573001110001", "1002")
    answer = office.ask("POST", "/conversations", start)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "unreachable")
    order = office.ask("PATCH", f"/contacts/{person['id']}", {"reachable": True})
    assert order.status_code == 202
    assert office.ask("PATCH", f"/contacts/{person['id']}", {"reachable": False}).status_code == 422
    office.work()
    assert office.get(f"/contacts/{person['id']}")["unreachable"] is None
    office.world.event("573001110001", replace(report, nonce="2"))
    office.work()
    assert _marked(office, person["id"]) and office.get(f"/contacts/{person['id']}")["unreachable"]
    office.world.say("573001110001", "start")
    office.work()
    assert not _marked(office, person["id"]) and office.get(f"/contacts/{person['id']}")["unreachable"] is None
    hooks_sent = [trace["detail"] for trace in office.world.history("573001110001", "trace") if trace["what"] == "hook"]
    assert [one for one in hooks_sent if one.startswith("contact.")] == [
        "contact.unreachable",
        "contact.reachable",
        "contact.unreachable",
        "contact.reachable",
    ]


def _marked(office: Office, contact_id: str) -> bool:
    """What the claim of a message looks at."""
    partition = ids.partition_of(contact_id, office.store.partitions)
    return bool(office.store.run(command("EXISTS", keys.unreachable(partition, contact_id), read=int)))


def test_a_contact_counts_how_its_conversations_began(office: Office) -> None:
    """R135: made at the first contact; user-initiated, business-initiated, canceled, and notifications."""
    flow = "flow: talk\nstart: {keywords: [start], api: true}\nanytime: {exit: {fail: canceled}}\nsteps:\n"
    office.world.write(flow + "  first: {ask: What?}\n  done: {say: Bye, succeed: {}}\n")
    office.world.say("573001110001", "start", "tea", "start", "exit")
    office.work()
    office.post("/conversations", {"flow": "talk", "channel": "main", "to": "+573001110001"})
    office.work()
    (one,) = office.get("/contacts")["items"]
    counts = {"user_initiated": 2, "business_initiated": 1, "canceled": 1, "notifications": 0}
    assert one["counts"] == counts
    notice = {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}
    office.post("/messages", {"channel": "main", "to": "+573001110001", "template": notice, "user_authorized": True})
    office.post("/messages", {"channel": "main", "to": "+573001110001", "text": "Good morning."})
    office.work()
    assert office.get(f"/contacts/{one['id']}")["counts"] == {**counts, "notifications": 1}
    letter = "{template: notice, with: {name: A, day: B}, succeed: {}}"
    office.world.write(f"flow: talk\nstart: {{keywords: [start]}}\nsteps:\n  a: {letter}\n")
    office.world.say("573001110001", "exit", "start")
    office.work()
    last = office.get(f"/contacts/{one['id']}")["counts"]
    assert last["notifications"] == 1, "a template of a conversation is none"
    assert last["user_initiated"] == 3


def test_a_contact_is_found_by_its_number(office: Office) -> None:
    office.world.say("573001110001", "hello")
    office.world.say("573001110002", "hello")
    office.work()
    (one,) = office.get("/contacts?to=%2B573001110001")["items"]
    assert (one["phone"], one["opted_in"]) == ("+573001110001", [])
    assert office.get("/contacts?to=%2B573001119999")["items"] == []
    assert office.get("/contacts?to=%2B573001110001", key=office.key("beta"))["items"] == []
    assert office.ask("GET", "/contacts?to=nobody").status_code == 422
