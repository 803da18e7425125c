"""The one commit: all of it or nothing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.errors import ParseError
from flowbot.model import codec
from flowbot.model.contact import Contact
from flowbot.model.ids import make, partition_of
from flowbot.store import contacts, flows, history, keys, processes, sessions, turns
from flowbot.store.call import as_is, command
from flowbot.store.client import Store
from flowbot.store.packing import unpack
from tests.store.acting import CHANNEL, CONTACT, PARTITION, Acting, message

PROCESS = make("pr", PARTITION, "x")
ALL: dict[str, Any] = {
    "contact": codec.encode(Contact(id=CONTACT, account="acme", name="Ana")),
    "timers_set": (("c1|acme/main|expire|1", 5_000), ("c1|acme/main|timeout.0|1", 4_000)),
    "timers_cancel": ("c1|acme/main|old|0",),
    "messages": (message(1), message(2)),
    "hooks": (("hk_1", "process.started", b'{"a":[]}'),),
    "processes": ((PROCESS, b'{"status":"pending","answers":{},"list":[]}'),),
    "history": (("in", b"{}"), ("out", b"{}")),
    "consent": (("all", "out", b"{}"),),
    "versions": {"v1": 1, "v0": -1},
    "counters": {"turns": 1},
}


def everything(worker: Acting) -> dict[str, Any]:
    """What the store says of the contact after a commit of ALL."""
    reads = {
        "session": ("GET", keys.session(PARTITION, CONTACT, CHANNEL)),
        "contact": ("GET", keys.contact(PARTITION, CONTACT)),
        "timers": ("ZRANGE", keys.timers(PARTITION), 0, -1, "WITHSCORES"),
        "queue": ("LRANGE", keys.queue(PARTITION, "r", CONTACT, CHANNEL), 0, -1),
        "ready": ("ZRANGE", keys.ready(PARTITION, "r", CHANNEL), 0, -1, "WITHSCORES"),
        "due": ("ZRANGE", keys.due(PARTITION), 0, -1, "WITHSCORES"),
        "message": ("HGETALL", keys.message(PARTITION, message(1).id)),
        "hooks": ("XLEN", keys.hooks(PARTITION)),
        "process": ("GET", keys.process(PARTITION, PROCESS)),
        "history": ("XLEN", keys.history(PARTITION, CONTACT)),
        "ledger": ("XLEN", keys.ledger(PARTITION, CONTACT)),
        "opted_out": ("SMEMBERS", keys.opted_out(PARTITION, CONTACT)),
        "versions": ("HGETALL", keys.flow_counts(PARTITION)),
        "counters": ("HGETALL", keys.counters(PARTITION)),
        "inbox": ("XLEN", keys.inbox(PARTITION, CHANNEL)),
    }
    return {name: worker.raw(*parts) for name, parts in reads.items()}


def test_everything_is_written_at_once(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push()
    assert worker.commit(worker.take().entries[0], **ALL) == "ok"
    found = everything(worker)
    record = dict(zip(found["message"][::2], found["message"][1::2], strict=True))
    assert found["timers"] == [b"c1|acme/main|timeout.0|1", b"4000", b"c1|acme/main|expire|1", b"5000"]
    assert found["queue"] == [b"ms_3_c11", b"ms_3_c12"]
    assert found["ready"] == [b"c1", b"1000"] and found["due"] == [b"r|acme/main", b"1000"]
    assert record[b"state"] == b"queued" and record[b"body"] == codec.encode(message(1))
    assert (found["hooks"], found["history"], found["ledger"], found["inbox"]) == (1, 1, 1, 0)
    assert found["opted_out"] == [b"all"]
    assert any_store.run(flows.standing(PARTITION)) == {"v1": 1, "v0": -1}
    assert any_store.run(contacts.get(PARTITION, CONTACT)) == Contact(id=CONTACT, account="acme", name="Ana")
    assert any_store.run(processes.get(PROCESS)) == {"status": "pending", "answers": {}, "list": []}
    assert [entry.kind for entry in any_store.run(history.read(PARTITION, CONTACT))] == ["in", "out"]
    here, nobody = any_store.run(sessions.load(PARTITION, [(CONTACT, CHANNEL), ("c2", CHANNEL)]))
    assert isinstance(here, tuple) and here[0] is not None and here[0].version == 1
    assert here[1] is not None and here[1].name == "Ana"
    assert nobody == (None, None)


def test_records_of_many_partitions_come_back_in_the_order_asked(any_store: Store) -> None:
    names = [f"c{number}" for number in range(12)]
    for name in names:
        where = keys.contact(partition_of(name, any_store.partitions), name)
        any_store.run(command("SET", where, codec.encode(Contact(id=name, account="acme")), read=as_is))
    found = sessions.read(any_store, [(name, CHANNEL) for name in [*names, "nobody"]])
    assert [isinstance(one, tuple) and one[1] and one[1].id for one in found] == [*names, None]


def test_a_record_that_cannot_be_read_is_its_own_contact_s_trouble(any_store: Store) -> None:
    newer = b'{"v":99,"id":"c2"}'
    any_store.run(command("SET", keys.contact(PARTITION, "c2"), newer, read=as_is))
    good, bad = any_store.run(sessions.load(PARTITION, [(CONTACT, CHANNEL), ("c2", CHANNEL)]))
    assert good == (None, None) and isinstance(bad, ParseError)


def test_bodies_stay_as_they_were_given(any_store: Store) -> None:
    """JSON made again in Lua would turn [] into {}."""
    worker = Acting(any_store)
    worker.push()
    body = '{"list":[],"deep":{"x":[[]]},"n":12345678901234567,"t":"🙂"}'.encode()
    assert worker.commit(worker.take().entries[0], contact=body, history=(("note", body),)) == "ok"
    assert unpack(worker.raw("GET", keys.contact(PARTITION, CONTACT))) == body
    assert any_store.run(history.latest(PARTITION, CONTACT, 1))[0].body == body


def test_a_turn_s_records_are_kept_as_one_and_read_one_by_one(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push()
    told = history.written([("in", {"event": {"k": "message"}}), ("trace", {"list": []}), ("out", {"text": "🙂, é"})])
    assert worker.commit(worker.take().entries[0], history=(told,)) == "ok"
    found = any_store.run(history.read(PARTITION, CONTACT))
    assert [entry.kind for entry in found] == ["in", "trace", "out"]
    assert [orjson.loads(entry.body) for entry in found] == orjson.loads(told[1])
    assert [entry.id.partition(".")[2] for entry in found] == ["0", "1", "2"]
    assert len(any_store.run(command("XRANGE", keys.history(PARTITION, CONTACT), "-", "+", read=as_is))[0][1]) == 2


@pytest.mark.parametrize("reason", ["fenced", "other_epoch", "stale", "gone"])
def test_a_refused_commit_changes_nothing(any_store: Store, reason: str) -> None:
    worker = Acting(any_store)
    worker.push()
    entry = worker.take().entries[0]
    change: dict[str, Any] = {}
    if reason == "fenced":
        Acting(any_store, owner="w1#b")
    if reason == "other_epoch":
        change = {"epoch": worker.epoch - 1}
    if reason == "stale":
        change = {"old_version": 4}
    if reason == "gone":
        change = {"entry_id": "1-1"}
    before = everything(worker)
    assert worker.commit(entry, **{**ALL, **change}) == {"other_epoch": "fenced"}.get(reason, reason)
    assert everything(worker) == before


def test_a_lease_that_ended_and_came_back_fences_what_was_begun_before(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push()
    entry, old = worker.take().entries[0], worker.epoch
    other = Acting(any_store, owner="w1#b")
    worker.lease()
    assert worker.epoch > other.epoch > old
    assert worker.commit(entry, epoch=old) == "fenced"
    assert worker.commit(entry) == "ok"


def test_the_same_commit_again_is_gone_and_changes_nothing(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push()
    commit = turns.commit(worker.commit_of(worker.take().entries[0], **ALL))
    assert any_store.run(commit) == "ok"
    before = everything(worker)
    assert any_store.run(commit) == "gone"
    assert everything(worker) == before


def test_several_events_of_a_contact_chain_in_one_batch(any_store: Store) -> None:
    worker = Acting(any_store)
    for text in "abc":
        worker.push(text)
    entries = worker.take().entries
    commits = [turns.commit(worker.commit_of(entry, version)) for version, entry in enumerate(entries)]
    assert any_store.run_all(commits) == ["ok", "ok", "ok"]
    assert any_store.run_all(commits) == ["gone", "gone", "gone"]
    session = any_store.run(sessions.get(PARTITION, CONTACT, CHANNEL))
    assert session is not None and session.version == 3


def test_after_one_refusal_the_rest_of_the_chain_is_refused(any_store: Store) -> None:
    worker = Acting(any_store)
    for text in "abc":
        worker.push(text)
    entries = worker.take().entries
    commits = [worker.commit_of(entries[0], 7), worker.commit_of(entries[1], 8), worker.commit_of(entries[2], 9)]
    assert any_store.run_all([turns.commit(one) for one in commits]) == ["stale", "stale", "stale"]
    assert [entry.id for entry in worker.take().entries] == [entries[0].id]


def test_a_message_behind_a_later_one_of_the_pair_limit_does_not_hurry_it(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.raw("ZADD", keys.ready(PARTITION, "r", CHANNEL), 9_000, CONTACT)
    worker.push()
    assert worker.commit(worker.take().entries[0], messages=(message(1),)) == "ok"
    assert worker.raw("ZSCORE", keys.ready(PARTITION, "r", CHANNEL), CONTACT) == b"9000"


def test_lanes_have_queues_of_their_own(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push()
    assert worker.commit(worker.take().entries[0], messages=(message(1, lane="b"), message(2))) == "ok"
    assert worker.raw("LRANGE", keys.queue(PARTITION, "b", CONTACT, CHANNEL), 0, -1) == [b"ms_3_c11"]
    assert worker.raw("LRANGE", keys.queue(PARTITION, "r", CONTACT, CHANNEL), 0, -1) == [b"ms_3_c12"]
    assert worker.raw("ZRANGE", keys.due(PARTITION), 0, -1) == [b"b|acme/main", b"r|acme/main"]


def test_consent_is_taken_back_topic_by_topic_or_at_once(any_store: Store) -> None:
    worker = Acting(any_store)
    turns_of = [
        ((("news", "out", b"{}"), ("all", "out", b"{}")), {"news", "all"}),
        ((("news", "in", b"{}"),), {"all"}),
        ((("all", "in", b"{}"),), set()),
    ]
    for version, (consent, left) in enumerate(turns_of):
        worker.push()
        assert worker.commit(worker.take().entries[0], version, consent=consent) == "ok"
        assert any_store.run(contacts.opted_out(PARTITION, CONTACT)) == left
    assert worker.raw("XLEN", keys.ledger(PARTITION, CONTACT)) == 4


def test_a_commit_wakes_whom_it_concerns(any_store: Store) -> None:
    worker = Acting(any_store)
    assert any_store.wait({PARTITION}, 1, "out") == {PARTITION}
    worker.push()
    assert worker.commit(worker.take().entries[0]) == "ok"
    assert any_store.wait({PARTITION}, 0.05, "out") == set()
    worker.push()
    assert worker.commit(worker.take().entries[0], 1, messages=(message(1),)) == "ok"
    assert any_store.wait({PARTITION}, 2, "out") == {PARTITION}


def test_history_stays_short(any_store: Store) -> None:
    worker = Acting(any_store)
    for version in range(320):
        worker.push()
        entries = (("in", b'{"n":%d}' % version), ("trace", b"x" * 100))
        assert worker.commit(worker.take().entries[0], version, history=entries) == "ok"
    assert 200 <= worker.raw("XLEN", keys.history(PARTITION, CONTACT)) < 310
    newest = any_store.run(history.latest(PARTITION, CONTACT, 2))
    assert [entry.body[:8] for entry in newest] == [b'{"n":318}'[:8], b"xxxxxxxx", b'{"n":319}'[:8], b"xxxxxxxx"]
    assert len({entry.id for entry in newest}) == 4
    assert any_store.run(history.read(PARTITION, CONTACT, after=newest[1].id)) == newest[2:]
