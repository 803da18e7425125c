"""Templates that accounts make for themselves: each its own, at most so many, known everywhere within a second."""

from __future__ import annotations

from flowbot.model.template import Template
from flowbot.store import own_templates
from flowbot.store.client import Store
from flowbot.store.own_templates import Watch, every, keep, number


def read(name: str, body: bytes) -> Template | None:
    return None if body == b"broken" else Template(name=name, topic=body.decode())


def test_each_account_has_its_own_and_changes_are_heard_of(any_store: Store) -> None:
    """I11."""
    now = 0.0
    watch = Watch(any_store, read, clock=lambda: now)
    assert watch.of("acme") == {} and any_store.run(keep("acme", "invite", b"one"))
    assert watch.of("acme") == {}, "a second has not passed"
    now += 5
    assert [one.topic for one in watch.of("acme").values()] == ["one"]
    before = watch.of("acme")
    now += 5
    assert watch.of("acme") is before, "nothing has changed"
    assert any_store.run(keep("acme", "invite", b"two")) and any_store.run(keep("acme", "bad", b"broken"))
    now += 5
    assert {name: one.topic for name, one in watch.of("acme").items()} == {"invite": "two"}
    assert watch.of("beta") == {}


def test_one_too_many_is_refused_and_the_same_again_changes_nothing(any_store: Store) -> None:
    kept = [any_store.run(keep("acme", name, b"x", most=2)) for name in ("a", "b", "c", "b")]
    assert kept == [True, True, False, True]
    assert set(any_store.run(every("acme"))) == {"#", "a", "b"} and any_store.run(number("acme")) == 2
    assert set(own_templates.made(any_store.run(every("acme")), read)[1]) == {"a", "b"}
    dropped = [any_store.run(own_templates.drop("acme", name)) for name in ("a", "a")]
    assert dropped == [True, False] and any_store.run(number("acme")) == 3
    assert any_store.run(keep("acme", "c", b"x", most=2)), "there is room again"
