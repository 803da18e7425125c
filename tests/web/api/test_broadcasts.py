"""Broadcasts over the API, the fan-out and the claim beneath them: everybody once, and the sums add up at any time."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

from flowbot.hooks.broadcasts import Broadcasts
from flowbot.hooks.parts import Parts as HookParts
from flowbot.model import codec, ids
from flowbot.model.broadcast import message_id
from flowbot.model.contact import Contact, Identity
from flowbot.model.inbound import Receipt
from flowbot.store import broadcasts, bulk, identity, keys, outbox, receipts
from flowbot.store.call import command
from flowbot.store.client import connect_async

from .conftest import Office, mistakes

ANA, BEN, EVA = "573001110001", "573001110002", "573001110003"
NOTICE = {"name": "notice", "params": {"day": "Monday"}}
BASE: dict[str, Any] = {"channel": "main", "template": NOTICE, "user_authorized": True}


def to(*numbers: str, **params: Any) -> list[dict[str, Any]]:
    return [{"to": f"+{one}", "params": {"name": "N" + one[-1], **params}} for one in numbers]


@pytest.fixture
def fan_out(office: Office, store_url: str) -> Callable[[], None]:
    """Rounds of the hooks process's part in it until there is nothing more to do at once."""

    def run(rounds: int = 50) -> None:
        async def work() -> None:
            store = await connect_async(store_url)
            part = Broadcasts(
                HookParts(store=store, project=lambda: office.parts.library.project), lambda: office.parts.library
            )
            try:
                for _ in range(rounds):
                    part._look_at.clear()
                    if not any([await part._round(), await part.edits.round()]):
                        break
            finally:
                await store.close()

        asyncio.run(work())

    return run


class Stand:
    """The claims of all partitions, and what the provider says."""

    def __init__(self, office: Office) -> None:
        self.store = office.store
        self.sent: list[tuple[str, str]] = []  # number, text

    def claim(self, tokens: int = 1000) -> list[outbox.Claimed]:
        found = []
        for partition in range(self.store.partitions):
            answer = self.store.run(outbox.claim(partition, "b", "acme/main", tokens=tokens))
            found += answer.claimed
        self.sent += [(one.entry.to, one.entry.outbound.text) for one in found]
        return found

    def record(self, one: outbox.Claimed, outcome: str = "sent", **more: Any) -> None:
        known = {"provider_id": "w:" + one.id} if outcome == "sent" else {}
        self.store.run(outbox.record(one.id, one.attempt, outcome, **known, **more))


def sums(office: Office, id: str) -> dict[str, int]:
    found: dict[str, int] = office.get(f"/broadcasts/{id}")["statistics"]
    assert found["total"] == found["pending"] + found["success"] + found["failure"] + found["cancelled"], found
    assert min(found.values()) >= 0, found
    return found


