"""The same request again: what its Idempotency-Key was answered before is the answer, and nothing is done twice.

The ids of what a request makes derive from its key besides: two that come at once make the same thing. A request that
was refused leaves its key free, to come again corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Response

from ...errors import Conflict, InvalidRequest, NotFound, ParseError, TemplateRefused
from ...store import idempotency
from .caller import Caller
from .orders import MAX_KEY, told
from .orders import key as named

if TYPE_CHECKING:
    from ...store.client import Store

LONGEST = 16_384  # bytes of an answer that is kept
REFUSED = (InvalidRequest, ParseError, Conflict, NotFound, TemplateRefused)


def once(view: Callable[..., Response], store: Callable[[], Store]) -> Callable[..., Response]:
    """The view, for a caller who may send the same request more than once."""

    @wraps(view)
    def answered(*args: Any, caller: Caller, **given: Any) -> Response:
        key = named()
        if not key:
            return view(*args, caller=caller, **given)
        if len(key) > MAX_KEY:
            raise InvalidRequest(f"Idempotency-Key is longer than {MAX_KEY} characters.")
        kept, account = store(), caller.account
        before, noted = kept.all([idempotency.answer(account, key), idempotency.noted(account, key)])
        print_ = idempotency.fingerprint(told(), kept.salt)
        if isinstance(before, idempotency.Answer):
            if before.print != print_:
                raise Conflict("The Idempotency-Key came with another request before.", code="idempotency_key_reused")
            return Response(before.body, before.status, content_type=before.content_type)
        try:
            made = view(*args, caller=caller, **given)
        except REFUSED as error:
            if (
                not noted and error.facts.get("code") != "idempotency_key_reused"
            ):  # another may have come at the same moment
                kept.run_all([idempotency.free(account, key)])
            raise
        taken = kept.run(idempotency.noted(account, key))  # one that only looks, a dry run, leaves the key free as well
        if taken and made.status_code < 300 and len(made.get_data()) <= LONGEST:
            what = idempotency.Answer(print_, made.status_code, made.content_type or "", made.get_data())
            kept.run_all([idempotency.keep(account, key, what)])
        return made

    return answered
