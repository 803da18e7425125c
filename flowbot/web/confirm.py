"""/confirm/<token>: the page that a verification's link leads to.

It only shows a button: what looks at links in messages before people do confirms nothing. Who presses it answers the
call that the link names, once.
"""

from __future__ import annotations

import logging
import time
from html import escape
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from ..delivery.links import CONFIRM
from ..engine.locale import base
from ..library.content import all_shipped
from ..model.event import CallAnswered
from ..model.queued_call import QueuedCall
from ..store import calls

if TYPE_CHECKING:
    from ..wiring import Parts

KIND = "code.open"
STYLE = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:26em;margin:15vh auto;padding:0 1em;text-align:center}"
    "button{font:inherit;padding:.6em 1.6em;border:0;border-radius:.5em;background:#0b7a55;color:#fff}"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
logger = logging.getLogger(__name__)


def blueprint(parts: Parts) -> Blueprint:
    door = Blueprint("confirm", __name__, url_prefix="/confirm")

    @door.get("/<token>")
    def page(token: str) -> Response:
        call = _call(parts, token)
        return _page(call, "page", "why", button=True) if call else _page(None, "gone", status=404)

    @door.post("/<token>")
    def confirm(token: str) -> Response:
        call = _call(parts, token)
        if call is None:
            return _page(None, "gone", status=404)
        what = CallAnswered(call=call.id, kind=call.kind, visit=call.visit, outcome="verified")
        word = parts.ledger.run(calls.answer(call, what, remember=calls.REMEMBERED))
        logger.info(
            "link.confirmed", extra={"account": call.account, "call": call.id, "step": call.step, "state": word}
        )
        return _page(call, "done") if word in ("ok", "again") else _page(call, "gone", status=404)

    return door


def _call(parts: Parts, token: str) -> QueuedCall | None:
    """What the link is for; None when it is none of ours, was used, or is over."""
    from ..wiring import links_of

    links = links_of(parts.settings)
    id = links.call_of(token, time.time(), CONFIRM) if links else ""
    found = parts.store.run(calls.get(id)) if id else None
    return found if found is not None and found.kind == KIND else None


def _page(call: QueuedCall | None, *keys: str, button: bool = False, status: int = 200) -> Response:
    lang = str(call.body.get("lang", "")) if call else ""
    words: Any = all_shipped().get(lang) or all_shipped().get(base(lang)) or all_shipped()["en"]
    told = "".join(f"<p>{escape(str(words[f'link.{key}']))}</p>" for key in keys)
    form = f"<form method=post><button>{escape(str(words['link.button']))}</button></form>" if button else ""
    html = (
        f"<!doctype html><html lang={escape(lang or 'en')!r}><meta charset=utf-8>"
        f"<meta name=viewport content='width=device-width'><title>{escape(str(words[f'link.{keys[0]}']))}</title>"
        f"<style>{STYLE}</style><body>{told}{form}"
    )
    return Response(html, status=status, mimetype="text/html", headers=HEADERS)