def test_one_call_makes_one_broadcast_with_a_status_for_each(office: Office, fan_out: Callable[[], None]) -> None:
    """R096, R098, R100: everybody once, however often the request or a recipient comes."""
    body = {**BASE, "recipients": [*to(ANA, BEN), *to(ANA), {"to": "300 111 0003", "params": {"name": "Eva"}}]}
    made = office.post("/broadcasts", body, **{"Idempotency-Key": "b"})
    assert (made["status"], made["total"], made["duplicates"]) == ("running", 3, 1)
    assert sums(office, made["broadcast_id"])["pending"] == 3
    told = office.get(f"/broadcasts/{made['broadcast_id']}")
    assert [(one["to"][-1], one["status"]) for one in told["statuses"]] == [(n, "pending") for n in "123"]
    assert told["failures"] == [] and told["statuses_next"] is None
    assert [one["status"] for one in office.get(f"/broadcasts/{made['broadcast_id']}/statuses")["items"]] == [
        "pending"
    ] * 3
    fan_out()
    assert office.post("/broadcasts", body, **{"Idempotency-Key": "b"}) == made
    fan_out()
    stand = Stand(office)
    first = stand.claim()
    assert sorted(stand.sent)[0] == (ANA, "Hello N1, come on Monday please.") and len(first) == 3
    stand.record(first[0])
    assert sums(office, made["broadcast_id"])["success"] == 1
    stand.record(first[1], "failed", code="131026", reason="undeliverable")
    stand.record(first[2])
    assert sums(office, made["broadcast_id"]) | {"read": 0} == {
        **{"total": 3, "pending": 0, "success": 2, "failure": 1, "cancelled": 0, "delivered": 0, "read": 0},
        "duplicates": 1,
    }
    (failed,) = office.get(f"/broadcasts/{made['broadcast_id']}/failures")["items"]
    assert (failed["status"], failed["code"], failed["reason"]) == ("failure", "131026", "undeliverable")
    assert failed["to"] == "+" + first[1].entry.to
    fan_out()
    assert office.get(f"/broadcasts/{made['broadcast_id']}")["status"] == "done"
    assert office.ask("GET", f"/broadcasts/{made['broadcast_id']}", key=office.key("beta")).status_code == 404
    assert [one["id"] for one in office.get("/broadcasts")["items"]] == [made["broadcast_id"]]


def test_a_contact_counts_what_it_was_sent_by_broadcasts(office: Office, fan_out: Callable[[], None]) -> None:
    """R135: once each; not what could not be made."""
    for who in (ANA, BEN):
        office.world.say(who, "hello")
    office.work()
    body = {**BASE, "recipients": [*to(ANA), {"to": BEN, "params": {"name": ""}}]}
    for _ in range(2):
        office.post("/broadcasts", body)
    fan_out()
    fan_out()
    people = {one["phone"]: one for one in office.get("/contacts")["items"]}
    assert [people[f"+{who}"]["counts"]["notifications"] for who in (ANA, BEN)] == [2, 0]
    id = people[f"+{ANA}"]["id"]
    assert office.get(f"/contacts/{id}")["counts"] == people[f"+{ANA}"]["counts"]
    assert office.get(f"/contacts?to=%2B{ANA}")["items"] == [people[f"+{ANA}"]]


def test_what_the_provider_says_later_counts(office: Office, fan_out: Callable[[], None]) -> None:
    """R099: a failure after the fact, and a success that turns out after a failure."""
    id = office.post("/broadcasts", {**BASE, "recipients": to(ANA, BEN)})["broadcast_id"]
    fan_out()
    stand = Stand(office)
    one, other = stand.claim()
    stand.record(one)
    stand.record(other, "failed", code="1", reason="no")

    def report(message: outbox.Claimed, status: str, **more: Any) -> None:
        receipt = Receipt(provider_id="w:" + message.id, status=status, at=1, our_id=message.id, **more)
        office.store.run(receipts.apply("acme/main", message.id, receipt))

    report(one, "failed", errors=({"code": 131049, "title": "not now"},))
    assert sums(office, id)["failure"] == 2
    report(other, "delivered")
    report(other, "read")
    report(other, "read")
    told = sums(office, id)
    assert (told["failure"], told["success"], told["delivered"], told["read"]) == (1, 1, 1, 1)
    (failed,) = office.get(f"/broadcasts/{id}/failures")["items"]
    assert (failed["contact_id"], failed["code"]) == (one.entry.contact_id, "131049")
    states = {one["contact_id"]: one["state"] for one in office.get(f"/broadcasts/{id}/statuses")["items"]}
    assert states == {one.entry.contact_id: "failed", other.entry.contact_id: "read"}


