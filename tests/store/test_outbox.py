"""Messages through their states, on a single node and on a cluster, with the clock in our hands."""

from dataclasses import replace

import orjson
import pytest

from flowbot.model.inbound import Receipt
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.template import Filled
from flowbot.store import backlog, contacts, hooks, keys, outbox, receipts, turns
from flowbot.store.backlog import Waiting
from flowbot.store.call import as_is, command

T = 1_763_730_000_000
CHANNEL = "acme/main"


def entry(name, contact="c1", **more):
    return OutboxEntry(
        id=f"ms_3_{name}",
        account="acme",
        channel="main",
        contact_id=contact,
        to="573001112233",
        outbound=Outbound(text=f"text {name}"),
        **more,
    )


@pytest.fixture
def box(any_store):
    return Box(any_store)


class Box:
    def __init__(self, store):
        self.store = store
        self.now = T

    def push(self, *entries):
        return self.store.run(outbox.push(3, entries, now=self.now))

    def claim(self, lane="r", tokens=10, **more):
        return self.store.run(outbox.claim(3, lane, CHANNEL, tokens=tokens, now=self.now, **more))

    def names(self, **more):
        return [one.id.removeprefix("ms_3_") for one in self.claim(**more).claimed]

    def record(self, name, attempt, outcome, **more):
        return self.store.run(outbox.record(f"ms_3_{name}", attempt, outcome, now=self.now, **more))

    def sweep(self, **more):
        return [
            (name.removeprefix("ms_3_"), state) for name, state in self.store.run(outbox.sweep(3, now=self.now, **more))
        ]

    def receipt(self, name, status, channel=CHANNEL, **more):
        found = Receipt(provider_id=more.pop("provider_id", "w1"), status=status, our_id=f"ms_3_{name}", **more)
        return self.store.run(receipts.apply(channel, f"ms_3_{name}", found, now=self.now))

    def read(self, name):
        return self.store.run(outbox.read(f"ms_3_{name}"))

    def state(self, name):
        return self.read(name).get("state")

    def left(self):
        """What the outbox holds beside messages' records: nothing, once all is settled."""
        names = [
            keys.due(3),
            keys.in_flight(3),
            keys.deadlines(3),
            keys.ready(3, "r", CHANNEL),
            keys.ready(3, "b", CHANNEL),
        ]
        names += [keys.queue(3, lane, "c1", CHANNEL) for lane in "rb"]
        return [name for name in names if self.store.run(command("EXISTS", name, read=int))]


def test_one_in_flight_per_contact_over_both_lanes(box):
    box.push(entry(1), entry(2), entry("bulk", lane="b"), entry("other", "c2"))
    assert box.names() == ["1", "other"]
    assert box.names() == [] and box.names(lane="b") == []
    assert box.record(1, 1, "sent", provider_id="w1") == "sent"
    assert box.names(lane="b") == ["bulk"] and box.names() == []
    box.record("bulk", 1, "sent", provider_id="w2")
    assert box.names() == ["2"]
    box.record(2, 1, "sent", provider_id="w3")
    box.record("other", 1, "sent", provider_id="w4")
    assert box.left() == []


def test_pushed_again_it_is_there_once(box):
    assert (box.push(entry(1)), box.push(entry(1), entry(2))) == (1, 1)
    assert box.store.run(command("LLEN", keys.queue(3, "r", "c1", CHANNEL), read=int)) == 2


def test_what_a_commit_queues_is_what_the_sender_claims(box):
    from flowbot.store import inbox, leases

    epoch = box.store.run(leases.take("w", 3, "w#1", 60_000))
    box.store.run(inbox.push(3, "c1", CHANNEL, b"{}", dedupe_id="x", at_ms=0))
    taken = box.store.run(inbox.take(3, "w#1", epoch, 1))
    code = entry("code", purpose="business", topic="codes", scrub=True, policy="fail", process_id="pr_3_x")
    what = turns.Commit(
        partition=3,
        owner="w#1",
        epoch=epoch,
        entry_id=taken.entries[0].id,
        contact_id="c1",
        channel_key=CHANNEL,
        old_version=0,
        session=b"{}",
        messages=(entry(1), code),
        now=T,
    )
    assert box.store.run(turns.commit(what)) == "ok"
    look = box.store.run(outbox.look(3, now=T))
    assert look.due == (("r", CHANNEL, T),) and look.deadline == -1
    claimed = box.claim().claimed[0]
    assert (claimed.entry, claimed.attempt) == (entry(1), 1)
    box.record(1, 1, "sent", provider_id="w1")
    assert box.claim().claimed[0].entry == code
    box.record("code", 1, "failed", code="9", reason="no")
    assert "body" not in box.read("code")
    assert b'"process_id":"pr_3_x"' in box.store.run(hooks.read(3))[0].body


