"""Ask a question and wait for the answer.

```yaml
flow: example
languages: [en]
steps:
  age:
    ask: How old are you?
    expect: integer
    with: {min: 0, max: 120}
    validate: [{check: answers.age >= 18, say: This is for grown-ups., then: closing}]
    commands: {help: {say: "In years, please.", max: 3}}     # which words these are stands in content, below `words`
    retry: {times: 2, then: {fail: too_many_tries}}
  plan:
    ask: Which plan?
    choices: {basic: why, full: {then: why, set: {vars.full: true}}}
    match: close                  # or exact, any_word, all_words, phrase, starts_with
    stale: accept                 # of a tap on an old button; or say, back
  why:
    ask: Why this one?
    collect: {quiet: 10s, until: done, most: 2}
  closing: {say: "Thank you.", succeed: {age: "{{ answers.age }}", plan: "{{ answers.plan }}"}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..model.duration import MINUTE, SECOND
from ..model.event import CallAnswered, Event, MessageReceived, TimerFired
from ..model.inbound import LARGEST_MB
from ..model.problem import Path
from ..model.quick import quick
from .base import WAIT, Expression, Keys, Outcome, Reading, Tools, Value, Visit
from .choices import CHOSEN, EMPTY, FINDS, RESERVED, Deed, Offer, choices_of, is_data, offer_of
from .fields import Anything, Rows, Table, Text
from .target import Route, Target

MATCHES = ("close", "exact", "any_word", "all_words", "phrase", "starts_with")
STALE = ("say", "accept", "back")
PRIVATE = {  # types of answers that are better not shown to everybody who may look, and what happens to them
    "card": "only the last four digits of the card are kept: with `sensitive` the hook and the API have all of them",
    "iban": "the account's number is seen by everybody who may look at conversations",
    "national_id": "the document's number is seen by everybody who may look at conversations",
}
_BYTES = ("formats", "max_mb")
LOOKED = {  # bounds about the bytes of a file, by the type of the answer
    "image": (*_BYTES, "types", "min_width", "min_height", "sharp"),
    **dict.fromkeys(("document", "audio", "video"), (*_BYTES, "types")),
    "any_media": _BYTES,
}
LONGEST_QUIET, MOST_PARTS = 10 * MINUTE, 30
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A word for this step alone: it leads on, at most `max` times in one visit (0: no limit)."""

    max: int = 0
    say: str = ""
    target: Target | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A condition that the answer has to meet."""

    when: Expression
    say: str = ""
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Several messages are one answer: until it is quiet for so many ms, the word comes, or `most` of them did."""

    quiet: int = 0  # 0: only the word ends it, or their number
    until: str = ""
    most: int = MOST_PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    key: str  # the content entry
    expect: str = "text"
    bounds: Value  # the contents of `with`, from a scope
    match: str = "close"
    choices: tuple[str, ...] = ()  # ids, in order
    data: Offer | None = None  # choices from data, instead
    free: bool = False  # beside the choices, an answer of the type `expect` counts too
    ways: Mapping[str, Target] = field(default_factory=dict)  # choice -> where its own `then` leads
    deeds: Mapping[str, Deed] = field(default_factory=dict)  # choice -> what it does on its way
    commands: Mapping[str, Command] = field(default_factory=dict)
    collect: Collect | None = None
    checks: tuple[Check, ...] = ()
    stale: str = "say"

    word: ClassVar[str] = "ask"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "answered"
    bad: ClassVar[tuple[str, ...]] = ("invalid", "timeout")
    shares: ClassVar[tuple[str, ...]] = ("save", "timeout", "retry", "sensitive")

    class Schema(Keys):
        ask = Text(required=True)
        expect = Text()
        with_ = Table(data_key="with")
        match = Text()
        choices = Anything()
        commands = Table()
        collect = Table()
        validate_ = Rows(data_key="validate")
        stale = Text()

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Ask:
        given, here = data.get("choices"), (*path, "choices")
        offer = offer_of(given, tools, here) if is_data(given) else None
        ways, deeds = choices_of(None if offer else given, tools, here)
        expect = data.get("expect", "text")
        if expect in PRIVATE and not data.get("sensitive"):
            tools.problem((*path, "expect"), "F234", PRIVATE[expect], hint="sensitive: true", level="note")
        _bounds(expect, data, tools, path)
        return cls(
            key=tools.entry(data["ask"], (*path, "ask")),
            expect=tools.kind(expect, data.get("with", {}), path),
            bounds=tools.value(data.get("with", {}), (*path, "with")),
            match=tools.one_of(data.get("match", "close"), MATCHES, (*path, "match"), "match"),
            choices=tuple(ways),
            data=offer,
            free="expect" in data,
            ways={choice: target for choice, target in ways.items() if target is not None},
            deeds=deeds,
            commands=_commands(data.get("commands", {}), tools, (*path, "commands")),
            collect=_collect(data, tools, (*path, "collect")) if "collect" in data else None,
            checks=_checks(data.get("validate", []), tools, (*path, "validate")),
            stale=tools.one_of(data.get("stale", "say"), STALE, (*path, "stale"), "policy"),
        )

    @property
    def closed(self) -> bool:
        """Only ever left by one of its choices, each of which leads somewhere by itself."""
        return bool(self.choices or (self.data and self.data.then)) and not self.free

    @property
    def finds(self) -> tuple[str, ...]:
        """What stands under the step's id: of a choice from data its row."""
        return FINDS if self.data is not None else ()

    @property
    def outcomes(self) -> tuple[str, ...]:
        return (*self.choices, *RESERVED)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        found: dict[str, tuple[Route, ...]] = dict(self.data.routes) if self.data else {}
        found |= {choice: (Route(target=target),) for choice, target in self.ways.items()}
        for word, command in self.commands.items():
            if command.target is not None:
                found[f"command:{word}"] = (Route(target=command.target),)
        for number, check in enumerate(self.checks):
            if check.target is not None:
                found[f"validate:{number}"] = (Route(target=check.target),)
        return found

    def enter(self, visit: Visit) -> Outcome:
        if self.data is not None and not visit.offers(self):
            return EMPTY
        visit.question(self)
        return WAIT

    def resume(self, visit: Visit, event: Event) -> Outcome:
        reading = self._reading(visit, event)
        if reading is None:
            return WAIT
        if reading.refused:
            return visit.refuse(reading.refused, reading.params)
        for number, check in enumerate(self.checks):
            if not visit.holds(check.when, reading.value):
                if check.target is None:
                    return visit.refuse("invalid", {}, say=check.say)
                if check.say:
                    visit.say(check.say)
                return f"validate:{number}"
        visit.save(reading)
        if reading.choice in self.deeds:
            self.deeds[reading.choice].perform(visit)
        if reading.row is not None:
            return self._picked(visit, reading.row)
        return reading.choice or self.good

    def _picked(self, visit: Visit, row: Mapping[str, Any]) -> Outcome:
        """A choice from data: what stands behind it is read by texts under the step's id."""
        if row:
            visit.found(row)
        return CHOSEN if self.data is not None and self.data.then is not None else self.good

    def _reading(self, visit: Visit, event: Event) -> Reading | None:
        """What was said; None when more may come, or nothing did."""
        if isinstance(event, MessageReceived):
            if self.collect:
                return visit.collect(self, event.inbound)
            return None if visit.look(self, event.inbound) else visit.read(self, event.inbound)
        if isinstance(event, CallAnswered):
            return visit.looked(self, event)
        return visit.collected(self) if self.collect and isinstance(event, TimerFired) else None


