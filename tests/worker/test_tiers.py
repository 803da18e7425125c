"""R142: how many conversations a channel has opened within a day, as turns are told of it."""

from __future__ import annotations

from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.project import Channel
from flowbot.store import keys, tiers
from flowbot.store.call import command
from flowbot.store.client import Store
from flowbot.store.turns import Commit
from flowbot.worker.tiers import Tiers

DAY = 86_400_000
T = 1_763_730_000_000
MAIN = Channel(account="acme", name="main", gateway="cloud_api", tier=2)


def commit(contact: str, now: int, *, kind: str = "template", purpose: str = "business") -> Commit:
    message = OutboxEntry(
        id="ms_3_a",
        account="acme",
        channel="main",
        contact_id=contact,
        to="1",
        outbound=Outbound(kind=kind),
        purpose=purpose,
    )
    return Commit(
        partition=3,
        owner="w",
        epoch=1,
        entry_id="1-1",
        contact_id=contact,
        channel_key="acme/main",
        old_version=0,
        session=b"{}",
        messages=(message,),
        now=now,
    )


def test_each_contact_counts_once_for_a_day(any_store: Store) -> None:
    for contact, now in (("c1", T), ("c2", T + 5), ("c1", T + 9)):
        any_store.run(tiers.note("acme/main", contact, now))
    assert any_store.run(tiers.look("acme/main", T + 10)) == (2, T)
    assert any_store.run(tiers.look("acme/main", T + DAY)) == (1, T + 5)
    assert any_store.run(tiers.look("acme/other", T)) == (0, 0)
    held = any_store.run(command("ZRANGE", keys.channel("acme/main", "contacted"), 0, -1, read=list))
    assert len(held) == 2 and b"c1" not in held, "nobody's id lies outside of its partition"


def test_a_broadcasts_contacts_get_places_and_no_day_holds_more_than_may_be(any_store: Store) -> None:
    now = any_store.now()
    places = [any_store.run(tiers.reserve("acme/main", f"c{n}", now + n, 2)) - now for n in range(6)]
    assert places == [0, 1, DAY, DAY + 1, 2 * DAY, 2 * DAY + 1]
    assert any_store.run(tiers.reserve("acme/main", "c2", now + 9, 2)) == now + DAY, "it has its place"
    assert any_store.run(tiers.reserve("acme/main", "c1", now + 9, 2)) == now + 9, "and may have more in its day"
    any_store.run(tiers.note("acme/main", "c9", now))
    kept = any_store.run(command("PTTL", keys.channel("acme/main", "contacted"), read=int))
    assert kept > 2 * DAY, "a later look does not forget them"


def test_turns_hear_what_is_left_and_when_the_next_is_free(any_store: Store) -> None:
    found = Tiers(any_store)
    now = any_store.now()
    assert found.of(MAIN, now).left == 2  # type: ignore[union-attr]
    found.note(MAIN, commit("c1", now))
    found.note(MAIN, commit("c2", now + 1, kind="text"))
    found.note(MAIN, commit("c3", now + 1, purpose="reply"))
    assert found.of(MAIN, now).left == 1  # type: ignore[union-attr]
    found.note(MAIN, commit("c4", now + 2))
    full = found.of(MAIN, now + 3)
    assert full is not None and (full.left, full.frees_at) == (0, now + DAY)


def test_without_a_limit_nothing_is_counted(any_store: Store) -> None:
    found = Tiers(any_store)
    free = Channel(account="acme", name="main", gateway="cloud_api")
    played = Channel(account="acme", name="main", gateway="simulator", tier=1)
    for channel in (free, played):
        found.note(channel, commit("c1", any_store.now()))
        assert found.of(channel, any_store.now()) is None
    assert any_store.run(tiers.look("acme/main", any_store.now())) == (0, 0)
