"""A store is used by releases that understand it, and by no others."""

from __future__ import annotations

import contextlib

import pytest

from flowbot import __version__
from flowbot.errors import SchemaMismatch
from flowbot.store import keys, schema
from flowbot.store.call import as_is, command
from flowbot.store.client import Store, connect


def test_the_first_start_fixes_it_all(any_store: Store, any_url: str) -> None:
    assert any_store.meta == schema.Meta(
        schema=schema.SCHEMA, partitions=8, salt=any_store.salt, release=__version__
    ), "as conftest.py asked for"
    assert len(any_store.salt) == 32
    with contextlib.closing(connect(any_url, partitions=128)) as second:
        assert second.meta == any_store.meta


@pytest.mark.parametrize(
    ("found", "say"), [(schema.SCHEMA + 1, "Run Flowbot 9.9.9 or newer"), (schema.SCHEMA - 1, "flowbot==9.9.9")]
)
def test_another_schema_is_refused_with_what_to_do(any_store: Store, any_url: str, found: int, say: str) -> None:
    any_store.run(command("HSET", keys.META, "schema", found, "release", "9.9.9", read=as_is))
    with pytest.raises(SchemaMismatch, match=say):
        connect(any_url)


def test_a_fresh_store_has_a_salt_of_its_own(any_url: str) -> None:
    salts = set()
    for _ in range(2):
        with contextlib.closing(connect(any_url)) as store:
            salts.add(store.salt)
            store.run(command("DEL", keys.META, read=as_is))
    assert len(salts) == 2
