"""R142: how many conversations a channel has opened within a day, as turns are told of it."""

from __future__ import annotations

from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.project import Channel
from flowbot.store import tiers
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