def test_tokens_bound_a_claim(box):
    box.push(*(entry(n, f"c{n}") for n in range(5)))
    assert len(box.names(tokens=2)) == 2
    answer = box.claim(tokens=2)
    assert len(answer.claimed) == 2 and answer.next_at <= answer.now
    answer = box.claim(tokens=2)
    assert len(answer.claimed) == 1 and answer.next_at == -1
    assert box.names(tokens=0) == []


def test_expired_and_opted_out_never_leave(box):
    for contact, topic in (("c1", "all"), ("c2", "offers")):
        box.store.run(command("SADD", keys.opted_out(3, contact), topic, read=int))
    box.push(
        entry("old", "c3", expires_at=T),
        entry("young", "c3", expires_at=T + 1),
        entry("ad", purpose="business"),
        entry("reply"),
        entry("offer", "c2", purpose="business", topic="offers"),
        entry("news", "c2", purpose="business", topic="news"),
    )
    answer = box.claim()
    assert sorted(answer.ended) == [("ms_3_ad", "suppressed"), ("ms_3_offer", "suppressed"), ("ms_3_old", "expired")]
    assert sorted(one.id for one in answer.claimed) == ["ms_3_news", "ms_3_reply", "ms_3_young"]
    assert box.state("ad") == "suppressed"


def test_who_is_not_there_gets_replies_only(box):
    """R089: not tried again, whatever waits already; the mark goes with the contact's next message."""
    box.store.run(command("SET", keys.unreachable(3, "c1"), T, read=as_is))
    box.push(entry("ad", purpose="business"), entry("reply"), entry("other", "c2", purpose="business"))
    answer = box.claim()
    assert answer.ended == (("ms_3_ad", "suppressed"),)
    assert box.read("ad")["code"] == "unreachable"
    assert sorted(one.id for one in answer.claimed) == ["ms_3_other", "ms_3_reply"]


@pytest.mark.parametrize("unwanted", ["marketing", "authentication"])
@pytest.mark.parametrize("category", ["marketing", "utility", "authentication"])
def test_who_wants_none_of_a_category_gets_none_whatever_its_topic(box, category, unwanted):
    box.store.run(command("SADD", keys.opted_out(3, "c1"), unwanted, read=int))
    letter = Outbound(kind="template", template=Filled(name="t", language="en", category=category))
    box.push(replace(entry("t", purpose="business", topic="offers"), outbound=letter))
    answer = box.claim()
    assert (len(answer.claimed), len(answer.ended)) == ((0, 1) if category == unwanted else (1, 0))


def test_a_delivery_takes_doubts_back(box):
    """131026 has many causes: only failures without a delivery between them say that nobody is there."""
    assert [box.store.run(contacts.count_doubt(3, "c1", message)) for message in ("x", "y", "y")] == [1, 2, 2]
    box.push(entry("a"))
    box.claim()
    box.record("a", 1, "sent", provider_id="w1")
    box.receipt("a", "sent")
    assert box.store.run(contacts.count_doubt(3, "c1", "z")) == 3
    box.receipt("a", "delivered")
    assert box.store.run(contacts.count_doubt(3, "c1", "z")) == 1


def test_what_the_provider_has_not_taken_yet_is_seen_to_wait(box):
    """While it waits for its next try it is in no other queue, however long that goes on."""

    def retried():
        return box.store.run(backlog.look(3, now=box.now))["retried"]

    box.push(entry("a"), entry("b", contact="c2"), entry("c", contact="c3"))
    assert len(box.names()) == 3 and retried() == Waiting(0, 0)
    box.record("a", 1, "again", wait=8000, counter="tries", code="131016")
    box.now = T + 5000
    assert retried() == Waiting(1, 5000)
    box.record("b", 1, "leave")
    box.now = T + 9000
    assert ("b", "unknown") in box.sweep() and retried().ms == 9000
    box.now = T + 30_000
    assert ("b", "queued") in box.sweep()
    assert sorted(box.names()) == ["a", "b", "c"] and retried() == Waiting(3, 30_000)
    for name in "abc":
        box.record(name, 2, "sent", provider_id=f"w{name}")
    assert retried() == Waiting(0, 0)


