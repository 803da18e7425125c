"""A store that has no room: what is not kept is not acknowledged, and comes again."""

from __future__ import annotations

from flask.testing import FlaskClient

from flowbot.store.call import as_is, command
from flowbot.store.client import Store

from .conftest import envelope, post, text, texts


def limit(store: Store, size: str) -> None:
    store.run(command("CONFIG", "SET", "maxmemory", size, read=as_is))


def test_a_store_without_room_takes_nothing_and_says_so(client: FlaskClient, store: Store) -> None:
    """I1, I2: 503 for the provider to come again, and nothing half-written that would make it a repetition."""
    body = envelope(text("kept", id="wamid.full"))
    assert post(client, envelope(text("before", id="wamid.before"))).status_code == 200
    limit(store, "1")
    try:
        assert [post(client, body).status_code for _ in range(2)] == [503, 503]
    finally:
        limit(store, "0")
    assert [post(client, body).status_code for _ in range(2)] == [200, 200]
    assert sorted(texts(store)) == [("acme/main", "before"), ("acme/main", "kept")]
