"""Plays transcripts: each in its own chat, stopped at the first line that does not come true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.flow import Flow
from ..errors import FlowbotError, InvalidRequest, NotFound
from ..library.library import Library
from ..model.duration import parse_duration
from ..model.effect import RecordTrace
from ..testing import NUMBER, Chat, Said, moment
from .answer import name_of
from .compare import ended, shown, take
from .given import impossible
from .mocks import unknown
from .read import Line, Transcript
from .stand_in import with_stand_ins
from .world import World

DIGITS = "0123456789"
NOON = "2026-11-20 12:00"  # when a test does not say: a Friday


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one test; `message` is "" when it passed."""

    transcript: Transcript
    message: str = ""
    number: int = 0  # the line it failed at
    chat: tuple[str, ...] = ()  # the conversation up to there
    traces: tuple[RecordTrace, ...] = ()  # what the engine did

    @property
    def passed(self) -> bool:
        return not self.message


def play(transcript: Transcript, library: Library) -> Result:
    """Run one test; never raises for what is wrong with the test or the flow."""
    player = _Player(transcript, library)
    message, number = "", 0
    try:
        player.play()
    except _Failed as failure:
        message, number = str(failure), failure.number
    traces = tuple(player.chat.traces) if player.chat else ()
    return Result(transcript=transcript, message=message, number=number, chat=tuple(player.written), traces=traces)


def act(chat: Chat, line: Line, zone: str) -> list[Said]:
    """What the bot says to a `user`, `wait` or `wait_until` line; InvalidRequest for one that cannot be."""
    if line.who == "user":
        return chat.user(line.what)
    if line.who == "operator":
        return chat.operator(line.what)
    if line.who == "event":
        return _happen(chat, line.what)
    if line.who == "wait_until":
        return chat.wait_until(moment(str(line.what), zone))
    try:
        return chat.wait(parse_duration(str(line.what)))
    except ValueError as error:
        raise InvalidRequest(str(error)) from None


def begin(chat: Chat, test: Transcript) -> list[Said]:
    """What the bot says before the contact does."""
    if not test.start:
        return []
    invite = test.start if isinstance(test.start, Mapping) else None
    if invite and "event" in invite:
        return _happen(chat, invite["event"])
    return chat.start(test.flow, test.given.get("inputs"), language=str(test.given.get("lang", "")), invite=invite)


def _happen(chat: Chat, event: Any) -> list[Said]:
    what = event if isinstance(event, Mapping) else {"name": event}
    given = what.get("with")
    about = {key: str(what[key]) for key in ("entity", "actor") if key in what}
    return chat.happen(str(what["name"]), given if isinstance(given, Mapping) else {}, **about)


class _Failed(Exception):
    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


class _Player:
    def __init__(self, transcript: Transcript, library: Library) -> None:
        self.transcript = transcript
        self.library = library
        self.chat: Chat | None = None
        self.unread: list[Said] = []
        self.written: list[str] = []
        self.traced = 0  # of the chat's traces, those before the last line that was acted on

    def play(self) -> None:
        test = self.transcript
        try:
            chat = self.chat = chat_for(test, self.library)
            self._heard(begin(chat, test))
        except FlowbotError as error:
            raise _Failed(str(error), test.number) from None
        for line in test.chat:
            try:
                self._line(chat, line)
            except FlowbotError as error:
                raise _Failed(f"{_written(line)}: {error}", line.number) from None
        end = test.chat[-1].number if test.chat else test.number
        self._nothing_left(end, "at the end")
        wrong = ended(test.expect, chat)
        if wrong:
            raise _Failed("; ".join(wrong), test.expect_line)

    def _line(self, chat: Chat, line: Line) -> None:
        if line.who == "bot":
            wrong = take(line.what, self.unread)
            if wrong:
                why = _waiting(chat) or ("" if self.unread else _unsaid(chat, self.traced))
                raise _Failed(f"expected {_written(line)}, {wrong}{why}", line.number)
            return
        self._nothing_left(line.number, f"before {_written(line)}")
        self.written.append(_written(line))
        self.traced = len(chat.traces)
        self._heard(act(chat, line, zone_of(self.transcript, self.library)))

    def _heard(self, said: list[Said]) -> None:
        self.unread += said
        self.written += [f"bot   {shown(one)}" for one in said]

    def _nothing_left(self, number: int, when: str) -> None:
        if self.unread:
            raise _Failed(f"the bot also said {shown(self.unread[0])} ({when})", number)