def _bounds(expect: str, data: Mapping[str, Any], tools: Tools, path: Path) -> None:
    """What is said of a file's bytes has to be looked at: not with `collect`, and not beyond what is fetched."""
    given = data.get("with", {})
    about = [name for name in LOOKED.get(expect, ()) if name in given]
    if about and "collect" in data:
        message = f"files that `collect` takes are not fetched: '{about[0]}' goes by their sender's word, or by nothing"
        tools.problem((*path, "with", about[0]), "F241", message, hint="ask for one file at a time", level="warning")
    most = given.get("max_mb")
    if "max_mb" in about and isinstance(most, (int, float)) and most > LARGEST_MB:
        message = f"a file of more than {LARGEST_MB} MB is not fetched, and answered as too large"
        tools.problem((*path, "with", "max_mb"), "F241", message, hint=f"max_mb: {LARGEST_MB}", level="warning")


def question_of(verb: Any) -> Ask | None:
    """The question that a verb leaves open: itself, or the one that it asks on its way."""
    return verb if isinstance(verb, Ask) else getattr(verb, "question", None)


def _commands(table: Mapping[str, Any], tools: Tools, path: Path) -> Mapping[str, Command]:
    found: dict[str, Command] = {}
    for word, item in table.items():
        here = (*path, word)
        if not isinstance(item, Mapping) or not {"next", "max", "say"} & set(item):
            found[word] = Command(target=tools.target(item, here))
            continue
        tools.row(item, here, (), ("next", "max", "say"))
        limit = item.get("max", 0)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            tools.problem((*here, "max"), "F203", "`max` should be a whole number")
            limit = 0
        found[word] = Command(
            max=limit,
            say=tools.entry(item["say"], (*here, "say"), part=word) if "say" in item else "",
            target=tools.target(item["next"], (*here, "next")) if "next" in item else None,
        )
    return found


def _collect(data: Mapping[str, Any], tools: Tools, path: Path) -> Collect:
    row = tools.row(data["collect"], path, (), ("quiet", "until", "most"))
    if "choices" in data and "expect" not in data:
        message = "`collect` joins several messages into one answer, and a choice is one message"
        tools.problem(path, "F205", message, hint="name what may be said beside the choices: expect: text")
    if not {"quiet", "until"} & set(row):
        tools.problem(path, "F202", "'quiet' is missing", hint="collect: {quiet: 4s}, or {until: done} for a word")
    quiet = tools.duration(row["quiet"], (*path, "quiet")) if "quiet" in row else 0
    if quiet and not SECOND <= quiet <= LONGEST_QUIET:
        tools.problem((*path, "quiet"), "F213", "'quiet' should be 1s to 10m")
    until, most = row.get("until", ""), row.get("most", MOST_PARTS)
    if "until" in row and (not isinstance(until, str) or not _WORD.match(until)):
        hint = "a name under `words:` in content, such as done"
        tools.problem((*path, "until"), "F203", f"{until!r} is no name for a word", hint=hint)
    if not isinstance(most, int) or isinstance(most, bool) or not 2 <= most <= MOST_PARTS:
        tools.problem((*path, "most"), "F203", f"'most' should be a whole number from 2 to {MOST_PARTS}")
        most = MOST_PARTS
    return Collect(quiet=min(quiet, LONGEST_QUIET), until=str(until), most=most)


def _checks(rows: list[Mapping[str, Any]], tools: Tools, path: Path) -> tuple[Check, ...]:
    found: list[Check] = []
    for number, item in enumerate(rows):
        here = (*path, number)
        row = tools.row(item, here, ("check",), ("check", "say", "then"))
        found.append(
            Check(
                when=tools.expression(row.get("check"), (*here, "check")),
                say=tools.entry(row["say"], (*here, "say"), part=f"check_{number + 1}") if "say" in row else "",
                target=tools.target(row["then"], (*here, "then")) if "then" in row else None,
            )
        )
    return tuple(found)
