"""Deliveries: once per hook and endpoint, claimed by one, back by themselves, switched off and on."""

import pytest

from flowbot.store import deliveries, hooks, keys
from flowbot.store.call import command

T = 1_763_730_000_000
CRM, URL = "acme/crm", "https://client.example/hooks"
DAY = 86_400_000


def address(store, number=1, at=0):
    delivery = hooks.delivery_id(3, f"ev_{number}", CRM)
    store.run(hooks.keep(3, f"ev_{number}", b"body"))
    store.run(hooks.point(3, delivery, CRM, f"ev_{number}", "process.failed"))
    return store.run(hooks.address(CRM, delivery, f"ev_{number}", 3, "process.failed", now=T + at))


def claim(store, at=0, url=URL, count=8):
    return store.run(hooks.claim(CRM, url, count=count, now=T + at))


def record(store, delivery, outcome, at=0, **more):
    return store.run(hooks.record(CRM, delivery, outcome, now=T + at, **more))


def test_addressed_once(any_store):
    assert address(any_store) and not address(any_store)
    (taken,) = claim(any_store).taken
    assert (taken.hook, taken.partition, taken.type, taken.attempt) == ("ev_1", 3, "process.failed", 1)
    assert record(any_store, taken, "delivered", status=204) == "ok"
    assert not address(any_store)
    assert claim(any_store, DAY).taken == ()


def test_who_dies_with_it_lets_it_come_back(any_store):
    address(any_store)
    (taken,) = claim(any_store).taken
    assert claim(any_store, 29_999).taken == ()
    (again,) = claim(any_store, 30_000).taken
    assert (again.id, again.attempt) == (taken.id, 2)


def test_our_own_deaths_make_no_endpoint_wait_longer(any_store):
    """I8: a hook whose first attempt died with its process, and whose second is refused, comes after 5 s, not 5 min."""
    address(any_store)
    claim(any_store)
    (second,) = claim(any_store, 30_000).taken
    assert (second.attempt, second.turn) == (2, 1)
    record(any_store, second, "again", 30_000, wait=5000)
    (third,) = claim(any_store, 35_000).taken
    assert (third.attempt, third.refused, third.turn) == (3, 1, 2)


def test_it_waits_for_the_next_attempt(any_store):
    address(any_store)
    (taken,) = claim(any_store).taken
    record(any_store, taken, "again", wait=5000, status=500, ms=12, error="HTTP 500")
    waits = claim(any_store, 4999)
    assert (waits.taken, waits.next_at) == ((), T + 5000)
    assert len(claim(any_store, 5000).taken) == 1
    (line,) = any_store.run(deliveries.log(CRM))
    assert (line["status"], line["ms"], line["error"], line["attempt"]) == ("500", "12", "HTTP 500", "1")


@pytest.mark.parametrize(("outcome", "after", "word"), [("disable", 0, "gone"), ("again", 5 * DAY, "failing")])
def test_switched_off_until_a_replay_or_another_url(any_store, outcome, after, word):
    address(any_store)
    (taken,) = claim(any_store).taken
    record(any_store, taken, "again", wait=1)
    assert record(any_store, taken, outcome, after) == "disabled"
    assert any_store.run(deliveries.endpoint(CRM))["disabled"] == word
    address(any_store, 2)
    assert claim(any_store, after + DAY).taken == ()
    assert deliveries.replay(any_store, taken.id, now=T + after).endpoint == CRM
    assert len(claim(any_store, after + DAY).taken) == 2
    record(any_store, taken, "disable", after + DAY)
    assert claim(any_store, after + 2 * DAY).taken == ()
    assert len(claim(any_store, after + 2 * DAY, URL + "/new").taken) == 2


def test_a_breaker_opens_after_five_failures_and_tries_one(any_store):
    for number in range(10):
        address(any_store, number)
    taken = claim(any_store).taken
    states = [record(any_store, one, "again", wait=1) for one in taken[:5]]
    assert states == ["ok"] * 4 + ["open"]
    closed = claim(any_store, 14_999)
    assert (closed.taken, closed.next_at) == ((), T + 15_000)
    (probe,) = claim(any_store, 15_000).taken
    assert record(any_store, probe, "again", 15_000, wait=1) == "open"
    assert claim(any_store, 44_999).taken == ()
    (probe,) = claim(any_store, 45_000).taken
    assert record(any_store, probe, "delivered", 45_000) == "ok"
    assert len(claim(any_store, 45_001).taken) > 1


def test_what_was_under_way_when_it_opened_does_not_lengthen_the_rest(any_store):
    """A client that stalls once, with ten deliveries in flight, is left alone for 15 s and not for eight minutes."""
    for number in range(10):
        address(any_store, number)
    taken = claim(any_store, count=10).taken
    assert len(taken) == 10
    states = [record(any_store, one, "again", wait=1) for one in taken]
    assert states == ["ok"] * 4 + ["open"] * 6
    assert claim(any_store).next_at == T + 15_000
    (probe,) = claim(any_store, 15_000).taken
    assert record(any_store, probe, "again", 15_000, wait=1) == "open"
    assert claim(any_store, 15_001).next_at == T + 45_000


def test_a_replay_keeps_the_id_and_begins_anew(any_store):
    address(any_store)
    (taken,) = claim(any_store).taken
    record(any_store, taken, "failed", status=500)
    assert any_store.run(deliveries.read(CRM, taken.id))["state"] == "failed"
    deliveries.replay(any_store, taken.id, now=T)
    (again,) = claim(any_store).taken
    assert (again.id, again.attempt, again.hook) == (taken.id, 1, taken.hook)


def test_bodies_and_pointers_have_an_end(any_store):
    address(any_store)
    delivery = hooks.delivery_id(3, "ev_1", CRM)
    for key in (keys.hook(3, "ev_1"), keys.delivery_pointer(3, delivery), keys.delivery(CRM, delivery)):
        assert 0 < any_store.run(command("PTTL", key, read=int)) <= 8 * DAY
    assert any_store.run(hooks.body(3, "ev_1")) == b"body"


def test_a_switched_off_endpoint_does_not_fill_the_store(any_store):
    address(any_store)
    (taken,) = claim(any_store).taken
    record(any_store, taken, "disable")
    for number in range(2, 5):
        address(any_store, number, DAY)
    assert any_store.run(deliveries.waiting(CRM)) == 4
    address(any_store, 5, 9 * DAY + 1)
    assert any_store.run(deliveries.waiting(CRM)) == 1, "what is no longer kept still waits"


def test_an_endpoint_that_is_no_more_leaves_nothing(any_store):
    def left():
        return any_store.run(command("PTTL", keys.endpoint(CRM, "due"), read=int))

    address(any_store)
    (taken,) = claim(any_store).taken
    assert 0 < left() <= hooks.KEPT
    record(any_store, taken, "again", wait=1)
    assert left() > 0
    deliveries.replay(any_store, taken.id, now=T)
    assert left() > 0
