"""A conversation at the terminal: what each typed line does. It prints through a `Look`, and knows no terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from ..errors import FlowbotError, InvalidRequest
from ..library.library import Library
from ..library.yaml import read_yaml
from ..model import codec
from ..model.duration import format_duration, parse_duration
from ..testing import Chat, Said, moment
from ..transcript.answer import give
from ..transcript.hearing import FILES
from ..transcript.read import Line, read
from ..transcript.run import act, play
from ..transcript.write import clock, header, written
from . import outside
from .veil import cover, secrets

HELP = """\
what you type is the contact's message; a number presses that button ("=2" types the number)
/tap ID              press a button by its id or label, also an old one
/image FILE          send a photo; also /document /video /audio /sticker
/location [LAT LNG]  send a place
/form {"a": 1}       send a form, its answers as JSON
/contact NUMBER      send a contact's card
/ok {"id": 1}        what a called service answers; also /error
/verified            what a verifier says; also /rejected /unclear /expired /error
/event NAME [JSON]   something happens in your system
/operator TEXT       be the person who has taken over: a text, a button's id, or close
/wait 31m            let time pass; timers fire
/next-timer          go on to the next timer
/vars                what the flow knows
/trace               what the last message led to
/hooks               what the client was told
/back                take the last line back
/restart             begin again
/save-test [FILE]    write this chat as a transcript test
/help  /quit         a line that begins with // is a message that begins with /"""