def test_a_value_that_is_missing_fails_that_user_only(office: Office, fan_out: Callable[[], None]) -> None:
    """R097, R107: literals < expressions < the broadcast's < the user's own; who has none fails, nobody else."""
    file = office.world.folder / "content" / "templates" / "notice.yaml"
    file.write_text(file.read_text() + 'defaults: {day: ["{{ contact.visit_day }}", today]}\n')
    office.parts.shelf._looked = 0.0
    body = {**BASE, "template": {"name": "notice"}}
    people = [
        {"to": f"+{ANA}", "params": {"name": "Ana", "day": "Sunday"}},
        {"to": f"+{BEN}", "params": {"name": "Ben"}, "fields": {"visit_day": "Friday"}},
        {"to": f"+{EVA}"},
        {"to": "+573001110004", "params": {"name": "Leo"}},
    ]
    id = office.post("/broadcasts", {**body, "recipients": people})["broadcast_id"]
    fan_out()
    stand = Stand(office)
    stand.claim()
    assert sorted(text for _, text in stand.sent) == [
        "Hello Ana, come on Sunday please.",
        "Hello Ben, come on Friday please.",
        "Hello Leo, come on today please.",
    ]
    (failed,) = office.get(f"/broadcasts/{id}/failures")["items"]
    assert (failed["to"], failed["code"]) == (f"+{EVA}", "template_mismatch") and "'name' has no value" in failed[
        "reason"
    ]
    office.work()
    assert office.world.contact(BEN).fields == {"visit_day": "Friday"} and office.world.contact(BEN).number == BEN


def test_a_button_s_address_takes_a_value_of_the_broadcast_or_of_the_user(
    office: Office, fan_out: Callable[[], None]
) -> None:
    """R085."""
    words = "category: utility\nexamples: {order: A}\nlanguages:\n  en:\n    body: Your order has left.\n    buttons:\n"
    words += '      - {url: "https://shop.example/o/{{ order }}", text: Open}\n'
    (office.world.folder / "content" / "templates" / "shipped.yaml").write_text(words)
    office.parts.shelf._looked = 0.0
    people = [{"to": f"+{ANA}", "params": {"order": "own"}}, {"to": f"+{BEN}"}]
    office.post(
        "/broadcasts", {**BASE, "template": {"name": "shipped", "params": {"order": "all"}}, "recipients": people}
    )
    fan_out()
    found = {one.entry.to: one.entry.outbound.template.buttons[0].value for one in Stand(office).claim()}  # type: ignore[union-attr]
    assert found == {ANA: "own", BEN: "all"}


def test_who_opted_out_or_never_agreed_is_on_record(office: Office, fan_out: Callable[[], None]) -> None:
    """R088 again: suppressed by the claim, though the audience was made before; strict consent, each for himself."""
    office.world.say(ANA, "hello")
    office.world.say(BEN, "hello")
    office.work()
    ben = office.world.contact(BEN)
    office.post(f"/contacts/{ben.id}/consent", {"change": "in", "topic": "offers"})
    office.work()
    id = office.post("/broadcasts", {**BASE, "user_authorized": False, "recipients": to(ANA, BEN)})["broadcast_id"]
    fan_out()
    office.world.say(BEN, "stop")
    office.work()
    assert Stand(office).claim() == []
    codes = {one["to"]: one["code"] for one in office.get(f"/broadcasts/{id}/failures")["items"]}
    assert codes == {f"+{ANA}": "not_opted_in", f"+{BEN}": "opted_out"}
    assert sums(office, id)["failure"] == 2


def test_a_death_between_two_chunks_sends_nobody_a_second_one(office: Office, fan_out: Callable[[], None]) -> None:
    """R103: whoever goes on queues what the one before had queued already, and it is there once."""
    office.post("/groups", {"name": "all"}, status=201)
    people = [f"+5730011100{n:02}" for n in range(12)]
    office.post("/groups/all/members", {"add": people})
    office.work()
    id = office.post(
        "/broadcasts", {**BASE, "template": {"name": "notice", "params": {"name": "you", "day": "now"}}, "group": "all"}
    )
    id = id["broadcast_id"]
    fan_out()
    stand = Stand(office)
    for one in stand.claim(2):
        stand.record(one)
    kept = office.store.run(broadcasts.get(id))
    assert kept is not None and (kept.total, kept.cursor, kept.chunks) == (12, 1, 1)
    office.store.run(command("HSET", keys.broadcast(id), "cursor", 0, read=int))  # the one that died did not say so
    fan_out()
    for one in stand.claim():
        stand.record(one)
    assert sorted(number for number, _ in stand.sent) == [one[1:] for one in people]
    assert sums(office, id)["success"] == 12


