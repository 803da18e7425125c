"""What every list of the API takes and gives: `limit` and `after` in, `{items, next}` out."""

from __future__ import annotations

import functools

from marshmallow import Schema, fields, validate


class PageQuery(Schema):
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 200), metadata={"description": "Items of a page.", "example": 50}
    )
    after = fields.String(
        load_default="", validate=validate.Length(max=400), metadata={"description": "`next` of the page before."}
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
