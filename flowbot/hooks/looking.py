"""`look`: a file that a contact sent, fetched and looked at, for the question that it answers."""

from __future__ import annotations

from ..delivery import retry
from ..model import codec
from ..model.inbound import Media
from . import media
from .attempt import Again, Answered, Attempt, Outcome
from .parts import Parts
from .verifier import SURE


async def make(parts: Parts, attempt: Attempt) -> Outcome:
    """The body is `{media}`, as the provider told of it; the result is the same, as it is."""
    call = attempt.call
    channel = parts.project().channel(call.account, call.channel)
    told = call.body["media"]
    if channel is None:
        return Answered(outcome="error", result={"media": told}, reason="unknown")
    one = codec.from_plain(Media, told)
    got = await media.fetch(parts, channel, call.contact_id, one)
    if got.facts is not None:
        return Answered(outcome="ok", result={"media": codec.to_plain(got.facts.of(one))})
    wait = retry.CALL_WAITS[min(attempt.number, len(retry.CALL_WAITS)) - 1]
    if got.reason not in SURE and wait + 500 < attempt.left:
        return Again(wait=wait, reason=got.reason)
    return Answered(outcome="error", result={"media": told}, reason=got.reason)
