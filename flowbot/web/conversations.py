"""Starting a flow for a contact: what stands against it, and the start in the contact's inbox."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from ..engine import attempts, life
from ..engine.flow import Flow
from ..engine.invitation import is_invited, opening
from ..engine.life import speaks
from ..engine.templates import compose
from ..errors import Conflict, InvalidRequest, NotFound
from ..gateways import GATEWAYS
from ..model import event, ids
from ..model.contact import Contact, Identity
from ..model.event import ConversationRequested
from ..model.number import canonical
from ..model.project import Account
from ..model.session import Process, Session
from ..store import attempts as places
from ..store import contacts, idempotency, identity, inbox, pending, processes, sessions
from . import processes as shown
from .recipient import read_recipient, spoken
from .start_request import check_start, start_mistakes

if TYPE_CHECKING:
    from ..wiring import Parts

MAX_KEY = 255  # characters of an Idempotency-Key
OUT = "The contact has opted out of messages that you start."


class Starting:
    """One request to start a conversation.

    All ids derive from the Idempotency-Key, so the same request again changes nothing and gets the same answer.
    """

    def __init__(self, parts: Parts, account: str) -> None:
        self._parts = parts
        self._account = account

    def start(self, given: dict[str, Any], key: str, body: bytes) -> dict[str, str]:
        """What was asked for, as the schema read it, and the `body` that it came in."""
        if len(key) > MAX_KEY:
            raise InvalidRequest(f"Idempotency-Key is longer than {MAX_KEY} characters.")
        self._parts.shares.admit(self._account)
        store, live = self._parts.store, self._parts.live
        who = check_start(given, live.account(self._account), live, self._spoken(given))
        if key:
            self._refuse_if_another(key, body)
        channel_key = f"{self._account}/{given['channel']}"
        contact_id = identity.resolve(store, self._account, who)
        partition = ids.partition_of(contact_id, store.partitions)
        seed = ("key", key) if key else ("once", secrets.token_hex(16))
        process_id = ids.make("pr", partition, self._account, contact_id, *seed)
        answer = {"process_id": process_id, "contact_id": contact_id}
        template = given["template"]
        if template:
            template["message_id"] = answer["message_id"] = ids.make("ms", partition, process_id, "template")
        if key and store.run(processes.get(process_id)) is not None:
            return answer
        session, contact = self._standing(partition, contact_id, channel_key)
        window = self._window(given["channel"])
        flow = live.book(live.account(self._account).channels[given["channel"]]).flow(given["flow"])
        if given["if_open"] == "refuse":
            _refuse_if_open(session, process_id, flow.id)
        topic = self._check_template(given, flow, contact)
        _refuse_if_out(contact, topic)
        first = opening(flow, given["step"])
        if (template or first) and not given["user_authorized"]:
            refuse_if_unasked(live.account(self._account), contact, topic or self._topic_of(first))
        if not template and not first:
            refuse_if_closed(session, window)
        contact = contact or _stranger(contact_id, self._account, who)
        self._refuse_if_too_often(given, contact)
        rest = {name: value for name, value in given.items() if name not in ("channel", "to", "user_authorized")}
        rest |= {"template": template or {}, "unasked": not given["user_authorized"]}
        asked = ConversationRequested(process_id=process_id, to=who, window=window, **rest)
        # by the day it came, not by the hour: an idempotency key is good for 8 days
        self._parts.ledger.run(
            inbox.push(
                partition,
                contact_id,
                channel_key,
                event.to_bytes(asked),
                dedupe_id=asked.id,
                at_ms=0,
                sealed=live.keeps_secrets(self._account),
            )
        )
        record = _asked_for(asked, contact, given["channel"])
        store.run_all([pending.note(process_id, record)])  # without it the client sees 404 for a moment, no more
        return answer

    def mistakes(self, given: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What is wrong with a request of which a part could not be read."""
        live = self._parts.live
        wrong, unfit = start_mistakes(given, live.account(self._account), live, self._spoken(given))
        return [*wrong, *unfit]

    def _spoken(self, given: Mapping[str, Any]) -> str:
        """The language that a template will go out in."""
        if given["language"] or not given.get("template"):
            return str(given["language"])
        account = self._parts.live.account(self._account)
        who = read_recipient(given.get("to", ""), account.default_country)
        return spoken(self._parts.store, self._account, who) if who is not None else ""

    def _refuse_if_too_often(self, given: dict[str, Any], contact: Contact) -> None:
        """The worker counts: here it is only looked at, so that the client hears of it at once."""
        account = self._parts.live.account(self._account)
        flow = self._parts.live.book(account.channels[given["channel"]]).flows[given["flow"]]
        if flow.settings.attempts is None:
            return
        owner = life.account_of(given)
        now = int(time.time() * 1000)
        attempt = attempts.attempt_of(flow, account, given["channel"], contact, owner, at=now)
        if not self._parts.store.run(places.look(attempt)):
            whose = "this account_id" if owner else "this contact"
            raise Conflict(f"There are no attempts left at {flow.id} for {whose}.", code=attempts.REASON)

    def _check_template(self, given: Mapping[str, Any], flow: Flow, contact: Contact | None) -> str:
        """TemplateRefused unless it can go out as it is asked for; Conflict when none such is wanted. Its topic."""
        asked = given["template"]
        if not asked:
            return ""
        library = self._parts.library
        spoken = given["language"] or (contact.language if contact else "")
        compose(
            library,
            self._account,
            given["channel"],
            asked["name"],
            asked["params"],
            languages=(speaks(flow, spoken), flow.languages[0]),
            forced=asked["language"],
        )
        template = library.template(asked["name"], self._account)
        if contact is not None and template.is_out(contact.opted_out):
            raise Conflict(OUT, code="opted_out")
        return template.topic

    def _topic_of(self, template: str) -> str:
        try:
            return self._parts.library.template(template, self._account).topic
        except NotFound:
            return ""

    def _window(self, channel: str) -> int:
        """ms after a contact's message in which free text may go; 0: always."""
        found = self._parts.library.account(self._account).channels[channel]
        return GATEWAYS[found.gateway].LIMITS.window

    def _standing(self, partition: int, contact_id: str, channel_key: str) -> tuple[Session | None, Contact | None]:
        """The worker looks at all this again: between here and there another may open."""
        store = self._parts.store
        session = store.run(sessions.get(partition, contact_id, channel_key))
        return session, store.run(contacts.get(partition, contact_id))

    def _refuse_if_another(self, key: str, body: bytes) -> None:
        store = self._parts.store
        request = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
        if not store.run(idempotency.note(self._account, key, request, store.salt)):
            raise Conflict("The Idempotency-Key came with another request before.", code="idempotency_key_reused")