def test_a_clock_that_is_set_back_holds_nobody_up(box):
    """What was sent in the hour that comes again counts as no more than the pair limit lets anybody borrow."""
    box.now = T + 3_600_000
    box.push(entry("a"))
    assert box.names(pair_interval=6000, pair_burst=2) == ["a"]
    box.record("a", 1, "sent", provider_id="w1")
    box.now = T
    box.push(entry("b"))
    answer = box.claim(pair_interval=6000, pair_burst=2)
    assert answer.claimed == () and answer.next_at <= T + 6000
    box.now = T + 6000
    assert box.names(pair_interval=6000, pair_burst=2) == ["b"]


def test_the_pair_limit_borrows_and_pays_back(box):
    box.push(*(entry(n) for n in range(5)))
    for n in range(3):
        assert box.names(pair_interval=6000, pair_burst=3) == [str(n)]
        box.record(n, 1, "sent", provider_id=f"w{n}")
    answer = box.claim(pair_interval=6000, pair_burst=3)
    assert answer.claimed == () and answer.next_at == T + 6000
    box.now = T + 6000
    assert box.names(pair_interval=6000, pair_burst=3) == ["3"]
    box.record(3, 1, "sent", provider_id="w3")
    assert box.names(pair_interval=6000, pair_burst=3) == []


def test_again_waits_and_keeps_its_place(box):
    box.push(entry(1), entry(2), entry("bulk", lane="b"))
    box.claim()
    assert box.record(1, 1, "again", wait=2000, counter="tries", code="131000", reason="trouble") == "queued"
    assert box.names() == []
    assert box.names(lane="b") == ["bulk"]
    box.record("bulk", 1, "sent", provider_id="w")
    box.now = T + 2000
    (claimed,) = box.claim().claimed
    assert (claimed.id, claimed.attempt, claimed.tries, claimed.slows) == ("ms_3_1", 2, 1, 0)


def test_a_recipient_pause_holds_both_lanes(box):
    box.push(entry(1), entry("bulk", lane="b"))
    box.claim()
    box.record(1, 1, "again", wait=4000, counter="slows", pause="recipient")
    assert box.names() == [] and box.names(lane="b") == []
    box.now = T + 4000
    assert box.names() == ["1"]


def test_unanswered_then_resent(box):
    box.push(entry(1), entry(2))
    box.claim()
    box.record(1, 1, "leave", reason="timeout")
    assert box.sweep() == []
    box.now = T + 8000
    assert box.sweep() == [("1", "unknown")]
    assert box.names() == [] and box.sweep() == []
    box.now += 12_000
    assert box.sweep() == [("1", "queued")]
    (claimed,) = box.claim().claimed
    assert (claimed.id, claimed.attempt) == ("ms_3_1", 2)
    assert box.record(1, 1, "failed") == "stale"
    assert box.state("1") == "sending"


@pytest.mark.parametrize("when", ["sending", "unknown", "queued"])
def test_a_status_settles_what_got_no_answer(box, when):
    box.push(entry(1), entry(2))
    box.claim()
    if when != "sending":
        box.now = T + 8000
        box.sweep()
    if when == "queued":
        box.now += 12_000
        box.sweep()
    assert box.state(1) == when
    assert box.receipt(1, "delivered", at=5) == "sent"
    assert box.names() == ["2"]
    box.record(2, 1, "sent", provider_id="w2")
    assert box.record(1, 1, "sent", provider_id="w1") == "sent"
    assert box.left() == []


def test_our_own_answer_after_the_grace_stops_the_second_send(box):
    box.push(entry(1))
    box.claim()
    for step in (8000, 12_000):
        box.now += step
        box.sweep()
    assert box.record(1, 1, "sent", provider_id="w1") == "sent"
    assert box.names() == [] and box.left() == []


