"""What the business sends by itself: rules/*.yaml, any number of rules a file.

```yaml
remind_mother:
  event: visit.scheduled                # POST /v1/events; or every: {weekly: [mon], at: "09:00"}
  when: event.kind == 'anc'             # read at the event, and again at the send
  at: {date: event.visit_on, minus: 2d, at: "10:00"}
  to: subject                           # subject, actor, {group: name}, {contact: expression}
  template: visit_reminder              # or start: flow
  with: {clinic: "{{ event.clinic }}"}  # computed at the send
  max_age: 4d
```
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from marshmallow import ValidationError

from ..engine.expressions import compile_expression, compile_value, compile_with
from ..engine.names import CONTACT, Names
from ..engine.office import FACTS as OFFICE
from ..engine.rules.every import Every
from ..engine.rules.names import ROOTS
from ..engine.rules.rule import ACTOR, GROUP, MAX_AGE, SUBJECT, Moment, Receiver, Rule
from ..engine.rules.rule import CONTACT as ONE
from ..errors import ExpressionError
from ..model.ids import digest
from ..model.problem import Path, Problem, Source, suggest
from ..steps.wait import Wait
from .fields import Door, Duration, Listing, Name, Plain, Text, load
from .recurrence import KINDS, WORDS, Clock, EveryDoor, clock, every_of, in_full
from .templates import unknown
from .yaml import Read

_EVENT = re.compile(r"[a-z][a-z0-9_.-]{0,63}\Z", re.ASCII)


class EventName(Text):
    def read(self, text: str) -> str:
        if not _EVENT.match(text):
            raise ValidationError(f"'{text}' is no name for an event\nsmall letters, digits, _ . and -")
        return text


class RuleDoor(Door):
    event = EventName()
    every = Plain(object)
    when = Text()
    at = Plain(object)
    to = Plain(object)
    template = Text()
    language = Text()
    topic = Name()
    start = Text()
    with_ = Plain(data_key="with")
    max_age = Duration()
    hours = Text(one_of=("office",))
    channel = Text()
    account = Listing(Text())
    title = Text()
    note = Text()


class MomentDoor(Door):
    date = Text(required=True)
    plus = Duration()
    minus = Duration()
    at = Clock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What else of the project a rule may name."""

    templates: tuple[str, ...]
    flows: tuple[str, ...]
    accounts: tuple[str, ...]
    channels: tuple[str, ...]
    contact_fields: tuple[str, ...]
    config: Mapping[str, tuple[str, ...]] | None  # account -> its keys; None where no account is known

    def names(self, accounts: Collection[str]) -> Names:
        """What is known below those names that hold the same in rules as in flows; none is told: of all accounts."""
        known = self.config or {}
        mine = {name: keys for name, keys in known.items() if name in accounts} or known
        config = Names.of_config(mine) if self.config is not None else {"members": {}}
        return Names(members={"office": OFFICE, **config["members"]}, lacking=config.get("lacking", {}))


def read_rules(reads: Mapping[str, Read], around: Around) -> tuple[dict[str, Rule], list[Problem]]:
    """The sound rules by name, and every mistake; `reads` are the files by the name in their path."""
    found: dict[str, Rule] = {}
    problems: list[Problem] = []
    for stem, read in sorted(reads.items()):
        if read.source is None:
            continue
        if not isinstance(read.source.data, dict):
            hint = "write rules by their names, e.g. remind_mother: {event: …}"
            problems.append(read.source.problem((), "R701", "a file of rules has rules by their names", hint=hint))
            continue
        for name, data in read.source.data.items():
            reader = _Reader(read.source, around)
            rule = reader.rule(stem, name, data)
            problems += reader.problems
            if rule is not None and read.sound and not any(one.level == "error" for one in reader.problems):
                found[rule.name] = rule
    return found, problems


