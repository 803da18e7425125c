"""Calls of flows: taken by one, renewed, back by themselves, answered exactly once; canceled when nobody waits."""

from __future__ import annotations

import pytest

from flowbot.model import codec
from flowbot.model.event import CallAnswered, from_bytes
from flowbot.model.queued_call import QueuedCall
from flowbot.store import calls, inbox, turns
from flowbot.store.calls import Ours, Taken
from flowbot.store.client import Store
from flowbot.store.turns import Commit

from .acting import CHANNEL, CONTACT, PARTITION, Acting

T = 1_795_219_200_000


def record(name: str = "a", *, waiting: bool = False) -> QueuedCall:
    return QueuedCall(
        id=f"cl_{PARTITION}_{name}",
        kind="call",
        account="acme",
        channel="main",
        contact_id=CONTACT,
        step="save",
        visit=4,
        at=T,
        until=T + 30_000,
        body={"list": []},
        waiting=waiting,
    )


def commit(acting: Acting, *found: QueuedCall, cancel: tuple[str, ...] = (), now: int = T) -> None:
    assert acting.push(f"m{acting.sent}")
    (entry,) = acting.store.run(inbox.take(PARTITION, acting.owner, acting.epoch, 1)).entries
    version = acting.sent
    what = Commit(
        partition=PARTITION,
        owner=acting.owner,
        epoch=acting.epoch,
        entry_id=entry.id,
        contact_id=CONTACT,
        channel_key=CHANNEL,
        old_version=version - 1,
        session=b"{}",
        calls=tuple((one.id, codec.encode(one)) for one in found),
        calls_cancel=cancel,
        now=now,
    )
    assert acting.store.run(turns.commit(what)) == "ok"


def take(store: Store, at: int = 0, count: int = 8) -> Taken:
    return store.run(calls.take(PARTITION, count=count, now=T + at))


def answer(call: QueuedCall, outcome: str = "ok") -> CallAnswered:
    return CallAnswered(call=call.id, kind="call", visit=4, outcome=outcome, result={"list": []})


def waiting(store: Store, acting: Acting) -> list[object]:
    found = store.run(inbox.take(PARTITION, acting.owner, acting.epoch, 10)).entries
    return [from_bytes(one.event) for one in found if one.event]


def test_a_call_is_answered_once_however_often_it_was_made(any_store: Store) -> None:
    acting = Acting(any_store)
    commit(acting, record())
    assert take(any_store, -1).calls == ()
    assert take(any_store) == Taken(
        now=T, next_at=T + 6000, calls=(Ours(id="cl_3_a", partition=3, attempt=1, call=record()),)
    )
    assert take(any_store, 5999).calls == ()
    (again,) = take(any_store, 6000).calls
    assert again.attempt == 2, "who died with it lets it come back"
    assert any_store.run(calls.answer(record(), answer(record()))) == "ok"
    assert any_store.run(calls.answer(record(), answer(record(), "error"))) == "gone"
    assert waiting(any_store, acting) == [answer(record())]
    assert take(any_store, 86_400_000) == Taken(now=T + 86_400_000, next_at=-1, calls=())


def test_it_is_ours_while_we_renew_it(any_store: Store) -> None:
    commit(Acting(any_store), record(), record("b"))
    take(any_store)
    assert any_store.run(calls.renew(PARTITION, ["cl_3_a"], now=T + 5000)) == 1
    (other,) = take(any_store, 7000).calls
    assert other.id == "cl_3_b"
    assert len(take(any_store, 11_000).calls) == 1


def test_put_off_it_comes_when_told_and_counts_as_told(any_store: Store) -> None:
    commit(Acting(any_store), record())
    take(any_store)
    any_store.run(calls.put_off(PARTITION, "cl_3_a", 500, now=T))
    assert take(any_store, 499).next_at == T + 500
    (second,) = take(any_store, 500).calls
    any_store.run(calls.put_off(PARTITION, "cl_3_a", 500, counts=False, now=T + 500))
    (same,) = take(any_store, 1000).calls
    assert (second.attempt, same.attempt) == (2, 2)


def test_nobody_waits_for_what_was_canceled(any_store: Store) -> None:
    acting = Acting(any_store)
    commit(acting, record(), record("b"))
    take(any_store)
    commit(acting, cancel=("cl_3_a", "cl_3_unknown"))
    assert any_store.run(calls.renew(PARTITION, ["cl_3_a", "cl_3_b"], now=T)) == 1
    assert any_store.run(calls.put_off(PARTITION, "cl_3_a", 0)) == 0
    assert any_store.run(calls.get("cl_3_a")) is None
    assert any_store.run(calls.answer(record(), answer(record()))) == "gone"
    assert not any_store.run(calls.await_answer(record()))
    assert waiting(any_store, acting) == []


def test_an_answer_from_outside_is_known_when_it_comes_twice(any_store: Store) -> None:
    acting = Acting(any_store)
    late = record(waiting=True)
    commit(acting, record())
    take(any_store)
    assert any_store.run(calls.await_answer(late))
    assert any_store.run(calls.get("cl_3_a")) == late
    assert take(any_store, 29_999).calls == ()
    (over,) = take(any_store, 30_000).calls
    assert over.call == late
    assert any_store.run(calls.answer(late, answer(late), remember=1000)) == "ok"
    assert any_store.run(calls.answer(late, answer(late), remember=1000)) == "again"
    assert len(waiting(any_store, acting)) == 1


@pytest.mark.parametrize("id", ["", "cl", "cl_x_y"])
def test_what_is_no_id_is_refused(id: str) -> None:
    with pytest.raises(ValueError):
        calls.get(id)
