"""R139: what is kept long enough goes, piece by piece; what runs stays; the lists stay right."""

import asyncio
import time

import orjson
import pytest

from flowbot.hooks import retention
from flowbot.hooks.parts import Parts
from flowbot.model import codec, ids
from flowbot.model.contact import Contact
from flowbot.model.project import Account, Channel, Project, Retention
from flowbot.model.session import Process, Session
from flowbot.store import inbox, keys, listing, processes
from flowbot.store import retention as rules
from flowbot.store.call import command
from flowbot.store.client import connect_async

DAY = 86_400_000
NOW = 1_795_000_000_000
PARTITION = 1


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))


def begun(store, number, began, ended=0):
    """A process in its account's list, with its record; 0: it still runs."""
    name = f"pr_{PARTITION}_{number:05}"
    record = {
        "process_id": name,
        "status": "success" if ended else "pending",
        "started_at": iso(began),
        "ended_at": iso(ended) if ended else None,
    }
    entry = f"{began}-{number}"
    where = keys.listing(PARTITION, "pr", "acme")
    store.run(command("XADD", where, entry, "i", name.rpartition("_")[2], read=bytes))
    store.run(command("SET", keys.process(PARTITION, name), orjson.dumps(record), read=bool))
    return name


def met(store, name, heard, *, turns=(), busy=False):
    """A contact in its account's list, with turns at these times."""
    contact = Contact(id=name, account="acme", number="5731", created_at=heard, last_seen_at=heard)
    where = keys.listing(ids.partition_of(name, store.partitions), "c", "acme")
    partition = ids.partition_of(name, store.partitions)
    store.run(command("XADD", where, "1-*", "i", name, read=bytes))
    store.run(command("SET", keys.contact(partition, name), codec.encode(contact), read=bool))
    process = Process(id="pr_1_x", flow="f", flow_version="v") if busy else None
    session = Session(account="acme", channel="main", contact_id=name, version=1, process=process)
    store.run(command("SET", keys.session(partition, name, "acme/main"), b"1\n" + codec.encode(session), read=bool))
    for at in turns:
        store.run(command("XADD", keys.history(partition, name), f"{at}-0", "note", b"{}", read=bytes))
    return partition


def sweep(url, trips=None, **kept):
    """One round; what went."""

    async def inside():
        store = await connect_async(url)
        if trips is not None:
            run_all = store.run_all
            store.run_all = lambda calls: (trips.append(len(calls)), run_all(calls))[1]
        account = Account(
            name="acme",
            channels={"main": Channel(account="acme", name="main", gateway="simulator")},
            retention=Retention(**kept),
        )
        parts = Parts(store=store, project=lambda: Project(accounts={"acme": account}))
        try:
            return await retention.sweep(parts, NOW, asyncio.Event(), breath=0)
        finally:
            await parts.close()
            await store.close()

    return asyncio.run(inside())


def test_an_account_with_nothing_to_throw_away_costs_two_trips(any_store, any_url):
    """And there are thousands: each of its partitions in turn kept a core busy for a minute."""
    trips = []
    assert not sum(sweep(any_url, trips, processes=1 * DAY, history=1 * DAY).values())
    assert trips == [any_store.partitions] * 2


def test_processes_that_ended_long_ago_go_and_the_list_stays_right(any_store, any_url):
    """R139: one that runs stays, however old; pages of the list skip nothing and repeat nothing."""
    runs = begun(any_store, 0, NOW - 400 * DAY)
    old = [begun(any_store, n, NOW - 300 * DAY + n, NOW - 299 * DAY) for n in range(1, 450)]
    late = begun(any_store, 500, NOW - 200 * DAY, NOW - 10 * DAY)
    young = begun(any_store, 501, NOW - 10 * DAY, NOW - 9 * DAY)
    assert sweep(any_url, processes=100 * DAY)["process"] == len(old)
    left = [any_store.run(processes.get(name)) is not None for name in (runs, old[0], old[-1], late, young)]
    assert left == [True, False, False, True, True]
    seen, after = [], ""
    while True:
        page = listing.page(any_store, "acme", "pr", list, after=after, limit=2)
        seen += page.items
        after = page.next
        if not after:
            break
    assert seen == [young, late, runs]
    assert sweep(any_url, processes=100 * DAY)["process"] == 0
    assert sweep(any_url, processes=0)["process"] == 0


def test_what_was_said_goes_after_its_time(any_store, any_url):
    one = met(any_store, "c1", NOW, turns=[NOW - 50 * DAY, NOW - 20 * DAY, NOW - DAY])
    other = met(any_store, "c2", NOW - 80 * DAY, turns=[NOW - 80 * DAY])
    assert sweep(any_url, history=30 * DAY)["turn"] == 2
    assert any_store.run(command("XLEN", keys.history(one, "c1"), read=int)) == 2
    assert not any_store.run(command("EXISTS", keys.history(other, "c2"), read=bool))
    assert sweep(any_url, history=0)["turn"] == 0


def test_who_was_not_heard_of_is_forgotten_when_that_is_wanted(any_store, any_url):
    """R139: by the same order that a client may give; never whoever is in the middle of something."""
    met(any_store, "c1", NOW - 40 * DAY)
    met(any_store, "c2", NOW - 40 * DAY, busy=True)
    met(any_store, "c3", NOW - DAY)
    assert sweep(any_url)["contact"] == 0
    assert sweep(any_url, contacts=30 * DAY)["contact"] == 1
    assert sweep(any_url, contacts=30 * DAY)["contact"] == 0  # ordered already
    waiting = [any_store.run(inbox.peek(partition)).waiting for partition in range(any_store.partitions)]
    assert sum(waiting) == 1 == waiting[ids.partition_of("c1", any_store.partitions)]


def test_one_process_does_a_round(store):
    assert store.run(rules.claim("a", 60_000)) and not store.run(rules.claim("b", 60_000))


def test_a_hooks_body_is_kept_as_long_as_its_account_says(scene):
    """R139"""

    async def play(stage):
        await stage.emit(1)
        await stage.until(lambda: len(stage.client.got) == 1)
        (left,) = [stage.store.run(command("PTTL", keys.hook(3, "ev_3_1"), read=int))]
        assert 7 * DAY < left <= 8 * DAY

    scene(play)


@pytest.mark.parametrize("hours", [1, 24])
def test_what_was_set_aside_is_kept_as_long_as_its_account_says(store, hours):
    from flowbot.store import quarantine

    store.all(quarantine.keep("qr_1_x", "acme/main", ["odd"], b"{}", now=1, kept=hours * 3_600_000))
    left = store.run(command("PTTL", keys.quarantine(1, "qr_1_x"), read=int))
    assert (hours - 1) * 3_600_000 < left <= hours * 3_600_000