def chat_for(test: Transcript, library: Library) -> Chat:
    """A fresh chat as the test's `given` describes it; NotFound when the flow or the channel is not there."""
    flow = _flow(test.flow, library)
    given = test.given
    account, channel = where(library, flow.id, str(given.get("account", "")), str(given.get("channel", "")))
    now = moment(str(given.get("now", NOON)), zone_of(test, library))
    owner = library.account(account)
    strange = [*unknown(test.mocks, owner, library), *impossible(given, flow, owner, by_api=test.start == "api")]
    if strange:
        raise InvalidRequest(strange[0])
    world = World(mocks=test.mocks)
    book = with_stand_ins(library, test.mocks, world.give)
    facts = dict(given["contact"]) if isinstance(given.get("contact"), Mapping) else {}
    phone = "".join(one for one in str(facts.pop("phone", "")) if one in DIGITS)
    chat = Chat(book, account, channel, now=now, root=library.root, world=world, number=phone or NUMBER)
    chat.introduce(**facts)
    if given.get("lang"):
        chat.introduce(language=str(given["lang"]))
    return chat


def _flow(id: str, library: Library) -> Flow:
    try:
        return library.flow(id)
    except NotFound:
        wrong = library.mistakes(id)
        if wrong:
            first = f"{wrong[0].file}:{wrong[0].line} {wrong[0].message}"
            raise InvalidRequest(f"the flow {id!r} has mistakes, see `flowbot check`: {first}") from None
        raise


def where(library: Library, flow: str, account: str = "", channel: str = "") -> tuple[str, str]:
    """The account and channel that a flow is tried on: those named, else the first that may run it.

    A channel of the simulator goes before others.
    """
    for name, one in library.project.accounts.items():
        if (account and name != account) or (one.flows and flow not in one.flows):
            continue
        names = sorted(one.channels, key=lambda other: one.channels[other].gateway != "simulator")
        fits = [other for other in names if not channel or other == channel]
        if fits:
            return name, fits[0]
    wanted = "/".join(part for part in (account, channel) if part)
    raise NotFound(f"no channel {wanted or 'of any account'} runs the flow {flow!r}: see `flows` in flowbot.yaml")


def zone_of(test: Transcript, library: Library) -> str:
    """The time zone of times without one: the contact's, else the account's."""
    facts: Any = test.given.get("contact")
    own = facts.get("timezone") if isinstance(facts, Mapping) else ""
    account, _ = where(library, test.flow, str(test.given.get("account", "")), str(test.given.get("channel", "")))
    return str(own or library.account(account).timezone or "UTC")


def _waiting(chat: Chat) -> str:
    """A silence explained: what has no answer yet."""
    names = [name for call in chat.calls.values() if (name := name_of(call))]
    mock = names[0].replace("link.", "verify.") if names else ""
    return f"; {names[0]} has no answer: `mock: {{{mock}: …}}` gives it one" if names else ""


def _unsaid(chat: Chat, since: int) -> str:
    """A silence explained: what was not sent, and why."""
    traces = [*chat.traces[since:], *(one for other in chat.others.values() for one in other.traces)]
    for one in reversed(traces):
        detail = (
            one.facts.get("why") if one.what == "plan" and one.detail not in ("executed", "canceled") else one.detail
        )
        if detail and one.what in ("plan", "template_refused", "plan_refused", "not_sent"):
            return f" ({detail})"
    return ""


def _written(line: Line) -> str:
    what = line.what
    if isinstance(what, Mapping):
        what = "{" + ", ".join(f"{name}: {item}" for name, item in what.items()) + "}"
    return f"{line.who:<5} {what}"
