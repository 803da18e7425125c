"""An exchange of a gateway's, carried out: its requests one after the other, each tried once."""

from __future__ import annotations

from typing import TypeVar

import httpx

from ..model.gateway import Refused
from ..model.submission import Exchange
from .client import exchange
from .failure import Failure

T = TypeVar("T")
SECONDS, UPLOAD_SECONDS = 30.0, 120.0  # for one request, in all
CAP = 16 * 1024 * 1024  # bytes of an answer: a page of a list may be long
_BIG = 256 * 1024
_WHY = {
    "timeout": "it did not answer in time",
    "connect": "it could not be reached",
    "too_big": "its answer is too big",
}


async def carry(steps: Exchange[T], client: httpx.AsyncClient) -> T | Refused:
    """What it returns; Refused when a request got no answer."""
    try:
        request = next(steps)
        while True:
            seconds = UPLOAD_SECONDS if len(request.body) > _BIG else SECONDS
            answer = await exchange(client, request, seconds=seconds, cap=CAP)
            if isinstance(answer, Failure):
                kind = "perm" if answer.certainty == "forbidden" else "retry"
                why = (
                    "its address is private or not https" if kind == "perm" else _WHY.get(answer.reason, answer.reason)
                )
                return Refused(kind=kind, code=answer.reason, title=why)
            request = steps.send(answer)
    except StopIteration as done:
        found: T | Refused = done.value
        return found
    finally:
        steps.close()
