"""Where a flow is put together: takes note of every mistake with its place, and compiles what steps are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import marshmallow as ma

from ..errors import ExpressionError
from ..model.duration import parse_duration
from ..model.problem import Path, Problem, Source, suggest
from ..steps.base import Expression, Value
from ..steps.target import Route, Target
from . import answers
from .entry import Letter
from .expressions import compile_expression, compile_text, compile_value, compile_with
from .meant import TABLES, comma

_KEY = re.compile(r"[a-z0-9_.]+\Z")
_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_AT_VALUE = frozenset(
    {"F203", "F207", "F213", "F214", "F218", "F232", "M511", "E301", "E302", "E306"}
)  # the caret stands under the value
_NOTHING = compile_value(None)
_TARGET_KEYS = {
    "fail": ("fail",),
    "succeed": ("succeed",),
    "jump": ("jump", "with", "as"),
}


@cache
def made_schema(kind: type[ma.Schema]) -> ma.Schema:
    """One of each kind: making a schema costs more than using it."""
    return kind()


class Unreadable:
    """An expression of a stored version that this release cannot read: an error for who comes to it, no sooner."""

    __slots__ = ("_why",)
    names: Collection[str] = ()

    def __init__(self, why: str) -> None:
        self._why = why

    def __call__(self, scope: Mapping[str, Any], /) -> Any:
        raise ExpressionError(self._why)


def _loaded(schema: ma.Schema, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same as `schema.load` where nothing is wrong, in a fifth of the time; None where something may be."""
    found = {}
    for key, field, read in _fields(type(schema)):
        if key in data:
            value = data[key]
            try:
                found[key] = field.deserialize(value, key, data) if read is None or value is None else read(value)
            except ma.ValidationError:
                return None
        elif field.required:
            return None
    return found if len(found) == len(data) or schema.unknown == ma.EXCLUDE else None


@cache
def _fields(kind: type[ma.Schema]) -> list[tuple[str, ma.fields.Field[Any], Callable[[Any], Any] | None]]:
    """The keys of a schema; with each what reads its value, unless the field does more than that."""
    found = [(field.data_key or name, field) for name, field in made_schema(kind).load_fields.items()]
    return [(key, field, None if field.validators else _reader(field, key)) for key, field in found]


def _reader(field: ma.fields.Field[Any], key: str) -> Callable[[Any], Any]:
    if type(field)._deserialize is ma.fields.Field._deserialize:
        return _itself
    return lambda value: field._deserialize(value, key, None)


def _itself(value: Any) -> Any:
    return value


def _written(schema: ma.Schema) -> list[str]:
    return [field.data_key or name for name, field in schema.fields.items()]


