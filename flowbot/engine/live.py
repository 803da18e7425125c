"""A process while a turn changes it; `Process` itself never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..model.quick import maker
from ..model.session import Process
from .flow import Flow, Step

_NAMES = tuple(one.name for one in fields(Process) if one.name != "parent")
_BACK = 5  # how many detours deep `back` finds home


@dataclass(slots=True, kw_only=True)
class Live:
    """The same fields as Process. Mappings are replaced, never changed: the session still holds them."""

    flow_: Flow
    id: str
    flow: str
    flow_version: str
    state: str = "open"
    started_at: int = 0
    started_by: str = ""
    account_id: str = ""
    lang: str = ""
    step: str = ""
    visit: int = 0
    asked_at: int = 0
    tries: int = 0
    commands: Mapping[str, int] = field(default_factory=dict)
    back_to: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    verifications: tuple[Mapping[str, Any], ...] = ()
    unasked: bool = False
    sensitive: tuple[str, ...] = ()
    timers: Mapping[str, int] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    called: int = 0
    replying: bool = False
    bursts: Mapping[str, Any] = field(default_factory=dict)
    laid: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    offered: tuple[Mapping[str, Any], ...] = ()
    page: int = 0
    turns: int = 0
    visited: Mapping[str, int] = field(default_factory=dict)
    echoes: Mapping[str, int] = field(default_factory=dict)
    asked: str = ""
    silent: int = 0
    parked_at: int = 0
    moved: str = ""
    invitation: Mapping[str, Any] = field(default_factory=dict)
    woken: str = ""
    began: int = 0
    reengaged: int = 0
    reengagement: int = 0

    aside: Process | None = None
    above: tuple[Live, ...] = ()  # the processes that this one is a part of, the nearest first

    @classmethod
    def of(cls, process: Process, flow: Flow, above: tuple[Live, ...] = ()) -> Live:
        return _opened(process, flow_=flow, above=above)

    def frozen(self, levels: int = -1) -> Process:
        """As a record, with the processes above it; with only so many of them when told."""
        parent = self.above[0].frozen(levels - 1) if self.above and levels else None
        return _closed(self, parent=parent)

    @property
    def at(self) -> Step:
        """The step it stands at."""
        return self.flow_.steps[self.step]

    def used(self, command: str) -> int:
        """How often a command of this step was used since its question was last answered."""
        return self.commands.get(f"{self.step}/{command}", 0) or self.commands.get(command, 0)

    def use(self, command: str) -> None:
        kept = {word: times for word, times in self.commands.items() if word != command}
        self.commands = {**kept, f"{self.step}/{command}": self.used(command) + 1}

    def unuse(self) -> None:
        """The question is answered: when it is asked anew, its commands count from nothing."""
        mine = f"{self.step}/"  # a word without its step is an older record's: of this question
        self.commands = {
            word: times for word, times in self.commands.items() if "/" in word and not word.startswith(mine)
        }

    def answered(self) -> None:
        """The contact has written: what is sent in this process from now on goes to who takes part in it."""
        for one in (self, *self.above):
            one.unasked = False

    def push_back(self) -> None:
        """Remember the open question or call, or the wait and when it is over, for `back`."""
        here = self.step if self.asked_at or self.calls else f"{self.step}@{self.timers.get(f'wake:{self.visit}', 0)}"
        way = [step for step in self.back_to.split("/") if step]
        if self.bursts:
            self.laid = {**self.laid, self.step: self.bursts}
        if not way or way[-1] != here:
            self.back_to = "/".join([*way, here][-_BACK:])

    def pop_back(self) -> tuple[str, int | None]:
        """The step whose question was open, "" when there was none; of a wait, when it is over (0: it has no end)."""
        rest, _, last = self.back_to.rpartition("/")
        self.back_to = rest
        step, mark, due = last.partition("@")
        return step, int(due) if mark else None


_opened = maker(Live, _NAMES)
_closed = maker(Process, _NAMES)
