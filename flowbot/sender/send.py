"""One claimed message: the request, the provider's answer, the verdict, the record."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import replace

from .. import crash
from ..delivery import pauses, reports
from ..delivery.client import exchange
from ..delivery.failure import Failure
from ..delivery.retry import Verdict, judge
from ..errors import FlowbotError, StoreError
from ..gateways import GATEWAYS
from ..model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent
from ..model.project import Channel
from ..store.outbox import Claimed
from .facts import Facts
from .parts import Parts
from .record import Recorder
from .sandbox import may_reach
from .templates import Templates, patient
from .tokens import Tokens

MARGIN = 1 / 8  # of the deadline in the store lies between the end of an attempt and it
logger = logging.getLogger(__name__)


class Sends:
    """Carries claimed messages out, each for itself."""

    def __init__(self, parts: Parts, tokens: Tokens, recorder: Recorder) -> None:
        self._parts = parts
        self._tokens = tokens
        self._recorder = recorder
        self._facts = Facts(parts)
        self._templates = Templates(parts)

    async def send(self, claimed: Claimed, channel: Channel, since: float) -> None:
        """Sends one message that was claimed at `since` (monotonic seconds) and records what became of it."""
        crash.point("sender.after_claim")
        answer = await self._attempt(claimed, channel, since)
        crash.point("sender.after_send")
        counts = {"tries": claimed.tries, "slows": claimed.slows, "drops": claimed.drops}
        verdict = judge(answer, **counts, patient=patient(claimed.entry, int(time.time() * 1000)))
        self._log(claimed, channel, verdict, since)
        await self._pause(channel, verdict)
        state = await self._recorder.record(claimed, channel.key, verdict)
        with contextlib.suppress(StoreError):  # then the next refusal does it
            await self._templates.learn(channel, claimed.entry.outbound.template, answer)
        if state != "gone":  # else somebody forgot the contact meanwhile
            await self._report(claimed, channel, verdict)
        crash.point("sender.after_record")

    async def _attempt(self, claimed: Claimed, channel: Channel, since: float) -> Sent | Refused | Failure:
        gateway = GATEWAYS[channel.gateway]
        if not may_reach(channel, claimed.entry):
            return Refused(kind="perm", code="sandbox", title="the sandbox writes to its `recipients` only")
        refusal = await self._templates.refusal(channel, claimed.entry.outbound.template)
        if refusal is not None:
            self._tokens.give_back(channel, 1)  # however many are held, the channel's rate is for the others
            return refusal
        facts: list[tuple[Need, str]] = []
        try:
            request = await self._build(claimed, channel, facts)
        except StoreError as error:
            return Failure(certainty="safe", reason=error.code)
        except (FlowbotError, KeyError, ValueError, TypeError, AssertionError) as error:
            logger.error("send.unbuildable", extra={"message_id": claimed.id, "error": type(error).__name__})
            return Refused(kind="perm", code="unbuildable", title="the message cannot be put into a request")
        if not isinstance(request, HttpRequest):
            return request
        left = self._parts.timing.deadline / 1000 * (1 - MARGIN) - (time.monotonic() - since)
        if left <= 0.1:  # we slept; by now somebody else may be sending it
            return Failure(certainty="safe", reason="late")
        answer = await exchange(self._parts.client(channel), request, seconds=left)
        if isinstance(answer, Failure):
            return answer
        found = _read(gateway.read_send, answer)
        if isinstance(found, Refused) and found.stale:
            with contextlib.suppress(StoreError):  # then the next refusal does it
                for need, value in facts:
                    await self._facts.forget(claimed, channel, need, value)
        if isinstance(found, Sent) and not found.provider_id:
            return replace(found, provider_id=claimed.id)  # the provider calls it by our own id
        return found

    async def _build(
        self, claimed: Claimed, channel: Channel, facts: list[tuple[Need, str]]
    ) -> HttpRequest | Refused | Failure:
        """The request, with the facts that it took."""
        gateway, entry = GATEWAYS[channel.gateway], claimed.entry
        for _ in range(4):
            sending = Sending(
                id=entry.id,
                to=entry.to,
                outbound=entry.outbound,
                attempt=claimed.attempt,
                purpose=entry.purpose,
                facts={need.fact: value for need, value in facts},
            )
            request = gateway.build_send(sending, channel)
            if not isinstance(request, Need):
                return request
            found = await self._facts.find(claimed, channel, request)
            if not isinstance(found, str):
                return found
            facts.append((request, found))
        return Refused(kind="perm", code="unbuildable", title="the gateway asks for more and more facts")

    async def _pause(self, channel: Channel, verdict: Verdict) -> None:
        call = pauses.pause(channel.key, verdict)
        if call is not None:
            self._tokens.close(channel)
            pauses.tell(channel.key, verdict, await self._parts.store.run(call))

    async def _report(self, claimed: Claimed, channel: Channel, verdict: Verdict) -> None:
        """What the answer says of the contact goes into its inbox. Best effort: the next answer says it again."""
        if not verdict.contact:
            return
        contact_id = claimed.entry.contact_id
        with contextlib.suppress(StoreError):
            counting = reports.doubt(contact_id, claimed.id, verdict)
            doubts = await self._parts.store.run(counting) if counting else 0
            to = reports.whom(claimed.entry.to)
            call = reports.report(contact_id, channel.key, claimed.id, verdict, doubts=doubts, to=to)
            if call:
                await self._parts.store.run(call)

    def _log(self, claimed: Claimed, channel: Channel, verdict: Verdict, since: float) -> None:
        extra = {
            "message_id": claimed.id,
            "channel": channel.key,
            "attempt": claimed.attempt,
            "state": verdict.outcome,
            "code": verdict.code,
            "reason": verdict.reason,
            "ms": round((time.monotonic() - since) * 1000),
        }
        level = {"sent": logging.DEBUG, "failed": logging.WARNING}.get(verdict.outcome, logging.INFO)
        logger.log(level, "message." + verdict.outcome, extra=extra)


def _read(read: object, answer: HttpResponse) -> Sent | Refused:
    """The gateway's reading; an answer that breaks it may still be one to a message that was taken."""
    try:
        return read(answer)  # type: ignore[operator, no-any-return]
    except Exception as error:
        logger.error("send.unreadable", extra={"status": answer.status, "error": type(error).__name__})
        return Refused(kind="unclear", title="the answer cannot be read")
