"""Reading a provider's answer where its own words say nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from ..model.gateway import HttpResponse, Refused
from ..model.inbound import Receipt
from .known import Known


def json_of(response: HttpResponse) -> dict[str, Any]:
    """The answer's JSON object; an empty one when there is none."""
    try:
        found = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return found if type(found) is dict else {}


def refused(code: int, known: Known, response: HttpResponse, *, stale: bool = False) -> Refused:
    """The refusal that a code stands for."""
    wait = retry_after(response)
    return replace(failed(code, known), retry_after=wait, stale=stale)


def failed(code: Any, known: Known) -> Refused:
    """The same for a failed status: no HTTP status, no headers."""
    return Refused(kind=known.kind, code=code, title=known.title, scope=known.scope, contact=known.of_contact)


def of_receipt(receipt: Receipt, classify: Callable[[int], Known]) -> Refused:
    """The same by the table of a provider whose codes are numbers; what has none has failed, and that is all."""
    error = receipt.errors[0] if receipt.errors else {}
    code = error.get("code")
    if type(code) is not int:
        return Refused(kind="perm", title=str(error.get("title") or "failed"))
    return failed(code, classify(code))


def by_status(response: HttpResponse) -> Refused:
    """A refusal without a code: an answer that nobody has written leaves it open whether the message was taken.

    >>> [by_status(HttpResponse(status=status)).kind for status in (200, 302, 400, 401, 404, 429, 502)]
    ['unclear', 'hold', 'perm', 'hold', 'hold', 'slow', 'unclear']
    """
    status = response.status
    if status == 429:
        return Refused(kind="slow", title="Too many requests", retry_after=retry_after(response))
    if status < 300 or status >= 500 or status == 408:
        return Refused(kind="unclear", title=f"HTTP {status} without an answer that can be read")
    # not the provider's own answer: the address is wrong, or something stands between; the message is not to blame
    kind = "hold" if status < 400 or status in (401, 403, 404, 405, 407) else "perm"
    return Refused(kind=kind, title=f"HTTP {status} without an error code")


def retry_after(response: HttpResponse) -> float:
    """Seconds that the provider asks us to wait; 0 when it does not say so in seconds."""
    value = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0.0
