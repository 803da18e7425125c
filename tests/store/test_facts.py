"""What gateways found out: of a channel, and of a contact in its own partition."""

from __future__ import annotations

from flowbot.store import facts, keys
from flowbot.store.client import Store
from flowbot.store.facts import Home


def test_a_fact_is_kept_as_long_as_it_holds(any_store: Store) -> None:
    home = Home("acme/main")
    assert any_store.run(facts.get(home, "media:a.jpg")) is None
    any_store.run(facts.keep(home, "media:a.jpg", "123\n4", ms=60_000))
    kept = any_store.run(facts.get(home, "media:a.jpg"))
    assert kept is not None and kept.value == "123\n4" and 0 < kept.ms <= 60_000
    assert any_store.run(facts.get(home, "media:b.jpg")) is None
    assert any_store.run(facts.get(Home("beta/main"), "media:a.jpg")) is None


def test_a_contact_has_one_at_a_time_among_its_own_keys(any_store: Store) -> None:
    home = Home("acme/main", 3, "c1")
    assert home.key("account:1") == keys.contact_fact(3, "c1", "acme/main") == "{p3}f:c1:acme/main"
    any_store.run(facts.keep(home, "account:1", "1@x", ms=60_000))
    kept = any_store.run(facts.get(home, "account:1"))
    assert kept is not None and kept.value == "1@x"
    assert any_store.run(facts.get(home, "account:2")) is None
