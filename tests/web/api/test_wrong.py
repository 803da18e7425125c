"""A wrong request: one answer names all of it, each at its place, and nothing is queued."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.web.api.parser import LARGEST

from .conftest import Office, mistakes
from .test_schema import doors, ids, known_in

TO = "+573001110001"
NOTICE = {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}
PAPER = """\
category: utility
languages: {en: {header: {document: there.pdf}, body: "Here it is, as you wished."}}
"""
WRONG: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "conversation": (
        "/conversations",
        {
            "flow": "none",
            "channel": 5,
            "to": "nobody",
            "inputs": [],
            "template": {"name": "notice", "params": {"x": 1}},
        },
        ["/channel", "/flow", "/inputs", "/template/params/day", "/template/params/name", "/template/params/x", "/to"],
    ),
    "message": (
        "/messages",
        {"channel": "none", "to": 5, "template": {"name": "none", "lang": "es"}, "user_authorized": "yes", "txt": 1},
        ["/channel", "/template/lang", "/template/name", "/to", "/txt", "/user_authorized"],
    ),
    "broadcast": (
        "/broadcasts",
        {
            "channel": "none",
            "template": {"name": "notice", "params": {"dya": 1}},
            "recipients": [{"to": "nobody"}, {"to": TO, "fields": {"children": "many"}}],
            "max_age": 4,
        },
        [
            *("/channel", "/max_age", "/recipients/0/to", "/recipients/1/fields/children"),
            *("/template/params/day", "/template/params/dya", "/template/params/name"),
        ],
    ),
    "schedule": (
        "/schedules",
        {
            "to": "nobody",
            "at": "soon",
            "channel": "x",
            "template": {"name": "notice", "params": {}},
            "topic": 1,
            "q": 1,
        },
        ["/at", "/channel", "/q", "/template/params/day", "/template/params/name", "/to", "/topic"],
    ),
    "event": (
        "/events",
        {"event": 5, "to": "nobody", "actor": "me", "channel": "x", "data": []},
        ["/actor", "/channel", "/data", "/event", "/to"],
    ),
    "an event's contact": ("/events", {"event": "e", "contact_id": "none", "actor": "me"}, ["/actor", "/contact_id"]),
    "group": ("/groups", {"name": "a b", "title": 5, "ttl": 1}, ["/name", "/title", "/ttl"]),
    "members": ("/groups/crm/members", {"add": [5, "nobody", TO], "remove": ["me"]}, ["/add/0", "/add/1", "/remove/0"]),
    "template": (
        "/templates",
        {"name": "A", "category": "utility", "languages": {"en": {"body": ""}}, "channel": "none", "catgory": "x"},
        ["/catgory", "/channel", "/languages/en/body", "/name"],
    ),
}


@pytest.mark.parametrize(("path", "body", "pointers"), WRONG.values(), ids=WRONG)
def test_one_answer_names_all_of_it(office: Office, path: str, body: dict[str, Any], pointers: list[str]) -> None:
    """R083: wrong types, what is named and is not there, the template's places: not one after the other."""
    office.post("/groups", {"name": "crm"}, status=201)
    answer = office.ask("POST", path, body)
    assert (answer.status_code, mistakes(answer)) == (422, pointers)
    assert office.world.waiting() == 0
    assert office.get("/broadcasts")["items"] == office.get("/schedules")["items"] == []


def test_a_process_and_its_step_in_one_answer(office: Office) -> None:
    office.world.say(TO[1:], "start")
    office.work()
    (process,) = office.get("/processes")["items"]
    answer = office.ask("POST", f"/processes/{process['process_id']}/move", {"step": "scond", "now": True})
    assert (answer.status_code, mistakes(answer)) == (422, ["/now", "/step"])
    assert "did you mean `second`?" in answer.get_json(force=True)["errors"][1]["detail"]


def test_an_unknown_name_is_told_with_the_one_that_is_meant(office: Office) -> None:
    answer = office.ask("POST", "/messages", {"chanel": "main", "to": TO, "template": {"nme": "notice"}})
    told = {one["pointer"]: one["detail"] for one in answer.get_json(force=True)["errors"]}
    assert told["/chanel"] == "is unknown: did you mean `channel`?"
    assert told["/template/nme"] == "is unknown: did you mean `name`?"


def test_a_template_that_does_not_fit_is_shown_at_its_variable(office: Office) -> None:
    """R083, R084: 400 when that is all that is wrong."""
    body = {"channel": "main", "to": TO, "user_authorized": True}
    for path in ("/messages", "/conversations"):
        more = {"flow": "talk", "step": "first"} if path == "/conversations" else {}
        for template, pointers in (
            ({**NOTICE, "params": {"name": "Ana"}}, ["/template/params/day"]),
            ({**NOTICE, "params": {"name": "x" * 2000, "day": {}}}, ["/template/params/day", "/template/params/name"]),
            ({**NOTICE, "language": "fr"}, ["/template/language"]),
            ({**NOTICE, "language": "fr", "params": {"name": "Ana"}}, ["/template/language", "/template/params/day"]),
            ({**NOTICE, "name": "none"}, ["/template/name"]),
        ):
            answer = office.ask("POST", path, {**body, **more, "template": template})
            assert (answer.status_code, sorted(set(mistakes(answer)))) == (400, pointers), (path, template)
            assert answer.get_json(force=True)["code"] == "template_mismatch"
    assert office.world.waiting() == 0