def _refuse_if_open(session: Session | None, process_id: str, flow: str) -> None:
    if session is None:
        return
    if session.process is not None and session.process.id != process_id:
        raise Conflict("A conversation is open.", code="conversation_open")
    if is_invited(tuple(one for one in session.parked if one.id != process_id), flow):
        raise Conflict("The contact has been invited to this flow, and has not answered.", code="conversation_open")


def _refuse_if_out(contact: Contact | None, topic: str) -> None:
    """Nothing that we send would reach the contact."""
    if contact is not None and {"all", topic} & set(contact.opted_out):
        raise Conflict(OUT, code="opted_out")
    if contact is not None and contact.unreachable:
        raise Conflict("The provider says that nobody is there: see the contact's `unreachable`.", code="unreachable")


def refuse_if_unasked(account: Account, contact: Contact | None, topic: str) -> None:
    """Where consent is strict, somebody has to say that the contact agreed."""
    if account.consent == "strict" and not (contact is not None and contact.agreed_to(topic)):
        raise Conflict(
            "The contact has not opted in: say `user_authorized: true` when you know that the contact agreed to be "
            "written to, or record an opt-in.",
            code="not_opted_in",
        )


def refuse_if_closed(session: Session | None, window: int) -> None:
    heard = session.last_inbound_at if session is not None else 0
    if window and (not heard or time.time() * 1000 - heard >= window):
        raise Conflict(
            "The contact has not written on this channel within 24 hours: a template is needed. Name one that the "
            "provider has approved in `template`, or invite the contact to write, e.g. with a link to the flow.",
            code="window_closed",
        )


def _stranger(contact_id: str, account: str, who: Identity) -> Contact:
    number = canonical(who.number) if who.number else ""
    return Contact(id=contact_id, account=account, number=number, bsuid=who.bsuid)


def _asked_for(asked: ConversationRequested, contact: Contact, channel: str) -> dict[str, object]:
    process = Process(
        id=asked.process_id, flow=asked.flow, flow_version="", account_id=asked.account_id, inputs=asked.inputs
    )
    return shown.not_begun(process, contact, contact.account, channel)
