"""The contacts of an account, page by page, in the order of their listings."""

from __future__ import annotations

from typing import Any

from ..errors import StoreError
from ..model.contact import Contact
from ..store import contacts, listing
from ..store.client import Store

Place = tuple[int, str]  # a partition, and the entry of its listing behind which to go on


def page(store: Store, account: str, place: Place, count: int) -> tuple[list[Contact], Place | None]:
    """At most `count` contacts behind a place, and the next place; None when there are no more."""
    partition, after = place
    if partition >= store.partitions:
        return [], None
    entries = store.run(listing.forward(partition, "c", account, after, count))
    calls = [contacts.get(partition, id) for _, id in entries]
    found: list[Contact] = []
    answers: list[Any] = store.run_all(calls)
    for answer in answers:
        if isinstance(answer, StoreError):
            raise answer
        if answer is not None:
            found.append(answer)
    following = (partition, entries[-1][0]) if len(entries) == count else (partition + 1, "")
    return found, following if following[0] < store.partitions else None