def test_our_own_answer_while_the_second_send_is_out(box):
    box.push(entry(1))
    box.claim()
    for step in (8000, 12_000):
        box.now += step
        box.sweep()
    box.claim()
    assert box.record(1, 1, "sent", provider_id="w1") == "stale"
    assert box.record(1, 2, "failed", code="1") == "sent"
    assert box.left() == []


def test_a_code_is_not_resent_and_holds_up_nobody(box):
    box.push(entry("code", policy="fail", scrub=True), entry(2))
    box.claim()
    box.now = T + 8000
    assert box.sweep() == [("code", "unknown")]
    assert box.names() == ["2"]
    box.record(2, 1, "sent", provider_id="w2")
    box.now += 82_000
    assert box.sweep() == [("code", "failed")]
    (hook,) = box.store.run(hooks.read(3))
    assert hook.type == "message.failed" and hook.id == "mf_ms_3_code"
    assert box.receipt("code", "delivered") == "sent"
    assert box.left() == []


def test_nothing_is_resent_past_its_expiry_nor_for_ever(box):
    box.push(entry("short", expires_at=T + 15_000), entry("long", "c2"))
    box.claim()
    for _ in range(40):
        box.now += 8000
        box.sweep(attempts=3)
        box.claim()
    assert (box.state("short"), box.read("short")["attempt"]) == ("failed", "1")
    assert (box.state("long"), box.read("long")["attempt"]) == ("failed", "3")
    assert box.left() == []


def test_statuses_only_move_forward(box):
    """R062: in any order, twice, and never backwards."""
    box.push(entry(1))
    box.claim()
    box.record(1, 1, "sent", provider_id="w1")
    assert box.receipt(1, "read", at=30) == "sent"
    assert box.receipt(1, "delivered", at=20) == "sent"
    assert box.receipt(1, "failed", at=40, errors=({"code": 131026},)) == "sent"
    assert box.receipt(1, "delivered", at=99) == "sent"
    record = box.read(1)
    assert (record["read_at"], record["delivered_at"], record["failed_at"]) == ("30", "20", "40")


def test_a_failure_reported_later(box):
    box.push(entry(1))
    box.claim()
    box.record(1, 1, "sent", provider_id="w1")
    assert box.receipt(1, "failed", provider_id="w9") == "ignored"
    assert box.receipt(1, "failed", errors=({"code": 131047, "title": "window"},)) == "failed"
    record = box.read(1)
    assert (record["code"], record["error"]) == ("131047", "window")
    assert box.receipt(1, "sent") == "failed"
    assert box.receipt(1, "failed") == "failed"
    assert len(box.store.run(hooks.read(3))) == 1
    assert box.receipt(1, "delivered") == "sent"


def test_a_failure_before_our_own_answer_is_stored(box):
    box.push(entry(1))
    box.claim()
    assert box.receipt(1, "failed", provider_id="w1") == "failed"
    assert box.record(1, 1, "sent", provider_id="w1") == "failed"
    assert box.left() == []


def test_statuses_about_nothing(box):
    assert box.receipt("unknown", "read") == "gone"
    box.push(entry(1))
    assert box.receipt(1, "read") == "ignored"
    box.claim()
    assert box.receipt(1, "deleted") == "ignored"
    assert box.state(1) == "sending"


def test_another_channel_settles_nothing(box):
    box.push(entry(1))
    box.names()
    for channel in ("acme/second", "beta/main", ""):
        for status in ("sent", "read", "failed"):
            assert box.receipt(1, status, channel) == "ignored"
        assert receipts.settle(box.store, channel, [Receipt(provider_id="w1", status="read", our_id="ms_3_1")]) == [
            "ignored"
        ]
    assert (box.state(1), "read_at" in box.read(1)) == ("sending", False)
    assert box.receipt(1, "read") == "sent"


def test_a_contact_that_had_too_many_waits(box):
    box.push(entry(1), entry(2), entry("other", "c2"))
    box.names()
    for name in (1, "other"):
        box.record(name, 1, "sent", provider_id=f"w{name}")
    spend = {"interval": 6000, "burst": 45, "now": T}
    assert box.store.run(receipts.spend_pair("beta/main", "ms_3_1", **spend)) == 0
    assert box.store.run(receipts.spend_pair(CHANNEL, "ms_3_1", **spend)) == 1
    box.push(entry("next", "c2"))
    assert box.names() == ["next"]
    box.now = T + 5_999
    assert box.names() == []
    box.now = T + 6_000
    assert box.names() == ["2"]


