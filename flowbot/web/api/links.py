"""/v1/links: the wa.me address that opens WhatsApp with a flow's first message, and its QR code."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import segno
from marshmallow import Schema, fields, validate

from ...errors import InvalidRequest
from . import flows
from .caller import Caller, Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts


class LinkQuery(Schema):
    flow = fields.String(required=True, metadata={"example": "identity"})
    channel = fields.String(required=True, metadata={"example": "main"})
    message = fields.Integer(
        load_default=1, validate=validate.Range(1), metadata={"description": "Which of the flow's `messages`."}
    )


class Link(Schema):
    """A link that a person opens on the phone."""

    url = fields.String(required=True, metadata={"example": "https://wa.me/573001112233?text=Hola"})
    text = fields.String(required=True)
    svg = fields.String(required=True, metadata={"description": "The QR code as SVG."})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("links", "/links", "Links that start flows.", keeper)
    api.scope = "flows"

    @api.door("GET", "", query=LinkQuery, gives=Link, fails=(404,))
    def one(query: Mapping[str, Any], caller: Caller) -> Any:
        """The link that starts a flow"""
        flow = flows.find(parts, caller.account, query["flow"])
        channel = parts.library.account(caller.account).channels.get(query["channel"])
        messages = flow.start.messages or flow.start.keywords
        wrong = []
        if channel is None or not channel.number:
            wrong.append(("?channel", "there is no such channel" if channel is None else "this channel has no number"))
        if query["message"] > len(messages):
            wrong.append(("?message", f"the flow has {len(messages)}"))
        if wrong or channel is None:
            raise InvalidRequest("The request has mistakes.", mistakes=wrong)
        text = messages[query["message"] - 1]
        url = address(channel.number, text)
        return {"url": url, "text": text, "svg": _picture(url)}

    return api


def address(number: str, text: str) -> str:
    """
    >>> address("+573001112233", "¿Qué tal? 100 % & más")
    'https://wa.me/573001112233?text=%C2%BFQu%C3%A9%20tal%3F%20100%20%25%20%26%20m%C3%A1s'
    """
    return f"https://wa.me/{number.lstrip('+')}?text={quote(text, safe='')}"


def _picture(url: str) -> str:
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", scale=8, border=4, svgclass=None, lineclass=None)
    return out.getvalue().decode()
