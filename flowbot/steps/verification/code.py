"""A one-time code: it goes to the contact by WhatsApp, SMS or e-mail, and the contact writes it in this chat.

With `by: link` it is a link that goes out, to a page of ours with one button: who presses that has read the message.

The code is made, sent and compared outside of the flow (`code.issue`, `code.check`): no session, trace or history ever
holds it. Only this chat and this process can use it, once; it is locked after some wrong ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ...model.code import LENGTHS, typed
from ...model.duration import MINUTE, SECOND
from ...model.event import CallAnswered, Event, MessageReceived, MessageRefused, TimerFired
from ...model.problem import Path
from ..ask import Ask, Command
from ..base import WAIT, Keys, Outcome, Tools, Value, Visit
from ..fields import Table, Text
from ..target import Route

CHANNELS = {"otp": ("whatsapp", "sms", "email"), "email": ("email",), "phone": ("sms", "whatsapp")}
WAYS = ("code", "link")
BOUNDS = ("by", "channel", "to", "length", "valid_for", "attempts", "template", "integration")
TRIES = (1, 10)
VALID = (MINUTE, 30 * MINUTE)
RESEND = "resend"
ISSUE, CHECK, OPEN = "code.issue", "code.check", "code.open"
OUTCOMES = ("verified", "rejected", "expired", "error")
WORDINGS = ("wrong", "form", "resent", "soon", "unsent", "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    kind: str  # otp, email, phone
    question: Ask
    wordings: Mapping[str, str]  # what is said: the flow's own entry <step>_<what>, else the shipped code.<what>
    channel: str  # whatsapp, sms, email
    to: Value  # a number or an address; "" for the contact's own
    length: int = 6  # digits
    valid_for: int = 10 * MINUTE  # ms
    attempts: int = 5  # wrong codes, then it is locked
    template: str = ""  # WhatsApp's authentication template; "" for the account's
    integration: str = ""  # the action that sends it; "" for the account's
    link: bool = False  # it is a link that is opened, and not a code that is written here

    word: ClassVar[str] = "verify"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "verified"
    bad: ClassVar[tuple[str, ...]] = OUTCOMES[1:]
    shares: ClassVar[tuple[str, ...]] = ("timeout",)
    finds: ClassVar[tuple[str, ...]] = ("kind", "status", "channel", "reason", "codes", "remaining")

    class Schema(Keys):
        verify = Text(required=True)
        ask = Text()
        with_ = Table(data_key="with")

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Code:
        kind, here = data["verify"] if data["verify"] in CHANNELS else "otp", (*path, "with")
        given = tools.row(data.get("with", {}), here, ("to",) if kind == "email" else (), BOUNDS)
        link, shipped = _by(kind, given, tools, here), "code"
        if link:
            shipped, given = "link", {"channel": "sms" if kind == "phone" else "email", **given}
        if "ask" in data:
            key = tools.entry(data["ask"], (*path, "ask"))
        else:
            key = tools.own_entry(tools.step, f"{shipped}.ask", path)
        if "integration" in given:
            tools.sender_named(str(given["integration"]), (*here, "integration"))
        if "template" in given:
            tools.template_named(str(given["template"]), (*here, "template"))
        return cls(
            kind=kind,
            question=Ask(key=key, bounds=tools.value({}, path), commands={RESEND: Command()}),
            wordings={
                what: tools.own_entry(f"{tools.step}_{what}", f"{shipped}.{what}", path)
                for what in WORDINGS
                if not (link and what == "wrong")
            },
            channel=tools.one_of(
                str(given.get("channel", CHANNELS[kind][0])), CHANNELS[kind], (*here, "channel"), "channel"
            ),
            to=tools.value(given.get("to", ""), (*here, "to")),
            length=_count(given, "length", 6, LENGTHS, tools, here),
            valid_for=_valid_for(given, tools, here),
            attempts=_count(given, "attempts", 5, TRIES, tools, here),
            template=str(given.get("template", "")),
            integration=str(given.get("integration", "")),
            link=link,
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        return OUTCOMES

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {}

    def enter(self, visit: Visit) -> Outcome:
        visit.found({})
        if self.link:
            visit.await_link(self)
        return self._send(visit)

    def _send(self, visit: Visit, *, again: bool = False) -> Outcome:
        """Ask for a code; a contact without an address, or one in a country that gets none, is known before."""
        refused = visit.send_code(self, again=again)
        if not refused:
            return WAIT
        if again:
            visit.say(self.wordings["unsent"])
            return WAIT
        return self._end(visit, "error", reason=refused)

    def resume(self, visit: Visit, event: Event) -> Outcome:
        match event:
            case MessageReceived():
                return self._answered(visit, event)
            case CallAnswered():
                return self._issued(visit, event) if event.kind == ISSUE else self._checked(visit, event)
            case MessageRefused():
                return self._end(visit, "error", reason="undelivered")
            case TimerFired(name="verb.again"):
                return self._send(visit)
            case TimerFired(name="verb.over"):
                return self._end(visit, "expired")
        return WAIT

    def hear(self, visit: Visit, word: str) -> Outcome:
        """A word for this step alone: another code."""
        return self._send(visit, again=True) if visit.asked else WAIT

    def _answered(self, visit: Visit, event: MessageReceived) -> Outcome:
        """What is typed here is never kept, be it the code or not."""
        if self.link:
            if visit.asked:
                visit.say(self.wordings["form"])
            return WAIT
        visit.conceal()
        code = typed(event.inbound.text, self.length) if event.inbound.kind == "text" else ""
        if not visit.asked:
            return WAIT
        if code:
            visit.check_code(self, code)
        else:
            visit.say(self.wordings["form"], n=self.length)
        return WAIT

    def _issued(self, visit: Visit, event: CallAnswered) -> Outcome:
        again, outcome = visit.asked, event.outcome
        if outcome in ("sent", "kept"):
            if outcome == "sent":
                visit.found({**visit.noted, "codes": visit.noted.get("codes", 0) + 1})
            if not again:
                visit.question(self.question)
            elif outcome == "sent":
                visit.say(self.wordings["resent"])
            visit.remind("over", int(event.result.get("valid_for", self.valid_for)))
        elif outcome == "soon":
            wait = max(SECOND, int(event.result.get("wait", SECOND)))
            visit.say(self.wordings["soon"], n=-(-wait // SECOND))
            if not again:
                visit.remind("again", wait)
        elif outcome in OUTCOMES and (outcome != "error" or not again):
            return self._end(visit, outcome, reason=event.reason)
        else:
            visit.say(self.wordings["unsent"])
        return WAIT

    def _checked(self, visit: Visit, event: CallAnswered) -> Outcome:
        left = int(event.result.get("left", 0))
        if "left" in event.result:
            visit.found({**visit.noted, "remaining": left})
        if event.outcome == "wrong":
            visit.say(self.wordings["wrong"], n=left)
            return WAIT
        if event.outcome in OUTCOMES:
            return self._end(visit, event.outcome, reason=event.reason)
        if not self.link:
            visit.say(self.wordings["form"], n=self.length)
        return WAIT

    def late(self, visit: Visit) -> None:
        """The step's own time is over before the code was written."""
        self._end(visit, "expired", reason="timeout")

    def _end(self, visit: Visit, outcome: str, *, reason: str = "") -> Outcome:
        visit.judge({"kind": self.kind, "status": outcome, "channel": self.channel, "reason": reason})
        return outcome


def _by(kind: str, given: Mapping[str, Any], tools: Tools, here: Path) -> bool:
    """Whether a link is sent, which is for addresses outside of this chat."""
    link = tools.one_of(str(given.get("by", "code")), WAYS, (*here, "by"), "way") == "link"
    if link and kind == "otp":
        tools.problem((*here, "by"), "F203", "a link verifies an address", hint="verify: email, or verify: phone")
    elif link and given.get("channel") == "whatsapp":
        tools.problem((*here, "channel"), "F203", "a link goes by sms or by e-mail", hint="channel: sms")
    return link


def _count(given: Mapping[str, Any], name: str, usual: int, bounds: tuple[int, int], tools: Tools, path: Path) -> int:
    found, (least, most) = given.get(name, usual), bounds
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        tools.problem((*path, name), "F203", f"{name!r} should be a whole number from {least} to {most}")
        return usual
    return found


def _valid_for(given: Mapping[str, Any], tools: Tools, path: Path) -> int:
    found = tools.duration(given.get("valid_for", "10m"), (*path, "valid_for"))
    if not VALID[0] <= found <= VALID[1]:
        tools.problem((*path, "valid_for"), "F218", "a code is valid for 1m at least and 30m at most")
        return 10 * MINUTE
    return found