def test_pause_resume_and_cancel(office: Office, fan_out: Callable[[], None]) -> None:
    id = office.post("/broadcasts", {**BASE, "recipients": to(*(f"5730011100{n:02}" for n in range(9)))})[
        "broadcast_id"
    ]
    fan_out()
    stand = Stand(office)
    assert office.post(f"/broadcasts/{id}/pause", {})["status"] == "paused"
    fan_out()
    assert stand.claim() == [] and sums(office, id)["pending"] == 9
    assert office.post(f"/broadcasts/{id}/resume", {})["status"] == "running"
    fan_out()
    began = stand.claim(1)
    assert began
    office.post(f"/broadcasts/{id}/pause", {})
    fan_out()
    assert stand.claim() == []
    office.post(f"/broadcasts/{id}/cancel", {})
    fan_out()
    assert stand.claim() == []
    for one in began:
        stand.record(one)
    told = sums(office, id)
    assert (told["success"], told["cancelled"], told["pending"]) == (len(began), 9 - len(began), 0)
    again = office.ask("POST", f"/broadcasts/{id}/resume", {})
    assert (again.status_code, again.get_json(force=True)["code"]) == (409, "broadcast_cancelled")
    assert office.ask("POST", f"/broadcasts/{id}/explode", {}).status_code == 404
    fan_out()
    assert office.store.run(broadcasts.active()) == []


def test_what_is_cancelled_ends_though_no_sender_comes_by(office: Office, fan_out: Callable[[], None]) -> None:
    """R098: at a number's rate a hundred thousand would take twenty minutes. What is on its way is not called back."""
    people = [f"5730011100{n:02}" for n in range(9)]
    id = office.post("/broadcasts", {**BASE, "recipients": to(*people)})["broadcast_id"]
    other = office.post("/broadcasts", {**BASE, "recipients": to(*people)})["broadcast_id"]
    fan_out()
    stand = Stand(office)
    began = [one for one in stand.claim(1) if one.id.split("_")[2].startswith(id)]
    office.post(f"/broadcasts/{id}/cancel", {})
    fan_out()
    told = sums(office, id)
    assert (told["pending"], told["cancelled"]) == (len(began), 9 - len(began))
    assert sums(office, other)["cancelled"] == 0
    for one in began:
        stand.record(one)
    fan_out()
    assert sums(office, id)["success"] == len(began) and office.store.run(broadcasts.active()) == [other]


def test_what_is_cancelled_before_it_was_queued_never_is(office: Office, fan_out: Callable[[], None]) -> None:
    id = office.post("/broadcasts", {**BASE, "recipients": to(ANA, BEN)})["broadcast_id"]
    office.post(f"/broadcasts/{id}/cancel", {})
    fan_out()
    assert Stand(office).claim() == [] and sums(office, id)["cancelled"] == 2
    assert {(one.to, *one.params) for one in office.store.run(broadcasts.chunk(id, 0))} == {("",)}, "numbers are left"
    assert {one["status"] for one in office.get(f"/broadcasts/{id}/statuses")["items"]} == {"cancelled"}