def test_a_status_parked_until_its_message_is_known(box):
    early = [Receipt(provider_id="w1", status=word, at=at) for at, word in enumerate(("sent", "read"), 1)]
    assert receipts.settle(box.store, CHANNEL, early) == ["parked", "parked"]
    box.push(entry(1))
    box.claim()
    box.record(1, 1, "sent", provider_id="w1")
    parked = box.store.run(receipts.point(CHANNEL, "w1", "ms_3_1"))
    assert [one.status for one in parked] == ["sent", "read"]
    assert box.store.run(receipts.point("other/main", "w1", "ms_3_9")) == []
    box.store.run(receipts.unpark(CHANNEL, "w1"))
    assert receipts.settle(box.store, CHANNEL, [Receipt(provider_id="w1", status="delivered")]) == ["sent"]
    ours = Receipt(provider_id="w1", status="read", our_id="ms_3_1", at=7)
    foreign = Receipt(provider_id="w1", status="read", our_id="ms_9999_1", at=7)
    assert receipts.settle(box.store, CHANNEL, [ours, foreign]) == ["sent", "sent"]


def test_nobody_elses_number_is_kept_outside(box):
    from flowbot.model.contact import Identity

    person = Identity(number="573001112233", name="Ana")
    receipts.settle(box.store, CHANNEL, [Receipt(provider_id="wamid.573001112233", status="read", recipient=person)])
    key = keys.parked_receipts(CHANNEL, "wamid.573001112233")
    assert "573001112233" not in key
    (raw,) = box.store.run(command("LRANGE", key, 0, -1, read=list))
    assert b"Ana" not in raw


def test_a_record_sent_twice_changes_nothing(box):
    box.push(entry(1), entry(2))
    box.claim()
    for _ in range(2):
        assert box.record(1, 1, "sent", provider_id="w1") == "sent"
    assert box.names() == ["2"]
    for _ in range(2):
        box.record(2, 1, "failed", code="1", reason="no")
    assert len(box.store.run(hooks.read(3))) == 1
    assert box.left() == []


def test_a_late_inbound_is_seen(box):
    from flowbot.store import inbox

    box.store.run(inbox.push(3, "c1", CHANNEL, b"event", dedupe_id="x", at_ms=0))
    now = box.store.now()
    assert box.store.run(outbox.look(3, now=now)).late == ()
    (late,) = box.store.run(outbox.look(3, now=now + 1500)).late
    assert (late.channel, late.event) == (CHANNEL, b"event")


def test_every_key_is_known_and_records_have_an_end(box, any_store):
    box.push(entry(1), entry("fails", "c2"))
    box.claim()
    box.record(1, 1, "sent", provider_id="w1")
    box.record("fails", 1, "failed", code="1")
    for name in (1, "fails"):
        assert 0 < any_store.run(command("PTTL", keys.message(3, f"ms_3_{name}"), read=int)) <= 8 * 86_400_000
    pair = any_store.run(command("PTTL", keys.pair(3, "c1", CHANNEL), read=int))
    assert 0 < pair <= 6000


def test_the_next_waits_for_the_delivery_of_the_one_before(box):
    """R144: not for `sent` alone, where the channel says so."""
    box.push(entry("a"), entry("b"), entry("c"), entry("other", contact="c2"))
    assert box.names(waits=60_000) == ["a", "other"]
    box.record("a", 1, "sent", provider_id="w1")
    assert box.names(waits=60_000) == []
    box.receipt("a", "sent")
    assert box.names(waits=60_000) == []
    box.receipt("a", "delivered")
    assert box.names(waits=60_000) == ["b"]
    box.receipt("b", "read", provider_id="w2")  # quicker than our own record of the send
    box.record("b", 1, "sent", provider_id="w2")
    assert box.names(waits=60_000) == ["c"]


