"""The contacts of a group, or all of an account, page by page: an order that lasts, whoever joins meanwhile."""

from __future__ import annotations

from ..store import groups, listing
from ..store.client import Store
from ..store.listing import Page, Place


def page(store: Store, account: str, group: str, after: str, count: int) -> Page[str]:
    """Contact ids behind a cursor; `group` "" for everybody."""
    if group:
        return groups.members(store, account, group, after=after, limit=count)
    place = Place.read(after) if after else Place(0, "")
    entries = store.run(listing.forward(place.at, "c", account, place.id, count))
    if len(entries) == count:
        following: Place | None = Place(place.at, entries[-1][0])
    else:
        following = Place(place.at + 1, "") if place.at + 1 < store.partitions else None
    return Page(items=[id for _, id in entries], next=following.cursor() if following else None)
