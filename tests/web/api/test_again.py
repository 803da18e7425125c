"""The same request again, with the same Idempotency-Key, changes nothing and gets the same answer: at every door."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.store import hooks
from flowbot.store.call import command

from .conftest import Office

ANA = "573001110001"
K = {"Idempotency-Key": "k"}


def process(office: Office) -> str:
    office.world.say(ANA, "start")
    office.work()
    return str(office.get("/processes")["items"][0]["process_id"])


def test_a_group_is_made_once(office: Office) -> None:
    first = office.ask("POST", "/groups", {"name": "mothers"}, **K)
    again = office.ask("POST", "/groups", {"name": "mothers"}, **K)
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    assert office.ask("POST", "/groups", {"name": "mothers"}).status_code == 409
    assert office.ask("POST", "/groups", {"name": "fathers"}, **K).status_code == 409


def test_an_order_is_answered_alike_when_its_time_is_over(office: Office) -> None:
    id = process(office)
    first = office.ask("POST", f"/processes/{id}/move", {"step": "second"}, **K)
    office.world.say(ANA, "stop")
    office.work()
    again = office.ask("POST", f"/processes/{id}/move", {"step": "second"}, **K)
    assert (first.status_code, again.status_code, again.get_json()) == (202, 202, first.get_json())
    assert office.ask("POST", f"/processes/{id}/move", {"step": "second"}).status_code == 409


def test_a_delivery_is_replayed_once(office: Office) -> None:
    office.store.run(hooks.keep(3, "ev_3_x", b"{}"))
    office.store.run(hooks.point(3, "dl_3_x", "acme/crm", "ev_3_x", "process.started"))
    first = office.ask("POST", "/deliveries/dl_3_x/replay", **K)
    waits = command("ZREM", "{ep:acme/crm}due", "dl_3_x", read=int)
    assert office.store.run(waits) == 1
    again = office.ask("POST", "/deliveries/dl_3_x/replay", **K)
    assert (first.status_code, again.status_code) == (202, 202)
    assert office.store.run(waits) == 0, "it was queued again"
    assert office.ask("POST", "/deliveries/dl_3_x/replay", **{"Idempotency-Key": "k" * 400}).status_code == 422


BAD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "/conversations",
        {"flow": "talk", "channel": "real", "to": f"+{ANA}"},
        {"flow": "talk", "channel": "main", "to": f"+{ANA}"},
    ),
    (
        "/messages",
        {"channel": "main", "to": f"+{ANA}", "template": {"name": "notice", "params": {"name": "Ana"}}},
        {"channel": "main", "to": f"+{ANA}", "user_authorized": True}
        | {"template": {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}},
    ),
]


@pytest.mark.parametrize(("path", "wrong", "right"), BAD)
def test_a_refused_request_leaves_its_key_free(
    office: Office, path: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    assert office.ask("POST", path, wrong, **K).status_code in (400, 409, 422)
    answer = office.ask("POST", path, right, **K)
    assert answer.status_code == 202, answer.text
    assert office.ask("POST", path, right, **K).get_json() == answer.get_json()
