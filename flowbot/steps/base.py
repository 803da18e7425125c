"""What a verb is, what it may see and do, and what helps to compile it.

A verb decides and asks; it changes nothing but through its `Visit`, and knows no clock, no store and no provider.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import Any, ClassVar, Final, Literal, Protocol

import marshmallow as ma

from ..model.event import Event
from ..model.inbound import Inbound
from ..model.problem import Path
from .target import Route, Target


class Pause(Enum):
    """The verb has no outcome yet: the process stays at the step."""

    WAIT = "wait"


WAIT: Final = Pause.WAIT
Outcome = str | Literal[Pause.WAIT]
Scope = Mapping[str, Any]
Value = Callable[[Scope], Any]  # data whose `{{ }}` are filled in from a scope


class Expression(Protocol):
    """A compiled condition: called with a scope it gives a value; `names` are the dotted names it reads."""

    @property
    def names(self) -> Collection[str]: ...

    def __call__(self, scope: Scope, /) -> Any: ...


class Keys(ma.Schema):
    """The keys of a verb; each verb's own schema derives from it. Unknown keys are refused by the compiler."""

    class Meta:
        unknown = ma.EXCLUDE


class Tools(Protocol):
    """What compiling a step needs: each reports a mistake at its path and gives something harmless back."""

    step: str
    save: str  # the name under `answers` that this step's answer gets

    def problem(self, path: Path, code: str, message: str, *, hint: str = "", level: str = "error") -> None: ...
    def expression(self, text: Any, path: Path) -> Expression: ...
    def value(self, data: Any, path: Path) -> Value: ...
    def entry(self, text: Any, path: Path, *, key: str = "") -> str: ...
    def target(self, data: Any, path: Path) -> Target: ...


class Reading(Protocol):
    """What became of a message at an open question."""

    @property
    def refused(self) -> str: ...  # "" or the code of the error text


class Visit(Protocol):
    """One stay at a step: all that a verb may see and do."""

    @property
    def number(self) -> int: ...
    @property
    def scope(self) -> Scope: ...
    def say(self, key: str, **names: Any) -> None:
        """Send a content entry."""

    def question(self, verb: Any, *, repeated: bool = False) -> None:
        """Send the question with its choices, and leave it open."""

    def read(self, verb: Any, inbound: Inbound) -> Any:
        """E2's `Answer` or `Refused`, or a choice's id, for a message at this question."""

    def refuse(self, code: str, params: Mapping[str, Any], *, say: str = "") -> Outcome:
        """Count a wrong answer: ask again (WAIT), or `invalid` when no try is left."""

    def save(self, value: Any, *, shown: str = "") -> None:
        """Keep the answer under its name."""

    def assign(self, name: str, value: Any) -> None:
        """Set `contact.<field>`, `vars.<name>` or `answers.<name>`."""

    def trace(self, what: str, detail: str = "", **facts: Any) -> None:
        """Record what happened; never a secret."""


class Verb(Protocol):
    """One word of the language; see any file beside this one."""

    word: ClassVar[str]
    role: ClassVar[str]  # act (stands beside others), wait, end, route: at most one of the last three in a step
    good: ClassVar[str]  # the outcome that goes on to the step below
    Schema: ClassVar[type[Keys]]

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Verb: ...

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Every word that `next` may name."""

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        """Where an outcome leads by the verb's own keys; `next` may not name these."""

    def enter(self, visit: Visit) -> Outcome: ...
    def resume(self, visit: Visit, event: Event) -> Outcome: ...
