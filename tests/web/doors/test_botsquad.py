"""What Botsquad's clients post for a broadcast, and read of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.web.api.conftest import Office
from tests.web.api.test_broadcasts import Stand, fan_out

__all__ = ["fan_out"]

ANA, BEN = "whatsapp+573001110001", "whatsapp+573001110002"
ORDER: dict[str, Any] = {
    "template": "notice",
    "language": "en",
    "params": {"day": "Monday"},
    "user_authorized": True,
    "users": [{"address": ANA, "params": {"name": "Ana"}}, {"address": BEN, "params": {"name": "Ben"}}],
}


def ask(office: Office, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
    said = {"Authorization": f"Bearer {office.key()}", **headers}
    answer = office.client.open(f"/api/bot{path}", method=method, json=body, headers=said)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_a_broadcast_with_statistics_statuses_and_failures(office: Office, fan_out: Callable[[], None]) -> None:
    """R096, R098, R086, R088: who has `optout` = all is a failure with the reason optout."""
    office.world.say("573001110001", "start", "tea", "sugar")
    office.work()
    assert ask(office, "GET", f"/main/user/{ANA}") == {"address": ANA, "optout": None}
    assert ask(office, "POST", f"/main/user/{ANA}", {"optout": "all"}, status=202)["optout"] == "all"
    office.work()
    assert ask(office, "GET", f"/main/user/{ANA}")["optout"] == "all"
    made = ask(office, "POST", "/main/broadcast", ORDER, status=201, **{"Idempotency-Key": "b"})
    assert ask(office, "POST", "/main/broadcast", ORDER, status=201, **{"Idempotency-Key": "b"}) == made
    assert [(one["address"], one["status"]) for one in made["statuses"]] == [(ANA, "pending"), (BEN, "pending")]
    fan_out()
    stand = Stand(office)
    for one in stand.claim():
        stand.record(one)
    assert stand.sent == [("573001110002", "Hello Ben, come on Monday please.")]
    told = ask(office, "GET", f"/main/broadcast/{made['id']}")
    counted = told["statistics"]
    assert (counted["total"], counted["success"], counted["failure"], counted["pending"]) == (2, 1, 1, 0)
    assert [(one["address"], one["status"], one["details"]) for one in told["failures"]] == [(ANA, "failure", "optout")]
    page = ask(office, "GET", f"/main/broadcast/{made['id']}?limit=1")
    rest = ask(office, "GET", f"/main/broadcast/{made['id']}?limit=1&after={page['next']}")
    assert [page["statuses"][0], rest["statuses"][0]] == told["statuses"] and rest["next"] is None


def test_what_is_refused_queues_nothing_and_names_each_user(office: Office) -> None:
    wrong = {**ORDER, "users": [*ORDER["users"], {"address": "whatsapp+12"}]}
    told = ask(office, "POST", "/main/broadcast", wrong, status=422)
    assert told["error"] == "invalid_request" and "users/2" in told["message"], told
    assert "odd" in ask(office, "POST", "/main/broadcast", {**ORDER, "odd": 1}, status=422)["message"]
    assert ask(office, "POST", "/main/user/x", {"optout": "some"}, status=422)["error"] == "invalid_request"
    ask(office, "GET", "/main/user/whatsapp+573001110009", status=404)
    assert office.get("/broadcasts")["items"] == []
    assert office.client.post("/api/bot/main/broadcast", json=ORDER).status_code == 401


def test_who_never_wrote_may_have_opted_out(office: Office) -> None:
    """R086, R090: a campaign's recipient says so by telephone; it was refused as an unknown user."""
    theirs = "whatsapp+573001110009"
    assert ask(office, "POST", f"/main/user/{theirs}", {"optout": "all"}, status=202)["optout"] == "all"
    office.work()
    assert ask(office, "GET", f"/main/user/{theirs}")["optout"] == "all"
    (contact,) = office.get("/contacts?to=%2B573001110009")["items"]
    assert (contact["phone"], contact["opted_out"]) == ("+573001110009", ["all"])


def test_another_account_s_broadcast_is_none(office: Office) -> None:
    made = ask(office, "POST", "/main/broadcast", ORDER, status=201)
    ask(office, "GET", f"/real/broadcast/{made['id']}", status=404)
    ask(office, "GET", f"/nothing/broadcast/{made['id']}", status=404)
    other = {"Authorization": f"Bearer {office.key('beta')}"}
    assert office.client.get(f"/api/bot/main/broadcast/{made['id']}", headers=other).status_code == 404
