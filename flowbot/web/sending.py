"""Sending one message to a contact: what stands against it, and the message in the contact's inbox.

A one-time code goes to the outbox itself: no inbox and no history ever holds it. There is nothing to decide about it
that the claim does not look at: whether the contact has opted out, and that one message is on its way at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..engine.templates import compose
from ..errors import InvalidRequest
from ..gateways import GATEWAYS
from ..model import event, ids
from ..model.code import prefix_of, veil
from ..model.contact import Contact, Identity
from ..model.event import SendRequested
from ..model.outbound import Outbound, OutboxEntry
from ..model.project import RECEIVED, Account
from ..model.session import Session
from ..model.template import CODE
from ..store import codes, contacts, identity, inbox, outbox, sessions
from .conversations import refuse_if_closed, refuse_if_unasked
from .recipient import read_recipient, spoken
from .send_request import check_send, free_of, send_mistakes

if TYPE_CHECKING:
    from ..wiring import Parts

CODE_LIVES = 600_000  # ms: later it would be of no use


class Sending:
    """One request to send a message; the same `nonce` is the same message."""

    def __init__(self, parts: Parts, account: str) -> None:
        self._parts = parts
        self._account = account

    def send(self, given: Mapping[str, Any], named: Callable[[], str]) -> dict[str, str]:
        """`named` gives the nonce, once the request is one without mistakes."""
        self._parts.shares.admit(self._account)
        account, store = self._parts.live.account(self._account), self._parts.store
        who, nonce = check_send(given, account, self._parts.library, self._spoken(given)), named()
        contact_id = identity.resolve(store, self._account, who)
        partition = ids.partition_of(contact_id, store.partitions)
        id = ids.make("ms", partition, self._account, contact_id, nonce)
        answer = {"message_id": id, "contact_id": contact_id}
        if store.run(outbox.read(id)):
            return answer
        key = f"{self._account}/{given['channel']}"
        session = store.run(sessions.get(partition, contact_id, key))
        contact = store.run(contacts.get(partition, contact_id))
        outbound, topic = self._outbound(given, account, contact, session)
        if "code" in given:
            unasked = account.consent == "strict" and not given["user_authorized"]
            self._send_code(id, key, contact_id, contact, who, outbound, topic, unasked=unasked)
        else:
            asked = SendRequested(
                nonce=nonce,
                outbound=outbound,
                topic=topic,
                message_id=id,
                to=who,
                windowless=not self._window(given["channel"]),
                unasked=not given["user_authorized"],
            )
            self._push(partition, contact_id, key, asked)
            store.run_all([outbox.note(id, key, contact_id)])  # without it the client sees 404 for a moment, no more
        return answer

    def mistakes(self, given: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What is wrong with a request of which a part could not be read."""
        account = self._parts.live.account(self._account)
        wrong, unfit = send_mistakes(given, account, self._parts.library, self._spoken(given))
        return [*wrong, *unfit]

    def _spoken(self, given: Mapping[str, Any]) -> str:
        """The language that a template will go out in."""
        if given["language"] or not given.get("template"):
            return str(given["language"])
        who = read_recipient(given.get("to", ""), self._parts.live.account(self._account).default_country)
        return spoken(self._parts.store, self._account, who) if who is not None else ""

    def _outbound(
        self, given: Mapping[str, Any], account: Account, contact: Contact | None, session: Session | None
    ) -> tuple[Outbound, str]:
        """What is to go out and its topic; TemplateRefused, or Conflict when it may not."""
        if "text" in given or "media" in given:
            refuse_if_closed(session, self._window(given["channel"]))
            return free_of(given), given["topic"]
        asked = given.get("template")
        asked = asked or {"name": account.codes.template, "language": "", "params": {CODE: given["code"]}}
        spoken = given["language"] or (contact.language if contact else "")
        outbound = compose(
            self._parts.library,
            self._account,
            given["channel"],
            asked["name"],
            asked["params"],
            languages=(spoken, *account.languages),
            forced=asked["language"],
        )
        topic = given["topic"] or self._parts.library.template(asked["name"], self._account).topic
        if not given["user_authorized"]:
            refuse_if_unasked(account, contact, topic)
        return outbound, topic

    def _window(self, channel: str) -> int:
        found = self._parts.library.account(self._account).channels[channel]
        return GATEWAYS[found.gateway].LIMITS.window

    def _push(self, partition: int, contact_id: str, key: str, asked: SendRequested) -> None:
        body, sealed = event.to_bytes(asked), self._parts.live.keeps_secrets(self._account)
        # by the day it came, not by the hour: an idempotency key is good for 8 days
        pushed = inbox.push(partition, contact_id, key, body, dedupe_id=asked.id, at_ms=0, sealed=sealed)
        self._parts.ledger.run(pushed)

    def _send_code(
        self,
        id: str,
        key: str,
        contact_id: str,
        contact: Contact | None,
        who: Identity,
        outbound: Outbound,
        topic: str,
        *,
        unasked: bool,
    ) -> None:
        """Within the account's limits for codes."""
        now = int(time.time() * 1000)
        to = next((one for one in _numbers(contact, who) if one.isdigit()), "")
        if not to:
            wrong = [("/to", "WhatsApp sends one-time codes to phone numbers alone, and none is known of this contact")]
            raise InvalidRequest("The request has mistakes.", mistakes=wrong)
        self._reserve(id, to, now)
        entry = OutboxEntry(
            id=id,
            account=self._account,
            channel=key.partition("/")[2],
            contact_id=contact_id,
            to=to,
            outbound=outbound,
            purpose="business",
            policy="fail",
            topic=topic,
            unasked=unasked,
            created_at=now,
            expires_at=now + CODE_LIVES,
            scrub=True,
            tell=self._parts.live.account(self._account).tells().replace(RECEIVED, ""),
        )
        self._parts.ledger.run(outbox.push(ids.split(id)[1], [entry], sealed=True))

    def _reserve(self, id: str, to: str, now: int) -> None:
        from ..wiring import code_key
        from .api.caller import TooMany

        rules, key = self._parts.live.account(self._account).codes, code_key(self._parts.settings)
        place = self._parts.store.run(codes.reserve(self._account, id, veil(key, to), prefix_of(to), rules, now=now))
        if place.word != "ok":
            seconds = max(1, -(-place.wait // 1000))
            raise TooMany(
                f"No more codes now (the limit of `codes`: {place.word}); wait {seconds} s.",
                headers=[("Retry-After", str(seconds))],
            )


def _numbers(contact: Contact | None, who: Identity) -> tuple[str, ...]:
    return (contact.reply_to, contact.number, who.number) if contact else (who.number,)
