"""What a verb is, what it may see and do, and what helps to compile it.

A verb decides and asks; it changes nothing but through its `Visit`, and knows no clock, no store and no provider.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Final, Literal, Protocol

import marshmallow as ma

from ..model.event import Event
from ..model.inbound import Inbound
from ..model.problem import Path
from ..model.quick import quick
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
    """The keys of a verb; each verb's own schema derives from it. The compiler refuses what no verb of a step knows."""

    class Meta:
        unknown = ma.EXCLUDE


class Tools(Protocol):
    """What compiling a step needs: each reports a mistake at its path and gives something harmless back."""

    step: str
    saves: str  # the name under `answers` that this step's answer gets

    def problem(self, path: Path, code: str, message: str, *, hint: str = "", level: str = "error") -> None: ...
    def row(
        self, data: Mapping[str, Any], path: Path, needed: Collection[str], known: Collection[str]
    ) -> Mapping[str, Any]:
        """The row, after a look at its keys."""

    def one_of(self, word: str, words: Collection[str], path: Path, what: str) -> str:
        """The word when it is one of those, else a problem and the first of them."""

    def kind(self, expect: str, bounds: Mapping[str, Any], path: Path) -> str:
        """The type of answer, after a look at it and its bounds."""

    def duration(self, text: Any, path: Path) -> int:
        """Milliseconds."""

    def expression(self, text: Any, path: Path) -> Expression: ...
    def value(self, data: Any, path: Path, *, given: Collection[str] = ()) -> Value:
        """`given`: names that it may read beside the flow's."""

    def entry(self, text: str, path: Path, *, part: str = "") -> str:
        """The content key; a text in place becomes an entry under the step's id (and `part`)."""

    def own_entry(self, key: str, shipped: str, path: Path) -> str:
        """The flow's own content entry of that name when there is one, else the shipped one."""

    def flow_named(self, flow: str, path: Path) -> None:
        """Take note of another flow's id, to be looked for."""

    def action_named(self, name: str, given: Collection[str], path: Path) -> None:
        """Take note of a step that calls `integration.action` with these values, to be looked for."""

    def template_named(self, name: str, path: Path) -> None:
        """Take note of a template, to be looked for."""

    def sender_named(self, name: str, path: Path) -> None:
        """Take note of an action that sends one-time codes, to be looked for."""

    def verifier_named(self, name: str, path: Path) -> None:
        """Take note of a verifier that a step asks, to be looked for."""

    def speaks(self, language: str, path: Path) -> None:
        """A problem when the flow does not speak the language."""

    def target(self, data: Any, path: Path) -> Target: ...
    def ways(self, rows: Any, path: Path) -> tuple[Route, ...]:
        """A list of `{when, then}`, perhaps with `{else}` last."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of a message at an open question: a value, or the code of what is wrong with it."""

    value: Any = None
    choice: str = ""  # the value is this choice's id
    row: Mapping[str, Any] | None = None  # what stands behind a choice from data
    refused: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class Visit(Protocol):
    """One stay at a step: all that a verb may see and do."""

    @property
    def scope(self) -> Scope: ...
    @property
    def asked(self) -> bool:
        """Whether this step's question is open."""

    @property
    def noted(self) -> Mapping[str, Any]:
        """What this step came to so far, as `found` kept it."""

    def say(self, key: str, **names: Any) -> None:
        """Send a content entry; `names` are for its text alone."""

    def offers(self, verb: Any) -> bool:
        """Take the question's choices from data, for this stay; False when there are none."""

    def question(self, verb: Any) -> None:
        """Send the question with its choices, and leave it open."""

    def open(self, verb: Any) -> None:
        """Leave the question open, which has been sent already."""

    def post(self, verb: Any) -> bool:
        """Send the verb's template; False when it cannot go out."""

    def post_to(self, verb: Any, to: Any) -> bool:
        """Send it to another number; False when that is none, or it cannot go out."""

    def read(self, verb: Any, inbound: Inbound) -> Reading:
        """Understand a message as an answer to this question."""

    def look(self, verb: Any, inbound: Inbound) -> bool:
        """Ask that a message's file is looked at before it is read, where a bound is about its bytes: then True."""

    def looked(self, verb: Any, event: Any) -> Reading:
        """The file that was looked at, read as the answer."""

    def collect(self, verb: Any, inbound: Inbound) -> Reading | None:
        """Put a message to those that are one answer together; the answer when this one ends them."""

    def collected(self, verb: Any) -> Reading | None:
        """The answer that the messages so far are together; None when there are none."""

    def holds(self, check: Expression, value: Any) -> bool:
        """Whether a condition holds with `value` as this step's answer, which is not kept yet."""

    def refuse(self, code: str, params: Mapping[str, Any], *, say: str = "") -> Outcome:
        """Count a wrong answer: ask again (WAIT), or `invalid` when no try is left."""

    def save(self, reading: Reading) -> None:
        """Keep the answer under its name."""

    def assign(self, name: str, value: Any) -> None:
        """Set `contact.<field>`, `vars.<name>` or `answers.<name>`."""

    def park(self, verb: Any) -> Outcome:
        """Put the process aside until the wait is over; its outcome when that moment has passed."""

    def hand_off(self, team: str) -> None:
        """Be quiet, and let an operator talk."""

    def relay(self, text: str) -> None:
        """Send what an operator wrote."""

    def run(self, flow: str, inputs: Mapping[str, Any]) -> None:
        """Go on with another flow's first step, below this one."""

    def request(self, kind: str, body: Mapping[str, Any], *, limit: int) -> None:
        """Ask the outside world; the answer comes as CallAnswered, within `limit` ms and a little."""

    def call(self, integration: str, action: str, values: Mapping[str, Any]) -> Outcome:
        """Ask a client's service; its outcome at once when there is no such action."""

    def found(self, result: Mapping[str, Any]) -> None:
        """Keep what this step came to: texts read it under the step's id."""

    def submit(self, verb: Any) -> Outcome:
        """Ask a verifier; its outcome at once when it cannot be asked."""

    def verdict(self, verb: Any, event: Any) -> Outcome:
        """What the verifier's answer comes to, by threshold and retries."""

    def judge(self, record: Mapping[str, Any]) -> None:
        """Keep the record of a verification (kind, status, reason, score …), which the client gets too; a `found` of
        the same."""

    def conceal(self) -> None:
        """Let history show that a message came, and not what it said."""

    def remind(self, name: str, after: int) -> None:
        """Wake this step by TimerFired(name="verb.<name>") after so many ms, unless it was left by then."""

    def await_link(self, verb: Any) -> None:
        """Wait for the link to be opened that `send_code` sends."""

    def send_code(self, verb: Any, *, again: bool = False) -> str:
        """Have a one-time code made and sent; a word for why none can be sent, "" when it is under way."""

    def check_code(self, verb: Any, code: str) -> None:
        """Have what was typed compared with the code."""

    def draw(self, weights: Mapping[str, float]) -> str:
        """One of these, by weight: always the same one at this step of this process."""

    def mark(self, kind: str, *, add: Collection[str], remove: Collection[str]) -> None:
        """Put `labels` or `groups` on the contact, and take some off."""

    def speak(self, language: str) -> None:
        """Go on in another language, and keep it with the contact."""

    def emit(self, name: str, values: Mapping[str, Any]) -> None:
        """Tell the client's endpoints: a hook of the type `custom.<name>`."""

    def consent(self, topic: str, change: str) -> None:
        """Write into the ledger that the contact opts `in` or `out`."""


class Verb(Protocol):
    """One word of the language; see any file beside this one."""

    word: ClassVar[str]
    role: ClassVar[str]  # act (stands beside others), wait, route, end: at most one of the last three in a step
    good: ClassVar[str]  # the outcome that goes on to the step below
    bad: ClassVar[tuple[str, ...]]  # outcomes that end the flow when nobody names them
    shares: ClassVar[tuple[str, ...]]  # keys of a step that only some verbs have a use for: save, timeout, …
    Schema: ClassVar[type[Keys]]

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Verb: ...

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Every word that `next` may name."""

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        """Where triggers lead by the verb's own keys; `next` may not name these."""

    def enter(self, visit: Visit) -> Outcome: ...
    def resume(self, visit: Visit, event: Event) -> Outcome: ...


class Passing:
    """A verb that is done as soon as it was entered, and names no ways of its own."""

    __slots__ = ()
    good: ClassVar[str] = "done"
    bad: ClassVar[tuple[str, ...]] = ()
    shares: ClassVar[tuple[str, ...]] = ()

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("done",)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {}

    def resume(self, visit: Visit, event: Event) -> Outcome:
        return WAIT