def test_what_waited_too_long_is_expired(office: Office, fan_out: Callable[[], None]) -> None:
    """R105: the oldest age is 4 days unless the broadcast says another."""
    id = office.post("/broadcasts", {**BASE, "recipients": to(ANA)})["broadcast_id"]
    fan_out()
    partition, now = office.world.partition(ANA), office.store.now()
    early = outbox.claim(partition, "b", "acme/main", tokens=0, now=now + 4 * 86_400_000 - 60_000)
    assert not office.store.run(early).ended
    late = office.store.run(outbox.claim(partition, "b", "acme/main", tokens=1, now=now + 4 * 86_400_000 + 60_000))
    assert [state for _, state in late.ended] == ["expired"]
    assert sums(office, id)["failure"] == 1


def test_pages_show_everybody_once(office: Office, fan_out: Callable[[], None]) -> None:
    people = to(*(f"5730011100{n:02}" for n in range(23)))
    id = office.post("/broadcasts", {**BASE, "recipients": people})["broadcast_id"]
    fan_out()
    stand = Stand(office)
    for one in stand.claim():
        stand.record(one, "failed", code="1", reason="no")
    for door in ("statuses", "failures"):
        seen, after = [], ""
        while after is not None:
            page = office.get(f"/broadcasts/{id}/{door}?limit=5&after={after}")
            seen += [one["to"] for one in page["items"]]
            after = page["next"]
        assert sorted(seen) == [one["to"] for one in people], door


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "everything at once": (
        {
            "channel": "none",
            "template": {"name": "notice", "language": "fr", "params": {"nme": 1}},
            "recipients": [*to(ANA), {"to": "nobody"}, {"to": "+1"}, 5, {"to": f"+{BEN}", "extra": 1}],
        },
        [
            *("/channel", "/template/language", "/template/params/day", "/template/params/nme"),
            *("/recipients/1/to", "/recipients/2/to", "/recipients/3", "/recipients/4/extra"),
        ],
    ),
    "unknown template": ({"template": {"name": "none"}, "recipients": to(ANA)}, ["/template/name"]),
    "a value that nobody has": ({"template": {"name": "notice"}, "recipients": to(ANA)}, ["/template/params/day"]),
    "unknown group": ({"group": "none"}, ["/group"]),
    "both": ({"group": "none", "recipients": to(ANA)}, ["/group"]),
    "wrong types": (
        {"max_age": "soon", "user_authorized": "yes", "recipients": []},
        ["/max_age", "/recipients", "/user_authorized"],
    ),
    "a contact field": (
        {"recipients": [{"to": f"+{ANA}", "params": {"name": "A"}, "fields": {"children": "many"}}]},
        ["/recipients/0/fields/children"],
    ),
}


@pytest.mark.parametrize(("change", "pointers"), BAD.values(), ids=BAD)
def test_all_mistakes_come_at_once_and_nothing_is_queued(
    office: Office, fan_out: Callable[[], None], change: dict[str, Any], pointers: list[str]
) -> None:
    answer = office.ask("POST", "/broadcasts", {**BASE, **change})
    assert (answer.status_code, mistakes(answer)) == (422, sorted(pointers))
    fan_out()
    assert office.get("/broadcasts")["items"] == [] and Stand(office).claim() == []


def test_a_refused_request_does_not_use_up_its_key(office: Office) -> None:
    """A key stands for a request that was taken; the corrected one, or the same after a look, may come with it."""
    key = {"Idempotency-Key": "k"}
    assert office.ask("POST", "/broadcasts", {**BASE, "recipients": [{"to": "nobody"}]}, **key).status_code == 422
    body = {**BASE, "recipients": to(ANA)}
    assert office.post("/broadcasts", {**body, "dry_run": True}, **key)["status"] == "checked"
    made = office.post("/broadcasts", body, **key)
    assert made["status"] == "running" and office.post("/broadcasts", body, **key) == made
    other = office.ask("POST", "/broadcasts", {**body, "recipients": to(BEN)}, **key)
    assert (other.status_code, other.get_json(force=True)["code"]) == (409, "idempotency_key_reused")


