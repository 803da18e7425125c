"""One simulated contact's connection: what the phone and the inspector's buttons do."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ...engine.flow import Flow
from ...engine.templates import sample
from ...errors import Conflict, InvalidRequest, StoreUnavailable
from ...model import event, ids
from ...model.event import ClockAdvanced, ConversationRequested, Event, OperatorActed
from ...model.project import Account, Channel
from ...model.session import Session
from ...store import history, identity, inbox, sessions
from ..webhooks import Webhooks
from . import phone, provider
from .inspector import next_timer
from .replay import inputs_of

if TYPE_CHECKING:
    from ...wiring import Parts

JUMP = 40 * 86_400_000  # ms; longer than any timer of a flow
PATIENCE = 5.0  # seconds that a replayed turn may take
OPERATOR = "simulator"  # who an operator's deed is by
LINES = 1000  # of a contact's history that are read

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A contact of the simulator, on the account's simulated channel."""

    parts: Parts
    webhooks: Webhooks
    account: Account
    channel: Channel
    flow: Flow
    who: str
    contact_id: str

    @classmethod
    def open(cls, parts: Parts, webhooks: Webhooks, account: Account, flow: Flow, who: str) -> Line:
        channel = next((one for one in account.channels.values() if one.simulated), None)
        if channel is None:
            raise Conflict(f"account '{account.name}' has no channel of gateway simulator")
        contact_id = identity.resolve(parts.store, account.name, phone.identity(who))
        return cls(
            parts=parts,
            webhooks=webhooks,
            account=account,
            channel=channel,
            flow=flow,
            who=who,
            contact_id=contact_id,
        )

    @property
    def partition(self) -> int:
        return ids.partition_of(self.contact_id, self.parts.store.partitions)

    @property
    def folder(self) -> Path:
        """Where files sent from the account's simulated phones lie; nobody guesses their names."""
        return self.parts.settings.data / "simulator" / self.account.name

    def other(self, who: str) -> Line:
        """The same flow with another contact."""
        return Line.open(self.parts, self.webhooks, self.account, self.flow, who)

    def session(self) -> Session:
        """Where the contact stands; a fresh session when nothing has arrived yet."""
        found = self.parts.store.run(sessions.get(self.partition, self.contact_id, self.channel.key))
        return found or Session(account=self.account.name, channel=self.channel.name, contact_id=self.contact_id)

    def history(self) -> list[tuple[str, str, Plain]]:
        """What was recorded, oldest first: entry id, kind, body."""
        found = self.parts.store.run(history.latest(self.partition, self.contact_id, LINES))
        return [(one.id, one.kind, orjson.loads(one.body)) for one in found]

    def say(self, said: Mapping[str, Any]) -> Plain:
        """A message from the phone, as the provider's webhook."""
        body = phone.message(self.who, said, self.parts.store.now() + self.session().skew)
        self._post(body)
        return {"id": body["id"]}

    def read(self, said: Mapping[str, Any]) -> Plain:
        """The phone shows these messages now."""
        names = [name for name in said.get("ids", ()) if isinstance(name, str)][:100]
        own = {body.get("id") for _, kind, body in self.history() if kind == "out"}
        receipts = [provider.receipt(name, "read", self.parts.store.now()) for name in names if name in own]
        if receipts:
            self._post({"items": receipts})
        return {"count": len(receipts)}

    def start(self, asked: Mapping[str, Any]) -> Plain:
        """Start the flow as a client's system would."""
        inputs, language = asked.get("inputs", {}), asked.get("language", "")
        if not isinstance(inputs, dict) or not isinstance(language, str):
            raise InvalidRequest("`inputs` is an object, `language` a text")
        process_id = ids.make("pr", self.partition, "simulator", secrets.token_hex(16))
        template = self._invitation(inputs) if asked.get("invite") else {}
        if template:
            inputs = {name: value for name, value in inputs.items() if name in self.flow.inputs}
        self.push(
            ConversationRequested(
                process_id=process_id,
                flow=self.flow.id,
                to=phone.identity(self.who),
                inputs=inputs,
                account_id=str(inputs.get("account_id", "")),
                language=language,
                if_open="supersede",
                template=template,
            )
        )
        return {"process_id": process_id}

    def _invitation(self, inputs: Mapping[str, Any]) -> Plain:
        """The flow's own template, filled by what was given, else by its examples."""
        found = self.flow.start.invitation
        if found is None or found.template not in self.parts.library.templates:
            raise InvalidRequest("the flow has no start.template")
        return {"name": found.template, "params": sample(self.parts.library.template(found.template), inputs)}

    def advance(self, asked: Mapping[str, Any]) -> Plain:
        """Turn the contact's clock forward: `{"by": ms}`, or `{"to": "next"}` for the next timer."""
        by = asked.get("by", 0)
        if asked.get("to") == "next":
            session = self.session()
            timer = next_timer(session)
            if timer is None:
                raise Conflict("nothing is waiting for a time")
            by = max(0, timer[1] - self.parts.store.now() - session.skew)
        if type(by) is not int or not 0 <= by <= JUMP:
            raise InvalidRequest("`by` is a number of milliseconds, at most 40 days")
        self.push(ClockAdvanced(nonce=secrets.token_hex(8), by=by))
        return {"by": by}

    def operate(self, asked: Mapping[str, Any]) -> Plain:
        """Be the person who has taken over: `{"action": "say", "text": …}`, `choose` with a `choice`, `close`."""
        process, action = self.session().process, asked.get("action")
        if process is None or process.state != "handed_off":
            raise Conflict("no person has the conversation")
        words = {name: asked.get(name, "") for name in ("text", "choice")}
        if action not in ("say", "choose", "close", "cancel") or not all(
            isinstance(one, str) for one in words.values()
        ):
            raise InvalidRequest("`action` is say with a `text`, choose with a `choice`, close or cancel")
        self.push(OperatorActed(nonce=secrets.token_hex(8), action=action, operator=OPERATOR, **words))
        return {"action": action}

    def transcript(self) -> str:
        """What has been said and done, as a transcript test."""
        from .savetest import transcript  # only who asks for it pays for it

        past = self.history()
        began = int(past[0][2].get("at", 0)) if past else 0
        return transcript(
            self.parts.library, self.account, self.channel, self.flow.id, inputs_of(past, answers=True), began
        )

    def back(self, who: str) -> Plain:
        """A fresh contact who has done all that this one did but the last thing."""
        done = inputs_of(self.history())
        other = self.other(who)
        for step in done[:-1]:
            other.repeat(step)
        return {"who": who}

    def repeat(self, done: Mapping[str, Any]) -> None:
        """Do again what another contact did, and wait until it has been applied."""
        before = self.session().version
        match done["k"]:
            case "message":
                self.say(done["said"])
            case "clock":
                self.advance({"by": done["by"]})
            case "start":
                self.start(done)
            case "operator":
                self.operate(done)
        until = time.monotonic() + PATIENCE
        while not self._applied(before):
            if time.monotonic() > until:
                raise StoreUnavailable("the worker takes too long: try again")
            time.sleep(0.02)

    def push(self, what: Event) -> None:
        """An event that no webhook carries, into the contact's inbox."""
        store = self.parts.store
        body = event.to_bytes(what)
        store.run(
            inbox.push(
                self.partition,
                self.contact_id,
                self.channel.key,
                body,
                dedupe_id=what.id,
                at_ms=store.now(),
                sealed=self.parts.live.keeps_secrets(self.account.name),
            )
        )

    def _applied(self, before: int) -> bool:
        """Has an event been applied since, and everything that it made due?"""
        session = self.session()
        timer = next_timer(session)
        return session.version > before and (timer is None or timer[1] > self.parts.store.now() + session.skew)

    def _post(self, body: Mapping[str, Any]) -> None:
        status = poster(self.webhooks, self.channel)(orjson.dumps(body))
        if status != 200:
            raise StoreUnavailable(f"the webhook answered {status}")


def poster(webhooks: Webhooks, channel: Channel) -> provider.Post:
    """Posts bodies to the channel's webhook, as its provider: through the same door as any other, proof included."""

    def post(body: bytes) -> int:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/webhooks/{channel.key}",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_SIMULATOR_SECRET": channel.options.get("secret", ""),
            "wsgi.input": io.BytesIO(body),
        }
        return webhooks.answer(environ, channel.account, channel.name).status

    return post
