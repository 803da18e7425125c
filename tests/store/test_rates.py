"""Token buckets and pauses that all senders share."""

from flowbot.store import rates

T = 1_763_730_000_000
CHANNEL = "acme/main"


def lease(store, at, want=4):
    return store.run(rates.lease(CHANNEL, rate=80, size=4, want=want, now=T + at))


def test_a_bucket_fills_at_its_rate(any_store):
    assert lease(any_store, 0).taken == 4
    empty = lease(any_store, 0)
    assert (empty.taken, empty.wait) == (0, 13)
    assert lease(any_store, 13).taken == 1
    assert lease(any_store, 60_000).taken == 4
    taken = sum(lease(any_store, 60_000 + at).taken for at in range(5, 1005, 5))
    assert 78 <= taken <= 80


def test_some_stay_for_who_may_take_them(any_store):
    def bulk(at):
        return any_store.run(rates.lease(CHANNEL, rate=80, size=4, want=4, stay=1, now=T + at))

    assert bulk(0).taken == 3
    assert (bulk(0).taken, bulk(0).wait) == (0, 13)
    assert lease(any_store, 0, want=1).taken == 1
    assert (bulk(13).taken, bulk(13).wait, bulk(26).taken) == (0, 12, 1)
    taken = sum(bulk(60_000 + at).taken for at in range(5, 1005, 5))
    assert 80 <= taken <= 83, "nothing of the rate is lost"


def test_less_than_one_a_second(any_store):
    def slow(at):
        return any_store.run(rates.lease(CHANNEL, rate=0.5, size=1, want=1, now=T + at))

    assert slow(0).taken == 1
    assert (slow(1000).taken, slow(1999).taken, slow(2000).taken) == (0, 0, 1)


def pause(store, at, kind="channel", **more):
    return store.run(rates.pause(CHANNEL, kind, now=T + at, base=1000, cap=8000, **more))


def test_a_pause_stops_all_and_grows_when_it_follows_on_another(any_store):
    assert lease(any_store, 0).taken == 4
    assert pause(any_store, 0).ms == 1000
    again = pause(any_store, 10)
    assert (again.new, again.row) == (False, 1)
    stopped = lease(any_store, 500)
    assert (stopped.taken, stopped.wait, stopped.paused) == (0, 500, "channel")
    assert lease(any_store, 1000).taken == 0  # the bucket is empty after a pause
    assert lease(any_store, 1020).taken == 1
    assert [pause(any_store, at).ms for at in (1100, 3200, 7300, 15400)] == [2000, 4000, 8000, 8000]


def test_what_the_provider_asks_for_counts(any_store):
    assert pause(any_store, 0, least=30_000).ms == 30_000
    assert lease(any_store, 29_999).taken == 0
    any_store.run(rates.resume(CHANNEL))
    assert lease(any_store, 60_000).taken > 0


def test_a_channel_that_sent_well_for_a_while_begins_anew(any_store):
    assert [pause(any_store, at).ms for at in (0, 1100)] == [1000, 2000]
    for at in range(4000, 9000, 250):
        assert lease(any_store, at).taken > 0
    assert pause(any_store, 9000).ms == 1000


def test_a_burst_right_after_a_pause_proves_nothing(any_store):
    assert pause(any_store, 0).ms == 1000
    for at in range(1100, 2000, 50):
        lease(any_store, at)
    assert pause(any_store, 2000).ms == 2000


def test_a_longer_pause_replaces_a_shorter(any_store):
    pause(any_store, 0)
    held = pause(any_store, 1, kind="hold", least=60_000)
    assert held.new and lease(any_store, 2).paused == "hold"


def test_the_first_refusal_after_some_throttling_is_a_first_one(any_store):
    """A channel that the provider refuses is tried again after a minute, however often it was throttled before."""
    assert [pause(any_store, at).ms for at in (0, 1100, 3200)] == [1000, 2000, 4000]
    assert pause(any_store, 7300, kind="hold").ms == 1000
    assert pause(any_store, 8400, kind="hold").ms == 2000
