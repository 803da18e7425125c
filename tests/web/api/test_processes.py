"""/v1/processes: one, listed, filtered, as CSV; the same object as the hook."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any

import orjson

from flowbot.delivery.files import path_of
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived
from flowbot.model.inbound import Inbound, Media
from flowbot.store import hooks

from .conftest import Office


def finish(office: Office, *numbers: str) -> None:
    for number in numbers:
        office.world.say(number, "start", f"answer of {number}", "secret")
    office.work()


def test_what_is_asked_for_is_what_the_hook_says(office: Office) -> None:
    """R125, R123: a lost hook loses nothing."""
    finish(office, "573001110001")
    partition = office.world.partition("573001110001")
    ended = next(e for e in office.store.run(hooks.read(partition)) if e.type == "process.succeeded")
    data = orjson.loads(ended.body)["data"]
    assert office.get(f"/processes/{data['process_id']}") == data
    assert data["sequence"] == 2
    assert data["answers"] == {"first": "answer of 573001110001", "second": "secret"}


def test_lists_the_newest_first_page_by_page(office: Office) -> None:
    numbers = [f"5730011100{n:02}" for n in range(12)]
    for number in numbers:
        finish(office, number)
    found: list[Any] = []
    after = ""
    while after is not None:
        page = office.get(f"/processes?limit=5&after={after}")
        assert len(page["items"]) <= 5
        found += page["items"]
        after = page["next"]
    assert [one["contact"]["phone"] for one in found] == [f"+{number}" for number in reversed(numbers)]


def test_filters(office: Office) -> None:
    """R136: by state, reason, flow, channel and date."""
    finish(office, "573001110001")
    office.world.say("573001110002", "start")
    office.world.say("573001110003", "start", "stop")
    office.work()

    def phones(query: str) -> list[str]:
        return [one["contact"]["phone"][-1] for one in office.get(f"/processes?{query}")["items"]]

    assert phones("status=success") == ["1"]
    assert phones("status=pending&flow=talk&channel=main") == ["2"]
    assert phones("reason=opted_out") == ["3"]
    assert sorted(phones("from=2020-01-01T00:00:00Z")) == ["1", "2", "3"]
    assert phones("to=2020-01-01T00:00:00Z") == phones("flow=other") == []
    answer = office.ask("GET", "/processes?from=2020-01-01&to=soon").get_json(force=True)
    told = {one["pointer"]: one["detail"] for one in answer["errors"]}
    assert told["?from"] == "says no time zone: write it like 2026-11-21T13:00:00Z" and "is no time" in told["?to"]


CASES = {
    "status": {"status=success": "14", "status=pending": "2", "status=failure": "35"},
    "outcome": {"outcome=succeeded": "14", "outcome=canceled": "5", "outcome=failed": "3"},
    "reason": {"reason=opted_out": "3", "reason=canceled": "5", "reason=none": ""},
    "flow": {"flow=talk": "123", "flow=chat": "45", "flow=none": ""},
    "channel": {"channel=main": "1235", "channel=second": "4", "channel=none": ""},
    "account_id": {"account_id=a-1": "1", "account_id=x": ""},
    "dates": {"from=2020-01-01T00:00:00Z": "12345", "to=2020-01-01T00:00:00Z": "", "to=2999-01-01T00:00:00Z": "12345"},
}


def people(office: Office) -> None:
    """Five processes: of two flows, on two channels, with every way to stand and to end."""
    file = office.world.folder / "flowbot.yaml"
    file.write_text(file.read_text().replace("      real:", "      second: {gateway: simulator}\n      real:"))
    chat = "flow: chat\nstart: {keywords: [chat]}\nanytime: {exit: {fail: canceled}}\n"
    (office.world.folder / "flows" / "chat.yaml").write_text(chat + 'steps:\n  a: {ask: "A?"}\n  b: {succeed: {}}\n')
    office.parts.shelf._looked = float("-inf")
    start = {"flow": "talk", "channel": "main", "to": "+573001110001", "account_id": "a-1", "user_authorized": True}
    office.post("/conversations", start)
    office.work()
    office.world.say("573001110001", "tea", "sugar")
    office.world.say("573001110002", "start")
    office.world.say("573001110003", "start", "stop")
    office.world.say("573001110004", "chat", "x", channel="second")
    office.world.say("573001110005", "chat", "exit")
    office.work()


def phones(office: Office, query: str) -> str:
    """Whose they are, by the list and by the table."""
    listed = sorted(one["contact"]["phone"][-1] for one in office.get(f"/processes?{query}")["items"])
    table = csv.DictReader(io.StringIO(office.ask("GET", f"/processes/csv?{query}").text))
    assert sorted(row["phone"][-1] for row in table) == listed
    return "".join(listed)


def test_each_filter_alone_and_with_each_other(office: Office) -> None:
    """R136: state, reason, flow, channel, date; in the list and in the table."""
    people(office)
    alone = {query: wanted for cases in CASES.values() for query, wanted in cases.items()}
    assert {query: phones(office, query) for query in alone} == alone
    for one, other in itertools.combinations(CASES, 2):
        for first, second in itertools.product(CASES[one].items(), CASES[other].items()):
            both = "".join(sorted(set(first[1]) & set(second[1])))
            assert phones(office, f"{first[0]}&{second[0]}") == both, (first, second)
    together = "status=failure&outcome=canceled&reason=canceled&flow=chat&channel=main&from=2020-01-01T00:00:00Z"
    assert phones(office, together) == "5" and phones(office, together + "&account_id=a-1") == ""
    (begun,) = (one["started_at"] for one in office.get("/processes?account_id=a-1")["items"])
    assert "1" in phones(office, f"from={begun}") and "1" not in phones(office, f"to={begun}")


def test_the_table_has_what_was_said(office: Office) -> None:
    """R136: inputs, answers and result, as JSON."""
    people(office)
    (row,) = csv.DictReader(io.StringIO(office.ask("GET", "/processes/csv?account_id=a-1").text))
    (one,) = office.get("/processes?account_id=a-1")["items"]
    assert {name: orjson.loads(row[name]) for name in ("inputs", "answers", "result")} == {
        "inputs": one["inputs"],
        "answers": {"first": "tea", "second": "sugar"},
        "result": {"first": "tea"},
    }
    assert (row["status"], row["outcome"], row["flow_version"]) == ("success", "succeeded", one["flow_version"])


def test_csv_holds_no_formula(office: Office) -> None:
    """R136: what a spreadsheet would run is text."""
    office.world.say("573001110001", "start", "x", "y", name="=cmd|' /C calc'!A1")
    office.world.say("573001110002", "start", "x", "y")
    office.work()
    answer = office.ask("GET", "/processes/csv?limit=1")
    assert answer.content_type.startswith("text/csv")
    following = answer.headers["Link"].partition("<")[2].partition(">")[0]
    second = office.client.get(following, headers={"Authorization": f"Bearer {office.key()}"})
    assert "Link" not in second.headers
    rows = [row for one in (answer, second) for row in csv.DictReader(io.StringIO(one.text))]
    assert {row["phone"] for row in rows} == {"'+573001110001", "'+573001110002"}
    assert {row["name"] for row in rows} == {"'=cmd|' /C calc'!A1", "Ana"}


def test_another_account_s_process_is_not_there(office: Office) -> None:
    finish(office, "573001110001")
    (one,) = office.get("/processes")["items"]
    beta = office.key("beta")
    assert office.ask("GET", f"/processes/{one['process_id']}", key=beta).status_code == 404
    assert office.get("/processes", key=beta) == {"items": [], "next": None}


PHOTO = """\
flow: talk
start: {keywords: [start]}
steps:
  front: {ask: "A photo?", expect: image}
  others: {ask: "More?", expect: image, collect: {until: done}}
  done: {succeed: {}}
