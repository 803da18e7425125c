"""flows/*.test.yaml: transcripts as their authors wrote them, with the line of everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..library.yaml import read_yaml
from ..model.problem import Problem, Source
from .mocks import Mistake, Mock, mocks_of, over

ACTIONS = ("user", "bot", "wait", "wait_until", "event", "operator")
EXPECTED = (
    *("outcome", "reason", "result", "hooks", "answers", "contact", "labels"),
    *("step", "groups", "verifications"),
)
FILE_KEYS = ("flow", "given", "mock", "tests", "note")
INVITATION = ("template", "with", "language", "step")
TEST_KEYS = ("test", "given", "mock", "start", "chat", "expect", "note")
GIVEN = ("now", "lang", "inputs", "contact", "account", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chat: who, and what."""

    who: str  # one of ACTIONS
    what: Any
    number: int = 0  # of the line in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One test."""

    name: str
    file: str
    number: int
    flow: str
    given: Mapping[str, Any] = field(default_factory=dict)
    mocks: tuple[Mock, ...] = ()
    start: Any = ""  # api, an invitation {template, with, language, step}, {event}, or "": the contact writes first
    chat: tuple[Line, ...] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)
    expect_line: int = 0


def find(path: Path) -> list[Path]:
    """The transcript files of a project, a folder, or the one that was named."""
    if path.is_file():
        return [path]
    return sorted(path.glob("flows/*.test.yaml")) or sorted(path.glob("*.test.yaml"))


def read(path: Path, root: Path) -> tuple[list[Transcript], list[Problem]]:
    """All tests of a file, and what is wrong with it; a test with a mistake is not among them."""
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    found = read_yaml(name, path.read_bytes())
    problems = [one for one in found.problems if one.level == "error"]
    if found.source is None or problems:
        return [], problems
    return _Reader(found.source).tests()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def tests(self) -> tuple[list[Transcript], list[Problem]]:
        data = self.source.data
        if not self._keys(data, (), FILE_KEYS) or not isinstance(data.get("tests"), list):
            self._wrong((), "a transcript file has flow, given and tests", "tests: [{test: name, chat: [...]}]")
            return [], self.problems
        flow = data.get("flow") or Path(self.source.file).name.removesuffix(".test.yaml")
        given = self._given(data.get("given"), ("given",))
        mocks = self._mock(data, ())
        tests = [self._test(item, ("tests", at), str(flow), given, mocks) for at, item in enumerate(data["tests"])]
        return [test for test in tests if test], self.problems

    def _test(
        self, item: Any, path: tuple[str | int, ...], flow: str, given: Mapping[str, Any], mocks: tuple[Mock, ...]
    ) -> Transcript | None:
        before = len(self.problems)
        if not self._keys(item, path, TEST_KEYS):
            self._wrong(path, "a test has test (its name), chat and expect")
            return None
        mocks = over(mocks, self._mock(item, path))
        own = self._given(item.get("given"), (*path, "given"))
        start = item.get("start", "")
        if isinstance(start, Mapping) and "event" in start:
            if self._keys(start, (*path, "start"), ("event",)):
                self._is_event(start["event"], (*path, "start", "event"))
        elif isinstance(start, Mapping):
            if self._keys(start, (*path, "start"), INVITATION) and not isinstance(start.get("template"), str):
                self._wrong((*path, "start"), "an invitation names its template", "start: {template: name, with: {…}}")
        elif start not in ("", "api"):
            hint = "or {template: name, with: {…}}, or {event: name}"
            self._wrong((*path, "start"), "start: api, or nothing when the contact writes first", hint)
        if start == "" and own.get("inputs"):
            message = "the contact's own message brings no inputs: they would not be there"
            self._wrong((*path, "given", "inputs"), message, "start: api, or leave them out")
        self._keys(item.get("expect", {}), (*path, "expect"), EXPECTED)
        lines = tuple(self._lines(item.get("chat") or [], (*path, "chat")))
        waits = start == "" or (isinstance(start, Mapping) and "event" in start)  # nothing need come of that
        if waits and not lines and not item.get("expect") and len(self.problems) == before:
            hint = "write the chat: - user: …, - bot: … (- bot: nothing), or what comes of it: expect: {outcome: …}"
            self._wrong(path, "the test asks for nothing: it would pass whatever the flow says", hint)
        if len(self.problems) > before:
            return None
        return Transcript(
            name=str(item.get("test") or f"test {path[-1]}"),
            file=self.source.file,
            number=self.source.at((*path, "test"))[0],
            flow=flow,
            given=_over(given, own),
            mocks=mocks,
            start=start,
            chat=lines,
            expect=item.get("expect") or {},
            expect_line=self.source.at((*path, "expect"))[0],
        )

    def _lines(self, chat: Any, path: tuple[str | int, ...]) -> Iterator[Line]:
        if not isinstance(chat, list):
            self._wrong(path, "chat is a list of lines: - user: …, - bot: …")
            return
        for at, item in enumerate(chat):
            here = (*path, at)
            if not isinstance(item, Mapping) or len(item) != 1 or next(iter(item)) not in ACTIONS:
                self._wrong(here, f"a line of a chat is one of {', '.join(ACTIONS)}", "- bot: consent")
                continue
            who, what = next(iter(item.items()))
            if who == "event" and not self._is_event(what, (*here, who)):
                continue
            yield Line(who=who, what=what, number=self.source.at(here)[0])

    def _is_event(self, what: Any, path: tuple[str | int, ...]) -> bool:
        if isinstance(what, str) or (self._keys(what, path, ("name", "with", "entity", "actor")) and "name" in what):
            return True
        self._wrong(path, "an event is its name, or {name: …, with: {…}}")
        return False

    def _given(self, data: Any, path: tuple[str | int, ...]) -> Mapping[str, Any]:
        return data if data is not None and self._keys(data, path, GIVEN) else {}

    def _mock(self, data: Mapping[str, Any], path: tuple[str | int, ...]) -> tuple[Mock, ...]:
        found, sound = data.get("mock") or {}, []
        if not isinstance(found, Mapping):
            self._wrong((*path, "mock"), "mock is a table of names with their answers", "mock: {verify.otp: verified}")
            return ()
        for one in mocks_of(found):
            if isinstance(one, Mistake):
                self._wrong((*path, "mock", one.key), one.message, one.hint)
            else:
                sound.append(one)
        return tuple(sound)

    def _keys(self, data: Any, path: tuple[str | int, ...], known: tuple[str, ...]) -> bool:
        if not isinstance(data, Mapping):
            return False
        for key in data:
            if key not in known:
                self._wrong((*path, key), f"unknown key {key!r}", f"there are: {', '.join(known)}")
        return True

    def _wrong(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        self.problems.append(self.source.problem(path, "T601", message, hint=hint))


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """A test's own `given` over the file's, two levels deep."""
    found = {**below, **above}
    for key in ("inputs", "contact"):
        if isinstance(below.get(key), Mapping) and isinstance(above.get(key), Mapping):
            found[key] = {**below[key], **above[key]}
    return found
