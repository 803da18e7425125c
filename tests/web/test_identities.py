"""Many people in one webhook: who they are is found in a few round trips, and the same as one by one."""

from __future__ import annotations

import pytest

from flowbot.model.contact import Identity
from flowbot.store import identity
from flowbot.store.client import Store

ANA = Identity(number="15550100001")
ANA_BOTH = Identity(number="15550100001", bsuid="US.Ana")
ANA_BSUID = Identity(bsuid="US.Ana")
LUZ = Identity(number="15550100002")
BATCHES = [
    [ANA, LUZ, ANA],
    [ANA, ANA_BOTH, ANA_BSUID],
    [ANA_BSUID, ANA_BOTH, ANA],
    [ANA_BOTH, ANA_BSUID, LUZ, ANA],
    [ANA, LUZ, ANA_BSUID, ANA_BOTH],
]


@pytest.mark.parametrize("batch", BATCHES)
def test_a_batch_is_the_same_as_one_by_one(any_store: Store, batch: list[Identity]) -> None:
    together = identity.resolve_many(any_store, [("one", who) for who in batch])
    singly = [identity.resolve(any_store, "two", who) for who in batch]

    def pattern(found: list[str]) -> list[int]:
        return [found.index(one) for one in found]

    assert pattern(together) == pattern(singly)
    assert not set(together) & set(singly)
    identity._known.clear()
    again = identity.resolve_many(any_store, [("one", who) for who in batch])
    assert again == [identity.resolve(any_store, "one", who) for who in batch]


def test_nobody_is_an_error(store: Store) -> None:
    with pytest.raises(ValueError, match="without any id"):
        identity.resolve_many(store, [("one", ANA), ("one", Identity(name="Ana"))])