class Look(Protocol):
    """How a conversation is shown."""

    def bot(self, said: Said) -> None: ...
    def user(self, text: str, *, typed: bool) -> None: ...
    def note(self, text: str) -> None: ...
    def data(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a chat begins; enough to begin it again."""

    flow: str
    account: str
    channel: str
    now: int
    zone: str
    by_api: bool = False
    invite: Mapping[str, Any] = field(default_factory=dict)  # a template that the contact is invited with
    opening: str = ""  # the contact's first message when the client does not start it
    inputs: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    name: str = ""


class Talk:
    """Feeds lines to a chat; `feed` returns False when it is over."""

    def __init__(self, library: Library, setup: Setup, look: Look, environ: Mapping[str, str]) -> None:
        self.library = library
        self.environ = environ
        self.setup = setup
        self.look = look
        self.played: list[tuple[Line, list[Said]]] = []
        self.chat = self._fresh()
        self._seen = (0, 0)  # hooks and traces before the last line
        self._offered = ""  # what was last told of whom it waits for

    def begin(self) -> None:
        self.played = []
        self.chat = self._fresh()
        who = "start" if self.setup.by_api else "user"
        self._play(Line(who=who, what=self.setup.opening or None))

    def feed(self, text: str) -> bool:
        """One typed line. A mistake in it is said, and changes nothing."""
        text = text.rstrip("\r\n").encode("utf-8", "replace").decode()  # a pipe may hold what is no text
        if not text.strip():
            return True
        word, _, rest = text.partition(" ")
        try:
            if word in ("/quit", "/exit", "/q"):
                return False
            if text.startswith("/") and not text.startswith("//"):
                self._command(word.removeprefix("/"), rest.strip())
            else:
                typed = text.removeprefix("/") if text.startswith("//") else text
                message = self._message(typed)
                self._play(Line(who="user", what=message), typed=message == typed)
        except (FlowbotError, ValueError, OSError) as error:
            self.look.note(str(error))
        return True

    # -- lines

    def _message(self, text: str) -> Any:
        """The text, or the tap on the button of that number."""
        if text.startswith("=") and text[1:].strip().isdigit():
            return text[1:].strip()
        choices = self.chat.messages[-1].outbound.choices if self.chat.messages else ()
        if choices and text.strip().isdigit() and 1 <= int(text) <= len(choices):
            return {"tap": choices[int(text) - 1].id}
        return text

    def _command(self, word: str, rest: str) -> None:
        commands: dict[str, Callable[[str], None]] = {
            "tap": lambda given: self._play(Line(who="user", what={"tap": given})),
            "location": self._location,
            "contact": lambda given: self._play(Line(who="user", what={"contact": given})),
            "form": self._form,
            "event": lambda given: self._play(outside.happened(given)),
            "operator": lambda given: self._play(outside.operated(self.chat, given)),
            "wait": lambda given: self._play(Line(who="wait", what=format_duration(parse_duration(given)))),
            "next-timer": self._next_timer,
            "vars": lambda given: self.look.data(_json(self._vars())),
            "trace": lambda given: self._trace(),
            "hooks": lambda given: self._hooks(),
            "back": lambda given: self._back(),
            "restart": lambda given: self.begin(),
            "save-test": self._save,
            "help": lambda given: self.look.data(HELP),
        }
        if word in FILES:
            if not rest:
                raise InvalidRequest(f"/{word} wants a file: /{word} photo.jpg")
            self._play(Line(who="user", what={word: rest}))
            if not (self.library.root / rest).is_file():
                self.look.note(f"there is no file {rest} here: only its name was sent, and nothing looked into it")
        elif word in commands:
            commands[word](rest)
        elif word in outside.WORDS:
            self._play(outside.said(self.chat, word, rest))
        else:
            raise InvalidRequest(f"there is no /{word}; /help lists what there is")

    def _form(self, rest: str) -> None:
        try:
            values = orjson.loads(rest or "{}")
        except orjson.JSONDecodeError:
            values = None
        if not isinstance(values, dict):
            raise InvalidRequest('/form wants its answers as JSON: /form {"name": "Ana"}')
        self._play(Line(who="user", what={"form": values}))

    def _location(self, rest: str) -> None:
        parts = rest.replace(",", " ").split() or ["4.711", "-74.0721"]
        try:
            latitude, longitude = map(float, parts)
        except ValueError:
            raise InvalidRequest("/location wants a latitude and a longitude: /location 4.71 -74.07") from None
        self._play(Line(who="user", what={"location": [latitude, longitude]}))

    def _next_timer(self, rest: str) -> None:
        due = self.chat.next_timer
        if due is None:
            raise InvalidRequest("no timer is set")
        seconds = -(-max(0, due - self.chat.now) // 1000)
        self._play(Line(who="wait", what=format_duration(seconds * 1000)))

    # -- playing

    def _play(self, line: Line, *, typed: bool = False) -> None:
        self._reload()
        self._seen = (len(self.chat.hooks), len(self.chat.traces))
        if line.who == "user":
            self.look.user(_shown(line.what), typed=typed)
        elsewhere = len(self.chat.elsewhere)
        said = self._run(self.chat, line)
        self.played.append((line, said))
        for text in self.chat.elsewhere[elsewhere:]:
            self.look.note(f"outside of this chat, to {text}")
        if line.who == "wait":
            self.look.note(f"{line.what} later: {clock(self.chat.now, self.setup.zone)}")
        self._show(said)

    def _run(self, chat: Chat, line: Line) -> list[Said]:
        if line.who == "start":
            setup = self.setup
            return chat.start(setup.flow, setup.inputs, language=setup.language, invite=setup.invite or None)
        if line.who == "answer":
            return give(chat, line.what)
        if line.who in ("operator", "event"):
            return act(chat, line, self.setup.zone)
        return chat.wait(parse_duration(line.what)) if line.who == "wait" else chat.user(line.what)

    def _show(self, said: list[Said]) -> None:
        for one in said:
            self.look.bot(one)
        for hook in self.chat.hooks[self._seen[0] :]:
            result = self._covered(hook.data).get("result")
            reason = hook.data.get("reason")
            self.look.note(hook.type + (f" {reason}" if reason else "") + (f" {_inline(result)}" if result else ""))
        waits = outside.offered(self.chat)
        if waits and (waits != self._offered or not said):
            self.look.note(waits)
        self._offered = waits
        if not said and not waits and not self.chat.hooks[self._seen[0] :]:
            collecting = self.chat.process is not None and self.chat.process.bursts
            self.look.note("(more may come: /next-timer)" if collecting else "(nothing)")

    def _back(self) -> None:
        """Play everything but the last line again: the same lines give the same chat."""
        if len(self.played) < 2:
            raise InvalidRequest("there is nothing to take back")
        lines = [line for line, _ in self.played[:-1]]
        self.chat, self.played = self._fresh(), []
        for line in lines:
            self.played.append((line, self._run(self.chat, line)))
        self.look.note("taken back")
        self._seen = (len(self.chat.hooks), len(self.chat.traces))
        for one in self.played[-1][1]:
            self.look.bot(one)

    def _fresh(self) -> Chat:
        setup = self.setup
        chat = Chat(self.library, setup.account, setup.channel, now=setup.now, root=self.library.root)
        chat.introduce(**{key: value for key, value in (("name", setup.name), ("language", setup.language)) if value})
        return chat

    def _reload(self) -> None:
        """The newest files are live at once; the open conversation stays on its version."""
        if self.library.changed():
            from ..library.load import load

            self.library = load(self.library.root, self.environ, before=self.library)
            self.chat.book = self.library
            self.look.note("files changed: read again")

    # -- looking

    def _vars(self) -> dict[str, Any]:
        chat, process = self.chat, self.chat.process
        contact = chat.contact
        shown = {"name": contact.name, "language": contact.language, **contact.fields}
        if process is None:
            return {"process": None, "last": chat.last or None, "contact": shown}
        timers = {name: clock(at, self.setup.zone) for (name, _), at in sorted(chat.timers.items())}
        return {
            "step": process.step,
            **self._covered({"answers": process.answers, "vars": process.vars, "inputs": process.inputs}),
            "contact": self._covered(shown),
            "lang": process.lang,
            "timers": timers,
        }

    def _covered(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Without sensitive answers: the client is told them, a terminal is not."""
        steps = [step for flow in self.library.flows.values() for step in flow.steps.values() if step.sensitive]
        names = {name for step in steps for name in (step.save, step.contact_field) if name}
        process = self.chat.process
        known = {"here": data, "answers": process.answers if process else {}}
        covered: dict[str, Any] = cover(data, names, secrets(known, names))
        return covered

    def _hooks(self) -> None:
        for one in self.chat.hooks:
            self.look.data(_json({"type": one.type, **one.data}))

    def _trace(self) -> None:
        for one in self.chat.traces[self._seen[1] :]:
            facts = f" {_inline(one.facts)}" if one.facts else ""
            self.look.data(f"{one.step or '-':<18} {one.what:<10} {one.detail}{facts}")

    def _save(self, rest: str) -> None:
        root, setup = self.library.root, self.setup
        path = root / (rest or f"flows/{setup.flow}.test.yaml")
        if not path.name.endswith(".test.yaml"):
            raise InvalidRequest("a transcript's file ends in .test.yaml")
        given: dict[str, Any] = {"now": clock(setup.now, setup.zone), "account": setup.account}
        given |= {"channel": setup.channel}
        given |= {"lang": setup.language} if setup.language else {}
        given |= {"contact": {"name": setup.name}} if setup.name else {}
        given |= {"inputs": dict(setup.inputs)} if setup.inputs else {}
        before = path.read_text("utf-8").rstrip() if path.is_file() else header(setup.flow)
        count = before.count("- test:") + 1
        text = written(f"chat {count}", self.played, self.chat, given, start=setup.invite or "api" * setup.by_api)
        whole = f"{before}\n\n{text}" if path.is_file() else f"{before}\n{text}"
        _check(path, whole, root, self.library)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(whole, "utf-8")
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        self.look.note(f"saved as 'chat {count}' in {shown}")


def _check(path: Path, text: str, root: Path, library: Library) -> None:
    """A test is saved only when it can be read back and passes."""
    problems = [one for one in read_yaml(path.name, text.encode()).problems if one.level == "error"]
    if problems:
        raise InvalidRequest(f"{path.name} can't be added to: {problems[0].message}; name another file")
    trial = path.with_name(f".{path.name}.trial")
    trial.parent.mkdir(parents=True, exist_ok=True)
    trial.write_text(text, "utf-8")
    try:
        tests, wrong = read(trial, root)
        result = play(tests[-1], library) if tests and not wrong else None
    finally:
        trial.unlink()
    if result is None or not result.passed:
        why = result.message if result else "it can't be read back"
        raise InvalidRequest(f"this chat can't be a test that passes: {why}")


def _shown(what: Any) -> str:
    if isinstance(what, Mapping):
        kind, value = next(iter(what.items()))
        return f"[{kind}: {value}]"
    return str(what)


def _json(value: Any) -> str:
    return orjson.dumps(codec.to_plain(value), option=orjson.OPT_INDENT_2, default=str).decode()


def _inline(value: Any) -> str:
    return orjson.dumps(codec.to_plain(value), default=str).decode()


def at_the_start(text: str, zone: str, real: int) -> int:
    """The virtual clock's first time: given, or the real one without its seconds."""
    return moment(text, zone) if text else real - real % 60_000