def put(office: Office, id: str, body: bytes, kind: str = "text/csv", query: str = "") -> Any:
    return office.ask("PUT", f"/broadcasts/{id}/recipients{query}", body, **{"Content-Type": kind})


def test_an_audience_is_streamed(office: Office, fan_out: Callable[[], None]) -> None:
    """R101: as CSV or as JSON lines; a look first; every bad row with its line, and none of it counts."""
    draft = office.post("/broadcasts", BASE)
    assert draft["status"] == "draft"
    id = draft["broadcast_id"]
    bad = put(office, id, b"phone;name\n+573001110001;Ana\n3001110002;Ben\n+57;Eva\n")
    places = [{name: one[name] for name in ("pointer", "line", "column")} for one in bad.get_json(force=True)["errors"]]
    assert bad.status_code == 422
    assert places == [{"pointer": "/to", "line": at, "column": 1} for at in (3, 4)]
    assert put(office, id, b"x", "text/plain").status_code == 400
    assert mistakes(put(office, id, b"phone\n+573001110001\n")) == ["/template/params/name"]
    (odd,) = put(office, id, b"phone,name,children\n+573001110001,Ana,many\n").get_json(force=True)["errors"]
    assert (odd["pointer"], odd["line"], odd["column"]) == ("/children", 2, 3)
    twice = b'\n{"to": "+573001110001", "params": {"name": 1, "name": 2}}'
    (odd,) = put(office, id, twice, "application/x-ndjson").get_json(force=True)["errors"]
    assert (odd["line"], odd["detail"]) == (2, "`name` comes more than once")
    assert mistakes(put(office, id, b"")) == [""]
    sheet = b"\xef\xbb\xbfphone;name;children\r\n+573001110001;Ana;2\r\n00573001110002;Ben;\r\n+573001110001;Ana;2\r\n"
    looked = put(office, id, sheet, query="?dry_run=true").get_json()
    assert (looked["status"], looked["total"], looked["duplicates"]) == ("checked", 2, 1)
    assert office.get(f"/broadcasts/{id}")["status"] == "draft"
    assert put(office, id, sheet).get_json()["status"] == "running"
    other = put(office, id, sheet.replace(b"Ben", b"Bo"))
    assert (other.status_code, other.get_json(force=True)["code"]) == (409, "broadcast_started")
    fan_out()
    stand = Stand(office)
    assert len(stand.claim()) == 2
    office.work()
    assert office.world.contact(ANA).fields == {"children": 2}
    other = office.post("/broadcasts", {**BASE, "name": "lines"})["broadcast_id"]
    lines = b'{"to": "+573001110003", "params": {"name": "Eva"}}\n{"to": "300 111 0004", "params": {"name": "Leo"}}\n'
    assert put(office, other, lines, "application/x-ndjson").get_json()["total"] == 2


def test_an_audience_comes_once_however_often_it_is_sent(office: Office, fan_out: Callable[[], None]) -> None:
    """R100: after a lost answer, with its key or without; what broke off half-way counts for nothing."""
    draft = office.post("/broadcasts", {**BASE, "template": {**NOTICE, "params": {"day": "Monday", "name": "you"}}})
    path, sheet = f"/broadcasts/{draft['broadcast_id']}/recipients", b"phone\n+573001110001\n+573001110002\n"
    kind = {"Content-Type": "text/csv", "Idempotency-Key": "sheet"}
    broken = office.client.put(
        f"/v1{path}",
        environ_overrides={"wsgi.input": io.BytesIO(sheet[:20]), "CONTENT_LENGTH": str(len(sheet))},
        headers={"Authorization": f"Bearer {office.key()}", **kind},
    )
    assert (broken.status_code, "broke off" in broken.get_json(force=True)["detail"]) == (400, True)
    assert office.get(f"/broadcasts/{draft['broadcast_id']}")["status"] == "draft"
    first = office.ask("PUT", path, sheet, **kind)
    assert (first.status_code, first.get_json()["total"]) == (202, 2)
    for more in (kind, {"Content-Type": "text/csv"}):
        again = office.ask("PUT", path, sheet, **more)
        assert (again.status_code, again.get_json()) == (202, first.get_json())
    other = office.ask("PUT", path, sheet + b"+573001110003\n", **kind)
    assert (other.status_code, other.get_json(force=True)["code"]) == (409, "idempotency_key_reused")
    fan_out()
    stand = Stand(office)
    stand.claim()
    assert sorted(number for number, _ in stand.sent) == [ANA, BEN]
    fan_out()
    assert office.ask("PUT", path, sheet, **kind).get_json()["total"] == 2 and stand.claim() == []