def _named(schema: ma.Schema, found: Mapping[str, Any]) -> dict[str, Any]:
    return {schema.fields[name].data_key or name: value for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Read:
    """The names that an expression or a value reads, and where it stands."""

    names: Collection[str]
    path: Path
    bare: bool = False  # an expression, not a text or a value with `{{ }}` in it


class Workbench:
    """Implements `steps.base.Tools` for the step that is on the bench."""

    def __init__(
        self, source: Source, content: dict[str, dict[str, Any]], languages: Sequence[str], *, lenient: bool = False
    ) -> None:
        self.source = source
        self.lenient = lenient  # a version that compiled once: what is a mistake now is taken as far as it goes
        self.problems: list[Problem] = []
        self.flow = PurePosixPath(source.file).name.partition(".")[0]  # its id is the file's name
        self.step = ""
        self.saves = ""
        self.content = content
        self.languages = languages
        self.fallback = languages[0]
        self.entries: dict[str, Path] = {}  # content key -> where the flow names it first
        self.shared: set[str] = set()  # content keys that it names more than once
        self.targets: list[Target] = []
        self.flows: list[tuple[str, Path]] = []  # other flows that it runs
        self.senders: list[tuple[str, Path]] = []  # actions that send one-time codes
        self.verifiers: list[tuple[str, Path]] = []  # those that its steps ask
        self.actions: list[tuple[str, tuple[str, ...], Path]] = []  # what its steps call, with which values, and where
        self.templates: list[tuple[str, Path]] = []  # templates that it sends
        self.unnamed: dict[str, list[str]] = {}  # bad outcomes that nobody names -> the steps that have them
        self.reads: list[Read] = []
        self._placed: dict[str, str] = {}  # keys of texts written in place

    def problem(
        self, path: Path, code: str, message: str, *, hint: str = "", level: str = "error", about: str = ""
    ) -> None:
        at_value = code in _AT_VALUE
        made = self.source.problem(path, code, message, hint=hint, level=level, on_value=at_value, about=about)
        self.problems.append(made)

    # -- shapes

    def load(self, schema: type[ma.Schema], data: Mapping[str, Any], path: Path) -> dict[str, Any] | None:
        """The schema's keys of `data` under their names in YAML; None when one of them is wrong or missing."""
        made = made_schema(schema)
        quickly = _loaded(made, data)
        if quickly is not None:
            return quickly
        try:
            found = made.load(dict(data))
        except ma.ValidationError as error:
            self._refused(error.messages, path)
            if not self.lenient:
                return None
            sound = dict(error.valid_data or {})
            return {name: data[name] for name in _written(made) if name in data} | _named(made, sound)
        return _named(made, found)

    def table(self, data: Any, path: Path, schema: type[ma.Schema]) -> dict[str, Any]:
        """The whole mapping by its schema, unknown keys refused; {} when it is not one."""
        if not isinstance(data, Mapping):
            name = path[-1] if path else "the flow"
            self.problem(path, "F203", f"{name} should be keys with values", hint=TABLES.get(str(name), ""))
            return {}
        self.unknown(data, path, _written(made_schema(schema)))
        return self.load(schema, data, path) or {}

    def unknown(self, data: Mapping[Any, Any], path: Path, known: Collection[str]) -> None:
        for key in data:
            if key not in known:
                hint = comma(data, key) or suggest(key, known) or f"there are: {', '.join(sorted(known))}"
                self.problem((*path, key), "F201", f"unknown key {key!r}", hint=hint)

    def row(
        self, data: Mapping[str, Any], path: Path, needed: Collection[str], known: Collection[str]
    ) -> Mapping[str, Any]:
        self.unknown(data, path, known)
        for key in needed:
            if key not in data:
                self.problem(path, "F202", f"{key!r} is missing")
        return {key: data[key] for key in known if key in data}

    def one_of(self, word: str, words: Collection[str], path: Path, what: str) -> str:
        if word in words:
            return word
        hint = suggest(word, words) or f"there are: {', '.join(words)}"
        self.problem(path, "F203", f"unknown {what} {word!r}", hint=hint)
        return next(iter(words))

    def duration(self, text: Any, path: Path) -> int:
        """Milliseconds; a problem and one hour when it cannot be read."""
        try:
            found = parse_duration(text)
        except (ValueError, TypeError):
            hint = "write a number and s, m, h, d or w: 30s, 10m, 2h, 3d"
            self.problem(path, "F213", f"{text!r} is not a duration", hint=hint)
            return 3_600_000
        if found <= 0:
            self.problem(path, "F213", "the duration should be longer than nothing")
        return found

    def _refused(self, messages: Any, path: Path) -> None:
        if isinstance(messages, Mapping):
            for key, inner in messages.items():
                self._refused(inner, path if key == "_schema" else (*path, key))
            return
        for message in messages if isinstance(messages, list) else [messages]:
            text = str(message)
            if text == "Missing data for required field.":
                self.problem(path, "F202", f"{path[-1]!r} is missing")
            elif text == "Field may not be null.":
                self.problem(path, "F203", f"{path[-1]!r} is empty")
            else:
                self.problem(path, "F203", f"{path[-1]!r} {text}")

    # -- parts of steps

    def kind(self, expect: str, bounds: Mapping[str, Any], path: Path) -> str:
        for below, wrong in answers.check(expect, bounds):
            message, _, hint = wrong.partition("; ")
            self.problem((*path, *below), "F203", message, hint=hint)
        if expect == "regex" and "pattern" not in bounds:
            self.problem((*path, "expect"), "F202", "'pattern' is missing", hint="with: {pattern: …}")
        return expect if expect in answers.KINDS else "text"

    def expression(self, text: Any, path: Path) -> Expression:
        if isinstance(text, bool):
            text = str(text).lower()
        if not isinstance(text, (str, int, float)) or not str(text).strip():
            self.problem(path, "E301", "a condition should be an expression", hint="for example: answers.age >= 18")
            return _NOTHING
        if str(text).strip().startswith("{{"):
            hint = "write it bare, without {{ }}"
            self.problem(path, "E301", "a condition needs no braces", hint=hint)
            return _NOTHING
        try:
            found = compile_expression(str(text))
        except ExpressionError as error:
            self.problem(path, "E301", f"the condition cannot be read: {error}")
            return self._unreadable(error)
        self.reads.append(Read(found.names, path, bare=True))
        return found

    def value(self, data: Any, path: Path, *, given: Collection[str] = ()) -> Value:
        try:
            found = compile_with(data) if isinstance(data, Mapping) else compile_value(data)
        except ExpressionError as error:
            self.problem(path, "E301", f"the value cannot be read: {error}")
            return self._unreadable(error)
        names = [name for name in found.names if name.partition(".")[0] not in given] if given else found.names
        self.reads.append(Read(names, path))
        return found

    def _unreadable(self, error: ExpressionError) -> Expression:
        """Said once more when a contact gets there, if anybody may."""
        return Unreadable(str(error)) if self.lenient else _NOTHING

    def entry(self, text: str, path: Path, *, part: str = "") -> str:
        if not isinstance(text, str) or not text.strip():
            self.problem(path, "F203", "should name a content entry, or be a text")
            return ""
        if _KEY.match(text):
            if self.entries.setdefault(text, path) is not path:
                self.shared.add(text)
            return text
        owner = self.step or "flow"
        first = key = f"{owner}.{part}" if part else owner
        number = 1
        while self._placed.get(key, text) != text:
            number += 1
            key = f"{first}_{number}"
        self._placed[key] = text
        entries = self.content.setdefault(self.fallback, {})
        self._read_text(text, path)
        known = entries.get(key)
        # Labels of a question written in place stand in the content file, under the step's id.
        entries[key] = {**known, "text": text} if isinstance(known, Mapping) and "choices" in known else text
        self.entries.setdefault(key, path)
        return key

    def own_entry(self, key: str, shipped: str, path: Path) -> str:
        found = key if any(key in entries for entries in self.content.values()) else shipped
        self.entries.setdefault(found, path)
        return found

    def _read_text(self, text: str, path: Path) -> None:
        try:
            compile_text(text)
        except ExpressionError as error:
            self.problem(path, "E301", f"the text cannot be read: {error}")

    def flow_named(self, flow: str, path: Path) -> None:
        self.flows.append((flow, path))

    def action_named(self, name: str, given: Collection[str], path: Path) -> None:
        self.actions.append((name, tuple(given), path))

    def template_named(self, name: str, path: Path) -> None:
        self.templates.append((name, path))

    def letter(self, row: Mapping[str, Any], path: Path) -> Letter | None:
        """The template that the row names, with what fills it; None when it names none."""
        name = row.get("template")
        if name is None:
            if "with" in row:
                self.problem((*path, "with"), "F205", "`with` fills a template, and there is none")
            return None
        self.template_named(name, (*path, "template"))
        return Letter(template=name, values=self.value(row.get("with", {}), (*path, "with")))

    def sender_named(self, name: str, path: Path) -> None:
        self.senders.append((name, path))

    def verifier_named(self, name: str, path: Path) -> None:
        self.verifiers.append((name, path))

    def speaks(self, language: str, path: Path) -> None:
        if language not in self.languages:
            hint = suggest(language, self.languages) or f"the flow speaks {', '.join(self.languages)}"
            self.problem(path, "F203", f"the flow does not speak {language!r}", hint=hint)

    def target(self, data: Any, path: Path) -> Target:
        target = self._target(data, path)
        self.targets.append(target)
        return target

    def ways(self, rows: Any, path: Path) -> tuple[Route, ...]:
        if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
            self.problem(path, "F203", "should be a list of {when, then}, with {else} last")
            return ()
        found: list[Route] = []
        for number, row in enumerate(rows):
            here = (*path, number)
            if "else" in row:
                self.unknown(row, here, ("else",))
                if number < len(rows) - 1:
                    self.problem((*here, "else"), "F217", "`else` should come last: what follows is never looked at")
                found.append(Route(target=self.target(row["else"], (*here, "else"))))
                continue
            self.row(row, here, ("when", "then"), ("when", "then"))
            if "when" in row and "then" in row:
                target = self.target(row["then"], (*here, "then"))
                found.append(Route(target=target, when=self.expression(row["when"], (*here, "when"))))
        return tuple(found)

    def _target(self, data: Any, path: Path) -> Target:
        if isinstance(data, str) and data:
            return Target(kind="back", path=path) if data == "back" else Target(kind="step", name=data, path=path)
        if isinstance(data, Mapping):
            for kind, keys in _TARGET_KEYS.items():
                if kind in data:
                    self.unknown(data, path, keys)
                    return self._ending(kind, data, path)
        hint = "a step's id, {fail: reason}, {succeed: …}, {jump: flow} or back"
        self.problem(path, "F203", "this leads nowhere", hint=hint)
        return Target(kind="fail", name="engine_error", path=path)

    def _ending(self, kind: str, data: Mapping[str, Any], path: Path) -> Target:
        here = (*path, kind)
        if kind == "succeed":
            result = data["succeed"]
            if result not in (None, True) and not isinstance(result, Mapping):
                self.problem(here, "F203", "the result should be names with values, or {}")
            fill = self.value(result, here) if isinstance(result, Mapping) and result else None
            return Target(kind="succeed", fill=fill, path=path)
        word = str(data[kind])
        if not _REASON.match(word):
            what = "a reason" if kind == "fail" else "a flow"
            self.problem(here, "F203", f"{word!r} is no name for {what}", hint="small letters, digits and _")
        if kind == "fail":
            return Target(kind="fail", name=word, path=path)
        return Target(kind="jump", name=word, fill=self._inputs(data, path), reason=self._as(data, path), path=path)

    def _inputs(self, data: Mapping[str, Any], path: Path) -> Value | None:
        given = data.get("with")
        if given is None:
            return None
        if not isinstance(given, Mapping):
            self.problem((*path, "with"), "F203", "`with` should be the other flow's inputs with values")
            return None
        return self.value(given, (*path, "with"))

    def _as(self, data: Mapping[str, Any], path: Path) -> str:
        given = data.get("as")
        if given is None:
            return ""
        if isinstance(given, Mapping) and set(given) == {"fail"} and _REASON.match(str(given["fail"])):
            return str(given["fail"])
        self.problem((*path, "as"), "F203", "`as` takes {fail: reason}")
        return ""