"""


def test_files_among_the_answers_have_addresses_that_end(office: Office) -> None:
    """R093: seen by who has the address, for a while; made for the account's own key alone."""
    office.world.write(PHOTO)
    who = "573001110001"
    for text, ids in (("start", []), ("", ["m1"]), ("", ["m2", "m3"]), ("done", [])):
        if text:
            office.world.say(who, text)
        for id in ids:
            media = Media(kind="image", id=id, mime="image/jpeg")
            inbound = Inbound(id=f"w-{id}", sender=Identity(number=who), kind="image", media=media)
            assert office.world.event(who, MessageReceived(inbound=inbound))
        office.work()
    (process,) = office.get("/processes")["items"]
    picture = b"\xff\xd8\xff\xe0 picture"
    for id in ("m1", "m3"):
        office.parts.files.save(path_of("acme", process["contact"]["id"], f"acme/main:{id}"), picture)
    found = office.get(f"/processes/{process['process_id']}/files")["items"]
    assert [(one["answer"], one["kind"], one["mime"], one["size"]) for one in found] == [
        ("front", "image", "image/jpeg", len(picture)),
        ("others", "image", None, None),
        ("others", "image", "image/jpeg", len(picture)),
    ]
    assert (found[1]["url"], found[1]["expires_at"]) == (None, None)
    address = found[0]["url"].removeprefix(office.parts.settings.address)
    answer = office.client.get(address, buffered=True)
    assert (answer.status_code, answer.data, answer.content_type) == (200, picture, "image/jpeg")
    assert office.client.get(address.replace("inbound/acme", "inbound/beta")).status_code == 404
    beta = office.ask("GET", f"/processes/{process['process_id']}/files", key=office.key("beta"))
    assert beta.status_code == 404
