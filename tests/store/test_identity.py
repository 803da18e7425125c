"""Who is who."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from flowbot.model.contact import Identity
from flowbot.store import identity
from flowbot.store.client import Store


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """As if every look were another process's."""
    identity._known.clear()
    yield


def who(store: Store, number: str = "", bsuid: str = "", account: str = "acme") -> str:
    identity._known.clear()
    return identity.resolve(store, account, Identity(number=number, bsuid=bsuid))


@pytest.mark.parametrize(
    ("one", "other"),
    [("5531988887777", "553188887777"), ("5215512345678", "525512345678"), ("5491112345678", "541112345678")],
)
def test_spellings_of_a_number_are_one_contact(any_store: Store, one: str, other: str) -> None:
    assert who(any_store, one) == who(any_store, other)


def test_people_and_accounts_do_not_meet(any_store: Store) -> None:
    ids = {
        who(any_store, "15550100001"),
        who(any_store, "15550100002"),
        who(any_store, "15550100001", account="beta"),
        who(any_store, bsuid="US.1"),
    }
    assert len(ids) == 4


def test_an_id_does_not_give_the_number_away(any_store: Store) -> None:
    assert "15550100001" not in who(any_store, "15550100001")
    assert who(any_store, "15550100001").startswith("c")


def test_number_and_bsuid_lead_to_one_contact_from_the_first_time_both_are_seen(any_store: Store) -> None:
    first = who(any_store, "15550100001")
    assert who(any_store, "15550100001", "US.1") == first
    assert who(any_store, bsuid="US.1") == first


def test_a_bsuid_that_came_first_keeps_its_contact(any_store: Store) -> None:
    first = who(any_store, bsuid="US.1")
    assert who(any_store, "15550100001", "US.1") == first
    assert who(any_store, "15550100001") == first


def test_when_two_contacts_turn_out_to_be_one_the_number_s_wins(any_store: Store) -> None:
    invited, scoped = who(any_store, "15550100001"), who(any_store, bsuid="US.1")
    assert invited != scoped
    assert who(any_store, "15550100001", "US.1") == invited
    assert who(any_store, bsuid="US.1") == invited


def test_many_that_meet_somebody_new_at_once_agree(any_store: Store) -> None:
    def meet(number: int) -> str:
        found = Identity(number="15550100001" if number % 3 else "", bsuid="US.1" if number % 2 else "")
        names = identity._names(found)
        return identity._settle(any_store, [("acme", names)])[0] if names else ""

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(meet, range(48)))
    final = who(any_store, "15550100001", "US.1")
    assert who(any_store, "15550100001") == who(any_store, bsuid="US.1") == final


def test_a_second_look_asks_nobody(any_store: Store) -> None:
    found = identity.resolve(any_store, "acme", Identity(number="15550100001"))
    any_store.run_all = None  # type: ignore[assignment,method-assign]
    assert identity.resolve(any_store, "acme", Identity(number="15550100001")) == found


def test_nobody(any_store: Store) -> None:
    with pytest.raises(ValueError, match="without any id"):
        who(any_store)