def test_only_the_message_before_lets_the_next_one_go(box):
    """R144: what an earlier one was, read or delivered once more, says nothing of the one on its way."""
    box.push(entry("a"), entry("b"), entry("c"))
    assert box.names(waits=60_000) == ["a"]
    box.record("a", 1, "sent", provider_id="w1")
    box.receipt("a", "delivered")
    assert box.names(waits=60_000) == ["b"]
    box.record("b", 1, "sent", provider_id="w2")
    for status in ("read", "delivered"):
        box.receipt("a", status)
        assert box.names(waits=60_000) == []
    box.receipt("b", "delivered", provider_id="w2")
    assert box.names(waits=60_000) == ["c"]


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(
    ("own", "channel", "held"), [(60_000, 0, True), (0, 60_000, False), (-1, 60_000, True), (-1, 0, False)]
)
def test_a_message_may_say_itself_that_the_next_waits(box, own, channel, held, sealed):
    """R144: as its step says, else as its channel does."""
    box.store.run(outbox.push(3, [entry("a", waits=own), entry("b")], now=box.now, sealed=sealed))
    assert box.names(waits=channel) == ["a"]
    box.record("a", 1, "sent", provider_id="w1")
    assert box.names(waits=channel) == ([] if held else ["b"])
    if held:
        box.receipt("a", "delivered")
        assert box.names(waits=channel) == ["b"]


def test_what_is_never_delivered_holds_up_no_longer_than_its_cap(box):
    """R144"""
    box.push(entry("a"), entry("b"), entry("c"))
    assert box.names(waits=30) == ["a"]
    box.record("a", 1, "sent", provider_id="w1")
    assert box.names(waits=30) == []
    while box.store.run(command("EXISTS", keys.tag(3) + "od:c1:" + CHANNEL, read=int)):
        pass
    box.now += 30
    assert box.names(waits=60_000) == ["b"]
    box.record("b", 1, "sent", provider_id="w2")
    box.receipt("b", "failed", provider_id="w2")
    assert box.names(waits=60_000) == ["c"]


def refusals(box):
    from flowbot.model import event
    from flowbot.store import inbox

    found = box.store.run(command("XRANGE", keys.inbox(3, "acme"), "-", "+", read=lambda reply: reply))
    assert inbox is not None
    return [event.from_bytes(dict(zip(fields[::2], fields[1::2], strict=True))[b"e"]) for _, fields in found]


@pytest.mark.parametrize("late", [False, True])
def test_who_waits_for_the_answer_hears_that_it_was_refused(box, late):
    """At the send, or by a status after it: once, and only where somebody waits; sealed or not."""
    sealed = outbox.push(3, [entry("a", wakes="code:7", scrub=True)], now=box.now, sealed=True)
    box.store.run(sealed)
    box.push(entry("b", "c2"))
    for claimed in box.claim().claimed:
        name = claimed.id.removeprefix("ms_3_")
        if late:
            box.record(name, claimed.attempt, "sent", provider_id=f"w{name}")
            for _ in range(2):
                box.receipt(name, "failed", provider_id=f"w{name}", errors=({"code": "131026", "title": "x"},))
        else:
            box.record(name, claimed.attempt, "failed", code="131026", reason="no such number")
    (found,) = refusals(box)
    assert (found.message, found.wakes, found.code) == ("ms_3_a", "code:7", "131026")


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("early", [False, True])
def test_clients_hear_of_the_states_that_they_ask_for(box, early, sealed):
    """R128: once each, in the same script that changes the state, whichever comes first: our answer or the status."""
    made = entry(1, tell="sdr", process_id="pr_3_x")
    assert box.store.run(outbox.push(3, [made], now=box.now, sealed=sealed)) == 1
    box.claim()
    steps = [lambda: box.record(1, 1, "sent", provider_id="w1"), lambda: box.receipt(1, "delivered")]
    for step in [*(reversed(steps) if early else steps), lambda: box.receipt(1, "delivered")]:
        step()
    box.receipt(1, "read")
    told = [orjson.loads(one.body) for one in box.store.run(hooks.read(3))]
    assert [one["type"] for one in told] == ["message.sent", "message.delivered", "message.read"]
    assert {one["data"]["process_id"] for one in told} == {"pr_3_x"} and len({one["id"] for one in told}) == 3
    assert told[1]["data"]["status"] == "delivered" and told[1]["data"]["message_id"] == "ms_3_1"


def test_of_what_nobody_asks_for_nothing_is_made(box):
    box.push(entry(1, tell="r"), entry(2, "c2"))
    box.claim()
    for name in (1, 2):
        box.record(name, 1, "sent", provider_id=f"w{name}")
        box.receipt(name, "delivered", provider_id=f"w{name}")
    assert box.store.run(hooks.read(3)) == []
