"""What every list of the API takes and gives: `limit` and `after` in, `{items, next}` out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from marshmallow import Schema, fields, validate

from ...store.listing import Page, Place

T = TypeVar("T")


class PageQuery(Schema):
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 200), metadata={"description": "Items of a page.", "example": 50}
    )
    after = fields.String(
        load_default="", validate=validate.Length(max=1000), metadata={"description": "`next` of the page before."}
    )


@functools.cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of these."""
    about = {"description": "Give it as `after` for the following page; null on the last one."}
    return type(
        f"{item.__name__}Page",
        (Schema,),
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(required=True, allow_none=True, metadata=about),
        },
    )


def by_name(found: Mapping[str, T], query: Mapping[str, Any]) -> Page[T]:
    """The page in the order of their names: who comes or goes meanwhile moves nobody else.

    >>> first = by_name({"b": 2, "a": 1}, {"after": "", "limit": 1})
    >>> first.items, by_name({"aa": 3, "b": 2}, {"after": first.next, "limit": 2})
    ([1], Page(items=[3, 2], next=None))
    """
    last = Place.read(query["after"]).id if query["after"] else ""
    names = sorted(name for name in found if name > last)
    page = names[: query["limit"]]
    return Page(
        items=[found[name] for name in page], next=Place(0, page[-1]).cursor() if len(names) > len(page) else None
    )


def newest(rows: Iterable[T], query: Mapping[str, Any], at: Callable[[T], tuple[int, str]]) -> Page[T]:
    """The page of the newest behind the cursor; `at` says when each was and its id."""
    top = Place.read(query["after"]) if query["after"] else None
    places = sorted(((Place(*at(row)), row) for row in rows), key=lambda pair: pair[0], reverse=True)
    left = [pair for pair in places if top is None or pair[0] < top]
    page = left[: query["limit"]]
    return Page(items=[row for _, row in page], next=page[-1][0].cursor() if len(left) > len(page) else None)
