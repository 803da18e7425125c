"""One-time codes: made here, sealed, sent and compared; outside of this process only message and seal are seen.

A code that is made again, because this process died on the way, is another code: the one before was never kept, or its
message was never queued.
"""

from __future__ import annotations

import logging
import secrets

from ..model import codec, ids
from ..model.code import fill, prefix_of, seal, veil
from ..model.contact import Identity
from ..model.gateway import HttpResponse
from ..model.outbound import Outbound, OutboxEntry
from ..model.project import RECEIVED, CodeRules
from ..model.queued_call import QueuedCall
from ..store import codes, contacts, counters, identity
from . import integration
from .attempt import Again, Answered, Attempt, Awaited, Outcome, Settled
from .parts import Parts

SIMULATOR = "simulator"
logger = logging.getLogger(__name__)


async def issue(parts: Parts, attempt: Attempt) -> Outcome:
    """Makes a code and sends it, within the account's limits."""
    call, body, now = attempt.call, attempt.call.body, _clock(attempt)
    if not parts.key:
        return _without_key(call)
    if "link" in body and parts.links is None:
        return _without_key(call)
    rules, address = _rules(parts, call), body["to"]
    if body.get("other") and await _opted_out(parts, call, address):
        return Answered(outcome="error", reason="opted_out")
    place = await parts.store.run(
        codes.reserve(call.account, call.id, veil(parts.key, address), prefix_of(address), rules, now=now)
    )
    if place.word != "ok":
        return await _refused(parts, call, place, now)
    code = _code(parts, attempt)
    message = _message(call, code, attempt.now, _tells(parts, call)) if "outbound" in body else None
    word = await parts.store.run(
        codes.issue(
            call,
            body["place"],
            seal(parts.key, code, *body["bound"]),
            valid_for=body["valid_for"],
            attempts=body["attempts"],
            flow=body["flow"],
            message=message,
            shown=_shown(parts, call, message, now),
            now=now,
        )
    )
    if word == "held":
        return await _send(parts, attempt, code)
    # Who died while it was on its way cannot know: the contact may have it, or ask for another.
    return _sent(call) if word == "again" else Settled()


def _code(parts: Parts, attempt: Attempt) -> str:
    """Digits; or a link, which is signed and needs none."""
    body = attempt.call.body
    if "link" in body and parts.links is not None:
        return parts.links.confirm(body["link"], (attempt.now + body["valid_for"]) / 1000)
    return f"{secrets.randbelow(10 ** body['length']):0{body['length']}}"


async def _opted_out(parts: Parts, call: QueuedCall, address: str) -> bool:
    """Whether a number that is not this chat's own belongs to somebody who wants to hear nothing."""
    if not address.isdigit():
        return False
    known = await parts.store.run(identity.look(parts.store.salt, call.account, Identity(number=address)))
    partition = ids.partition_of(known, parts.store.partitions) if known else 0
    return bool(known) and "all" in await parts.store.run(contacts.opted_out(partition, known))


async def opened(parts: Parts, attempt: Attempt) -> Outcome:
    """Nothing to do: the page that the link leads to answers (web/confirm.py), or its time runs out."""
    return Awaited()


async def _send(parts: Parts, attempt: Attempt, code: str) -> Outcome:
    """By an action of the account's: a text message, an e-mail."""
    call = attempt.call
    account = parts.project().accounts.get(call.account)
    name, _, word = str(call.body["integration"]).partition(".")
    service = account.integrations.get(name) if account else None
    action = service.actions.get(word) if service else None
    if service is None or action is None or service.missing:
        return Answered(outcome="error", reason="off" if service and action else "no_integration")
    answer = await integration.send(parts, attempt, service, action, fill(call.body["values"], code), key=call.id)
    if isinstance(answer, Again):
        await parts.store.run(codes.release(call, call.body["place"]))
        return answer
    if isinstance(answer, HttpResponse):
        return _sent(call) if 200 <= answer.status < 300 else Answered(outcome="error", reason="status")
    return _sent(call) if answer.certainty == "ambiguous" else Answered(outcome="error", reason=answer.reason)


def _sent(call: QueuedCall) -> Answered:
    return Answered(outcome="sent", result={"valid_for": call.body["valid_for"]})


async def check(parts: Parts, attempt: Attempt) -> Outcome:
    """Compares what was typed with the code."""
    call, body = attempt.call, attempt.call.body
    if not parts.key:
        return _without_key(call)
    sealed = seal(parts.key, body["code"], *body["bound"])
    await parts.store.run(
        codes.check(call, body["place"], sealed, attempts=body["attempts"], flow=body["flow"], now=_clock(attempt))
    )
    return Settled()


async def _refused(parts: Parts, call: QueuedCall, place: codes.Place, now: int) -> Outcome:
    """A limit is in the way. Who came back to the step has a code already that was sent a moment ago."""
    body = call.body
    if not body["again"]:
        until = await parts.store.run(codes.valid_until(call, body["place"]))
        if until > now:
            return Answered(outcome="kept", result={"valid_for": until - now})
    if place.word == "soon" or (place.word == "number" and body["again"]):
        return Answered(outcome="soon", result={"wait": place.wait})
    logger.warning("code.capped", extra={"account": call.account, "flow": body["flow"], "reason": place.word})
    await parts.store.run(counters.add(ids.split(call.id)[1], f"code.capped:{body['flow']}", 1))
    return Answered(outcome="error", reason="capped")


def _clock(attempt: Attempt) -> int:
    """Now by the session's clock, which in a simulated one runs ahead of the store's."""
    return attempt.now + int(attempt.call.body.get("skew", 0))


def _shown(parts: Parts, call: QueuedCall, message: OutboxEntry | None, now: int) -> bytes:
    """On a simulated channel the page draws the history: what its phone got stands there. Nowhere else does a code."""
    channel = parts.project().channel(call.account, call.channel)
    if message is None or channel is None or channel.gateway != SIMULATOR:
        return b""
    return codec.dump({"at": now, "id": message.id, "outbound": message.outbound, "purpose": message.purpose})


def _without_key(call: QueuedCall) -> Answered:
    logger.critical("code.no_key", extra={"account": call.account})
    return Answered(outcome="error", reason="no_key")


def _rules(parts: Parts, call: QueuedCall) -> CodeRules:
    account = parts.project().accounts.get(call.account)
    return account.codes if account else CodeRules()


def _tells(parts: Parts, call: QueuedCall) -> str:
    account = parts.project().accounts.get(call.account)
    return account.tells().replace(RECEIVED, "") if account else ""


def _message(call: QueuedCall, code: str, now: int, tell: str = "") -> OutboxEntry:
    """The message that carries the code: sent once or never, and forgotten after."""
    partition = ids.split(call.id)[1]
    return OutboxEntry(
        id=ids.make("ms", partition, call.id),
        account=call.account,
        channel=call.channel,
        contact_id=call.contact_id,
        to=call.body["to"],
        outbound=codec.from_plain(Outbound, fill(call.body["outbound"], code)),
        policy="fail",
        created_at=now,
        expires_at=now + call.body["valid_for"],
        scrub=True,
        process_id=call.process_id,
        wakes=f"code:{call.visit}",
        tell=tell,
    )