def test_numbers_lie_outside_their_partition_only_until_they_are_queued(
    office: Office, fan_out: Callable[[], None]
) -> None:
    id = office.post("/broadcasts", {**BASE, "recipients": to(ANA)})["broadcast_id"]
    raw = command("LRANGE", keys.broadcast(id, "rows"), 0, -1, read=list)
    assert ANA in str(office.store.run(raw))
    fan_out()
    assert ANA not in str(office.store.run(raw))


def test_a_known_contact_is_written_to_where_it_was_heard(office: Office, fan_out: Callable[[], None]) -> None:
    contact_id = identity.resolve(office.store, "acme", Identity(number="5531988887777"))
    partition = ids.partition_of(contact_id, office.store.partitions)
    known = Contact(id=contact_id, account="acme", number="5531988887777", reply_to="553188887777", language="es")
    office.store.run(command("SET", keys.contact(partition, contact_id), codec.encode(known), read=bool))
    office.post("/broadcasts", {**BASE, "recipients": to("5531988887777")})
    fan_out()
    (sent,) = Stand(office).claim()
    assert (sent.entry.to, sent.entry.outbound.text[:4]) == ("553188887777", "Hola")
    (listed,) = office.get(f"/contacts/{contact_id}/messages")["items"]
    assert (listed["id"], listed["kind"], listed["state"]) == (sent.id, "template", "sending")


def test_a_forgotten_contact_leaves_its_broadcast(office: Office, fan_out: Callable[[], None]) -> None:
    office.world.say(ANA, "hello")
    office.work()
    contact = office.world.contact(ANA)
    office.post("/groups", {"name": "all"}, status=201)
    office.post("/groups/all/members", {"add": [contact.id]})
    id = office.post("/broadcasts", {**BASE, "recipients": to(ANA)})["broadcast_id"]
    fan_out()
    office.work()
    assert office.ask("DELETE", f"/contacts/{contact.id}").status_code == 202
    office.work()
    assert Stand(office).claim() == [] and sums(office, id)["cancelled"] == 1
    assert office.get("/groups/all")["members"] == 0
    name = message_id(id, ids.partition_of(contact.id, office.store.partitions), contact.id)
    assert office.store.run(outbox.read(name)) == {}
    assert office.store.run(bulk.counts(ids.split(name)[1], id))["made"] == 1


def test_beyond_the_channels_tier_messages_wait_for_their_day(
    office: Office, fan_out: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R142: of three people two get it today; replies and the rest of the outbox never wait for that."""
    channel = office.parts.library.project.accounts["acme"].channels["main"]
    object.__setattr__(channel, "tier", 2)
    monkeypatch.setattr(type(channel), "simulated", property(lambda _: False))
    office.post("/broadcasts", {**BASE, "recipients": to(ANA, BEN, EVA)})
    fan_out()
    stand = Stand(office)
    assert len(stand.claim()) == 2 and len(stand.claim()) == 0
    later = office.store.now() + 86_400_000 + 60_000
    found = [
        one
        for partition in range(office.store.partitions)
        for one in office.store.run(outbox.claim(partition, "b", "acme/main", tokens=9, now=later)).claimed
    ]
    assert len(found) == 1