class _Reader:
    """One rule."""

    def __init__(self, source: Source, around: Around) -> None:
        self.source = source
        self.around = around
        self.names = around.names(())
        self.problems: list[Problem] = []

    def rule(self, stem: str, name: Any, data: Any) -> Rule | None:
        path: Path = (name,)
        try:
            Name().deserialize(name)
        except ValidationError:
            hint = "use small letters, digits, _ and -, beginning with a letter"
            self.say(path, "R701", f"'{name}' cannot be the name of a rule", hint)
            return None
        found = self.load(RuleDoor, path, data)
        if not isinstance(data, dict):
            return None
        self.names = self.around.names(found.get("account", ()))
        self.one_of(found, ("event", "every"), path, "sets it off", "event: visit.scheduled, or every: {daily: true}")
        self.one_of(found, ("template", "start"), path, "is sent", "template: visit_reminder, or start: survey")
        self.named(found, path)
        repeated = in_full(found.get("every"))
        every, days, zone = self.every(repeated, (*path, "every")) if "every" in found else (None, None, "")
        to = self.receiver(found.get("to", SUBJECT), (*path, "to"))
        if every is not None and to.kind in (SUBJECT, ACTOR):
            hint = "to: {group: name}, or {contact: config.manager}"
            self.say((*path, "to"), "R704", "nobody is meant: no event stands behind it", hint)
        if days is not None and to.kind != SUBJECT:
            self.say((*path, "to"), "R704", "it goes by each contact's own day, to that contact", "remove `to`")
        if "at" in found and "every" in found:
            self.say((*path, "at"), "R703", "`every` says when: `at` belongs below it", 'every: {…, at: "09:00"}')
        return Rule(
            name=f"{stem}.{name}",
            event=found.get("event", ""),
            every=every,
            date=days,
            when=self.expression(found["when"], (*path, "when")) if "when" in found else None,
            at=self.moment(found["at"], (*path, "at")) if "at" in found and "every" not in found else None,
            to=to,
            template=found.get("template", ""),
            language=found.get("language", ""),
            topic=found.get("topic", ""),
            flow=found.get("start", ""),
            values=self.values(found.get("with_", {}), (*path, "with")),
            max_age=found.get("max_age", MAX_AGE),
            office="hours" in found,
            timezone=zone,
            channel=found.get("channel", ""),
            accounts=found.get("account", ()),
            meaning=digest(orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()),
        )

    def one_of(self, found: Mapping[str, Any], names: tuple[str, str], path: Path, what: str, hint: str) -> None:
        there = [name for name in names if name in found]
        if not there:
            self.say(path, "R702", f"nothing says what {what}", hint)
        elif len(there) > 1:
            self.say((*path, there[1]), "R702", f"a rule has one of {names[0]} and {names[1]}", "make two rules of it")

    def named(self, found: Mapping[str, Any], path: Path) -> None:
        """What it names must be there."""
        around = self.around
        if "template" in found and found["template"] not in around.templates:
            self.say((*path, "template"), "R705", *unknown(found["template"], dict.fromkeys(around.templates)))
        if "start" in found and found["start"] not in around.flows:
            hint = suggest(found["start"], around.flows) or f"write flows/{found['start']}.yaml"
            self.say((*path, "start"), "R705", f"there is no flow '{found['start']}'", hint)
        for account in found.get("account", ()):
            if account not in around.accounts:
                hint = suggest(account, around.accounts) or f"the accounts are {', '.join(around.accounts)}"
                self.say((*path, "account"), "R705", f"there is no account '{account}'", hint)
        if "channel" in found and found["channel"] not in around.channels:
            hint = suggest(found["channel"], around.channels) or f"the channels are {', '.join(around.channels)}"
            self.say((*path, "channel"), "R705", f"there is no channel '{found['channel']}'", hint)

    def receiver(self, data: Any, path: Path) -> Receiver:
        if data in (SUBJECT, ACTOR):
            return Receiver(kind=data)
        if isinstance(data, dict) and len(data) == 1:
            kind, given = next(iter(data.items()))
            if kind == GROUP and isinstance(given, str) and given.strip():
                return Receiver(kind=GROUP, group=given)
            if kind == ONE and isinstance(given, (str, int)):
                text = str(given)
                value = compile_value(given) if "{{" in text or text.startswith("+") else None
                return Receiver(kind=ONE, number=value or self._bare(text, path))
        self.say(path, "R704", "it goes to subject, actor, {group: name} or {contact: expression}", "to: subject")
        return Receiver()

    def _bare(self, text: str, path: Path) -> Any:
        found = self.expression(text, path)
        return compile_value(None) if found is None else found

    def every(self, data: Any, path: Path) -> tuple[Every | None, Moment | None, str]:
        if not isinstance(data, dict):
            hint = suggest(data, WORDS) if isinstance(data, str) else ""
            hint = hint or 'every: daily, or every: {weekly: [mon, thu], at: "09:00"}'
            self.say(path, "R703", f"`every` is {', '.join(WORDS)}, or says more below it", hint)
            return None, None, ""
        found = self.load(EveryDoor, path, data)
        kinds = [kind for kind in (*KINDS, "date") if kind in found]
        if len(kinds) != 1:
            if not kinds and set(data) & {*KINDS, "date"}:
                return None, None, ""  # what is wrong with it is said already
            hint = '{weekly: [mon, thu], at: "09:00"}, {monthly: 1}, {date: contact.due_on, minus: 7d}'
            self.say(path, "R703", f"`every` takes one of {', '.join((*KINDS, 'date'))}", hint)
            return None, None, ""
        kind, zone = kinds[0], found.get("timezone", "")
        if kind == "date":
            return None, self.moment({key: item for key, item in data.items() if key != "timezone"}, path), zone
        for extra in ("plus", "minus"):
            if extra in found:
                self.say((*path, extra), "R703", f"`{extra}` moves a date: only {{date: …}} has one", f"remove {extra}")
        return self._recurring(found, (*path, kind)), None, zone

    def _recurring(self, found: Mapping[str, Any], path: Path) -> Every | None:
        try:
            return every_of(found)
        except ValidationError as error:
            message, _, hint = str(error.messages[0]).partition("\n")
            self.say(path, "R703", message, hint)
            return None

    def moment(self, data: Any, path: Path) -> Moment | None:
        if not isinstance(data, dict):
            hint = 'at: {date: event.visit_on, minus: 2d, at: "10:00"}; at once without it'
            self.say(path, "R703", "`at` names a date, and the time of day below it", hint)
            return None
        found = self.load(MomentDoor, path, data)
        if "plus" in found and "minus" in found:
            self.say((*path, "minus"), "R703", "a moment is moved by plus or by minus, not by both", "keep one")
        day = self.expression(found["date"], (*path, "date")) if "date" in found else None
        if day is None:
            return None
        shift = found.get("plus", 0) - found.get("minus", 0)
        return Moment(date=day, moved=Wait(shift=shift, at=clock(found["at"]) if "at" in found else None))

    def expression(self, source: str, path: Path) -> Any:
        try:
            found = compile_expression(source)
        except ExpressionError as error:
            self.say(path, "E301", f"the expression cannot be read: {error}", "")
            return None
        self._reads(found.names, path)
        return found

    def values(self, data: Mapping[str, Any], path: Path) -> Any:
        try:
            found = compile_with(data)
        except ExpressionError as error:
            self.say(path, "E301", f"the value cannot be read: {error}", "")
            return compile_with({})
        self._reads(found.names, path)
        return found

    def _reads(self, names: Any, path: Path) -> None:
        for dotted in names:
            root, _, rest = dotted.partition(".")
            first = rest.partition(".")[0]
            if root not in ROOTS:
                hint = suggest(root, ROOTS) or f"a rule may read {', '.join(ROOTS)}"
                self.say(path, "E302", f"nothing provides '{dotted}'", hint)
            elif root in ("contact", "subject") and first and first not in {*CONTACT, *self.around.contact_fields}:
                known = [*CONTACT, *self.around.contact_fields]
                hint = suggest(first, known) or "declare it below contact_fields in flowbot.yaml"
                self.say(path, "E302", f"nothing provides '{dotted}'", hint)
            elif root in ("config", "office") and (wrong := self.names.unknown(dotted)):
                self.say(path, "E302", *wrong)
            elif empty := self.names.empty(dotted):
                self.say(path, "E306", *empty, level="warning")

    def load(self, door: type[Door], path: Path, data: Any) -> dict[str, Any]:
        found, problems = load(door, self.source, path, data)
        self.problems += problems
        return found

    def say(self, path: Path, code: str, message: str, hint: str, *, level: str = "error") -> None:
        at_value = code not in ("R701", "R702")
        self.problems.append(self.source.problem(path, code, message, hint=hint, level=level, on_value=at_value))