def test_a_template_s_file_has_to_be_there(office: Office) -> None:
    """R083: it was accepted, and failed when it was to leave."""
    folder = office.world.folder / "content"
    (folder / "media").mkdir()
    (folder / "media" / "there.pdf").write_bytes(b"%PDF-1.4")
    (folder / "templates" / "paper.yaml").write_text(PAPER)
    office.parts.shelf._looked = float("-inf")
    for path in ("/messages", "/conversations"):
        body = {"channel": "main", "to": TO, "user_authorized": True, **({"flow": "talk"} if "conv" in path else {})}
        for file, status in (("none.pdf", 400), ("there.pdf", 202)):
            answer = office.ask("POST", path, {**body, "template": {"name": "paper", "params": {"media_url": file}}})
            assert answer.status_code == status, answer.text
            if status == 400:
                assert mistakes(answer) == ["/template/params/media_url"]


def test_a_topic_that_nobody_can_opt_out_of_is_none(office: Office) -> None:
    """R088: `offer` in place of `offers` would reach who opted out of these."""
    sends: dict[str, dict[str, Any]] = {
        "/messages": {"to": TO},
        "/schedules": {"to": TO, "at": "2099-01-01T10:00:00Z"},
        "/broadcasts": {"recipients": [{"to": TO}]},
    }
    for path, more in sends.items():
        body = {"channel": "main", "template": NOTICE, "user_authorized": True, **more}
        answer = office.ask("POST", path, {**body, "topic": "offer"})
        (told,) = answer.get_json(force=True)["errors"]
        assert (answer.status_code, told["pointer"]) == (422, "/topic") and "did you mean `offers`?" in told["detail"]
        assert mistakes(office.ask("POST", path, {**body, "topic": "offer", "odd": 1})) == ["/odd", "/topic"]
        office.post(path, {**body, "topic": "offers"})


START = '{"flow": "talk", "channel": "main", "to": "+573001110001", "inputs": {"account_id": "a"}, "answers": {}}'
UNKEPT = {
    "a name twice": ('"flow": "talk"', '"flow": "talk", "flow": "other"', "/flow"),
    "a name twice, the same": ('"account_id": "a"', '"account_id": "a", "account_id": "a"', "/inputs/account_id"),
    "NaN": ('"a"', "NaN", "/inputs/account_id"),
    "too large": ('"a"', "1e999", "/inputs/account_id"),
    "too many digits": ('"a"', "123456789012345678901", "/inputs/account_id"),
    "half a character": ('"a"', '"\\ud800"', "/inputs/account_id"),
    "a NUL": ('"a"', '"a\\u0000"', "/inputs/account_id"),
    "a name of half a character": ('"answers": {}', '"answers": {"\\ud800": 1}', "/answers"),
    "deep": ('"answers": {}', '"answers": {"first": [[[[[[[1]]]]]]]}', "/answers/first/0/0/0/0/0/0"),
}


@pytest.mark.parametrize(("sound", "odd", "pointer"), UNKEPT.values(), ids=UNKEPT)
def test_what_could_not_be_kept_is_named(office: Office, sound: str, odd: str, pointer: str) -> None:
    """And the rest is looked at too."""
    written = START.replace(sound, odd)
    answer = office.ask("POST", "/conversations", written.encode())
    assert (answer.status_code, mistakes(answer)) == (400, [pointer])
    also = office.ask("POST", "/conversations", written.replace("+573001110001", "nobody").encode())
    assert (also.status_code, mistakes(also)) == (400, sorted([pointer, "/to"]))
    assert office.world.waiting() == 0
    office.post("/conversations", orjson.loads(START))


def test_no_door_takes_a_parameter_that_it_does_not_know(office: Office) -> None:
    known, refused = ids(office), {}
    for method, path in sorted(doors(office)):
        filled = path.removeprefix("/v1").format(**{"token": "x", **known_in(path, known)})
        answer = office.ask(method, f"{filled}?limt=1", {} if method != "GET" else None)
        refused[method, path] = (answer.status_code, "?limt" in mistakes(answer))
    assert refused == dict.fromkeys(doors(office), (400, True))
    told = office.ask("GET", "/contacts?limt=1&limit=x&limit=2").get_json(force=True)["errors"]
    assert {one["pointer"]: one["detail"] for one in told}["?limt"] == "is unknown: did you mean `limit`?"
    assert [one["pointer"] for one in told] == ["?limt", "?limit"]


def test_no_door_takes_a_name_that_it_does_not_know(office: Office) -> None:
    known, ignored = ids(office), []
    for method, path in sorted(doors(office)):
        if method == "GET" or "verdicts" in path or path.endswith("/recipients"):
            continue
        filled = path.removeprefix("/v1").format(**known_in(path, known))
        answer = office.ask(method, filled, {"nothing_like_it": 1})
        if answer.status_code != 422 or "/nothing_like_it" not in mistakes(answer):
            ignored.append((method, path, answer.status_code))
    assert ignored == []


def test_a_body_that_is_too_large_is_refused_before_it_is_read(office: Office) -> None:
    body = {"channel": "main", "to": TO, "text": "x" * LARGEST}
    answer = office.ask("POST", "/messages", orjson.dumps(body))
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    assert "1 MB" in answer.get_json(force=True)["detail"]
    assert office.ask("POST", "/messages", b" " * LARGEST).status_code == 400
