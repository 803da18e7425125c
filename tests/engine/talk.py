"""A conversation with the engine alone: flows as YAML, a clock that stands until it is moved.

After every turn the session and the contact are read again from their JSON, so that nothing lives on but the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import Any

from flowbot.engine import attempts
from flowbot.engine.compiler import Compiled, Facts, compile_flow
from flowbot.engine.flow import Flow
from flowbot.engine.rules import Rule
from flowbot.engine.schedule import Tier
from flowbot.engine.starts import Starts
from flowbot.engine.turn import Turn, advance
from flowbot.errors import NotFound
from flowbot.library.content import shipped
from flowbot.library.yaml import read_yaml
from flowbot.model import codec
from flowbot.model.attempt import Attempt
from flowbot.model.contact import Contact, Identity
from flowbot.model.duration import parse_duration
from flowbot.model.effect import (
    CancelCall,
    CancelTimer,
    EmitHook,
    RecordConsent,
    RecordTrace,
    RequestCall,
    SaveProcess,
    SendElsewhere,
    SendMessage,
    SetTimer,
)
from flowbot.model.event import (
    CallAnswered,
    ConversationRequested,
    Event,
    EventReceived,
    MessageReceived,
    OperatorActed,
    TimerFired,
)
from flowbot.model.inbound import Inbound, Media, Place, Tap
from flowbot.model.outbound import Outbound
from flowbot.model.project import Account
from flowbot.model.session import Session
from flowbot.model.template import APPROVED, Approval, Template

NOW = 1_795_219_200_000  # 2026-11-21 00:00 UTC


def compiled(
    text: str, content: Mapping[str, Mapping[str, Any]] | None = None, *, id: str = "demo", known: Facts | None = None
) -> Compiled:
    """A flow from its YAML, over the shipped words in English and Spanish."""
    read = read_yaml(f"flows/{id}.yaml", dedent(text).encode())
    assert read.source is not None, read.problems
    return compile_flow(read.source, content or {}, known=known, shipped=shipped(("en", "es")))


def flow_of(text: str, content: Mapping[str, Mapping[str, Any]] | None = None, *, id: str = "demo") -> Flow:
    made = compiled(text, content, id=id)
    assert made.flow is not None, [(one.line, one.code, one.message) for one in made.problems]
    return made.flow


class Book:
    """Flows in a dict; `versions` keeps the old ones."""

    def __init__(self, *flows: Flow, account: Account | None = None, templates: Sequence[Template] = ()) -> None:
        self.flows: dict[str, Flow] = {}
        self.versions: dict[str, Flow] = {}
        self.of = account or Account(name="acme", default_country="CO")
        self.templates = {one.name: one for one in templates}
        self.statuses: dict[str, str] = {}  # template -> what its provider says; APPROVED unless it is here
        for flow in flows:
            self.publish(flow)

    def publish(self, flow: Flow) -> None:
        self.flows[flow.id] = self.versions[flow.version] = flow

    def part(self, id: str) -> Flow:
        return self.flow(id)

    def account(self, name: str) -> Account:
        return self.of

    def flow(self, id: str, version: str = "") -> Flow:
        found = self.versions.get(version) if version else self.flows.get(id)
        if found is None:
            raise NotFound(f"no flow {id} {version}")
        return found

    def template(self, name: str, account: str = "") -> Template:
        if name not in self.templates:
            raise NotFound(f"no template {name}")
        return self.templates[name]

    def approval(self, account: str, channel: str, name: str, language: str) -> Approval | None:
        return Approval(name=name, language=language, status=self.statuses.get(name, APPROVED))

    def starts(self, account: str, channel: str) -> Starts:
        return Starts.of(self.flows.values(), channel)

    def rules(self, account: str) -> tuple[Rule, ...]:
        return ()


@dataclass
class Talk:
    book: Book
    session: Session = field(default_factory=lambda: Session(account="acme", channel="main", contact_id="c1"))
    contact: Contact = field(
        default_factory=lambda: Contact(id="c1", account="acme", number="573001112233", country="CO")
    )
    now: int = NOW
    turns: list[Turn] = field(default_factory=list)
    timers: dict[tuple[str, int], int] = field(default_factory=dict)
    calls: dict[str, RequestCall] = field(default_factory=dict)  # not yet answered
    events: int = 0
    tried: dict[str, dict[str, int]] = field(default_factory=dict)  # starts whose number is limited
    tier: Tier | None = None  # what the provider still allows in conversations that we open

    # -- what happens

    def turn(self, event: Event) -> Turn:
        def run(known: Mapping[str, bool]) -> Turn:
            return advance(self.session, self.contact, event, self.book, self.now, attempts=known, tier=self.tier)

        return attempts.told(run, self.grant)

    def grant(self, attempt: Attempt) -> bool:
        taken = self.tried.setdefault(attempt.counted, {})
        if attempt.name not in taken and attempts.has_place(attempt, taken.values()):
            taken[attempt.name] = attempt.at
        return attempt.name in taken

    def apply(self, event: Event) -> Turn:
        before = self.session
        turn = self.turn(event)
        assert turn.session.version == before.version + 1
        assert turn == self.turn(event), "a turn is not repeatable"
        self.session = codec.decode(Session, codec.encode(turn.session))
        self.contact = codec.decode(Contact, codec.encode(turn.contact))
        assert self.session == turn.session
        for effect in turn.effects:
            if isinstance(effect, SetTimer):
                self.timers[effect.name, effect.visit] = effect.at
            elif isinstance(effect, CancelTimer):
                self.timers.pop((effect.name, effect.visit), None)
            elif isinstance(effect, RequestCall):
                self.calls[effect.id] = effect
            elif isinstance(effect, CancelCall):
                self.calls.pop(effect.id, None)
        self.turns.append(turn)
        return turn

    def inbound(self, kind: str, **facts: Any) -> Turn:
        self.events += 1
        self.now += 1000
        sender = facts.pop("sender", Identity(number="573001112233", name="Ana"))
        return self.apply(MessageReceived(inbound=Inbound(id=f"w{self.events}", sender=sender, kind=kind, **facts)))

    def user(self, text: str) -> Turn:
        return self.inbound("text", text=text)

    def tap(self, choice: str, visit: int | None = None, title: str = "") -> Turn:
        """A press on a button of the open question, or of the given visit."""
        if visit is None:
            visit = self.session.process.visit if self.session.process else 0
        return self.inbound("tap", tap=Tap(choice=choice, visit=visit, title=title or choice))

    def image(self, **facts: Any) -> Turn:
        return self.inbound("image", media=Media(kind="image", id="m1", mime="image/jpeg", **facts))

    def place(self) -> Turn:
        return self.inbound("location", place=Place(latitude=4.6, longitude=-74.1))

    def api(self, flow: str = "demo", **facts: Any) -> Turn:
        self.events += 1
        return self.apply(ConversationRequested(process_id=f"pr_0_api{self.events}", flow=flow, **facts))

    def happen(self, name: str, data: Mapping[str, Any] | None = None) -> Turn:
        """Something in the client's world."""
        self.events += 1
        return self.apply(EventReceived(nonce=f"n{self.events}", name=name, data=data or {}))

    def answer(
        self, outcome: str = "ok", result: Mapping[str, Any] | None = None, *, reason: str = "", call: str = ""
    ) -> Turn:
        """What the outside world says to the call that was asked for last, or to that one."""
        asked = self.calls.pop(call or next(reversed(self.calls)))
        return self.apply(
            CallAnswered(
                call=asked.id, kind=asked.kind, visit=asked.visit, outcome=outcome, result=result or {}, reason=reason
            )
        )

    def operator(self, action: str, **facts: Any) -> Turn:
        self.events += 1
        return self.apply(OperatorActed(nonce=f"o{self.events}", action=action, operator="eva", **facts))

    def wait(self, duration: str) -> list[Turn]:
        """Let time pass; timers fire when they are due, in order."""
        until = self.now + parse_duration(duration)
        fired = []
        while due := sorted((at, key) for key, at in self.timers.items() if at <= until):
            at, (name, visit) = due[0]
            del self.timers[name, visit]
            self.now = max(self.now, at)
            fired.append(self.apply(TimerFired(name=name, visit=visit, due=at)))
        self.now = until
        return fired

    # -- what came of it

    @property
    def last(self) -> Turn:
        return self.turns[-1]

    @property
    def step(self) -> str:
        return self.session.process.step if self.session.process else ""

    def sent(self, turn: Turn | None = None) -> list[Outbound]:
        return [one.outbound for one in (turn or self.last).effects if isinstance(one, SendMessage)]

    def elsewhere(self, turn: Turn | None = None) -> list[SendElsewhere]:
        return [one for one in (turn or self.last).effects if isinstance(one, SendElsewhere)]

    def said(self, turn: Turn | None = None) -> list[str]:
        """The content keys of what the turn sent."""
        return [one.key for one in self.sent(turn)]

    def texts(self, turn: Turn | None = None) -> list[str]:
        return [one.text for one in self.sent(turn)]

    def traces(self, turn: Turn | None = None) -> list[tuple[str, str]]:
        return [(one.what, one.detail) for one in (turn or self.last).effects if isinstance(one, RecordTrace)]

    @property
    def hooks(self) -> list[EmitHook]:
        return [one for turn in self.turns for one in turn.effects if isinstance(one, EmitHook)]

    @property
    def hook_types(self) -> list[str]:
        return [one.type for one in self.hooks]

    @property
    def consents(self) -> list[tuple[str, str, str]]:
        """Topic, change and method of what went into the ledger."""
        found = [one for turn in self.turns for one in turn.effects if isinstance(one, RecordConsent)]
        return [(one.topic, one.change, one.method) for one in found]

    @property
    def ended(self) -> Mapping[str, Any]:
        """The record of the process that ended last."""
        saved = [one for turn in self.turns for one in turn.effects if isinstance(one, SaveProcess)]
        return next(one.data for one in reversed(saved) if one.data["status"] != "pending")

    def change(self, **facts: Any) -> None:
        self.contact = replace(self.contact, **facts)


def talk(
    text: str, content: Mapping[str, Mapping[str, Any]] | None = None, *, more: Mapping[str, str] | None = None
) -> Talk:
    """A talk with the flow `demo`, and with more flows by id."""
    flows = [flow_of(text, content), *(flow_of(other, id=id) for id, other in (more or {}).items())]
    return Talk(Book(*flows))
