"""A compiled flow: immutable, shared by every contact who stands on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transitions import Machine

from ..model.attempt import Attempts
from ..model.problem import Path
from ..model.quick import quick
from ..steps.base import Expression, Verb
from ..steps.target import Route, Target
from .content import Content
from .entry import Letter
from .machine import build
from .meaning import Words, bundle_of
from .names import Names
from .reengage import Reengage, Window

HOUR = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The flow begins when the contact taps Continue on a template."""

    template: str
    expires: int  # ms
    say: str = ""  # to who taps Cancel


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a conversation begins."""

    messages: tuple[str, ...] = ()  # whole messages, as written
    keywords: tuple[str, ...] = ()  # first words, as written
    spoken: Mapping[str, str] = field(default_factory=dict)  # either of them, folded -> its language, where it is told
    channels: tuple[str, ...] = ()  # () for all
    api: bool = False
    patterns: tuple[str, ...] = ()  # RE2's, of whole messages
    referral: bool = False  # a tap on an advertisement
    new_contact: bool = False  # the first message ever
    default: bool = False  # what no other start takes
    out_of_hours: bool = False  # the same while the office is closed
    every_time: tuple[str, ...] = ()  # of default and out_of_hours: more often than once in 24 hours
    invitation: Invitation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What the client passes in."""

    type: str = "text"
    required: bool = False
    default: Any = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a wrong answer is asked again; `times` -1: without end."""

    times: int = 3
    say: str = ""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """After `after` ms at the open question: say something, send a template, or leave by the trigger."""

    after: int
    say: str = ""
    letter: Letter | None = None
    trigger: str = ""  # "" stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Anytime:
    """A word understood at every step; `trigger` is "" when it only says something."""

    word: str
    say: str = ""
    trigger: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    timezone: str = ""
    expires_after: int = 2 * HOUR  # ms of silence at an open question
    keywords_interrupt: bool = True
    attempts: Attempts | None = None
    hours: Window | None = None  # of what the flow sends by itself; None: at any
    per_day: int = 0  # sends of that to one contact in any 24 hours; 0: no limit
    per_week: int = 0


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what acts on entry, then the one verb that waits, routes or ends."""

    id: str
    acts: tuple[Verb, ...] = ()
    main: Verb | None = None
    when: Expression | None = None
    title: str = ""
    note: str = ""
    save: str = ""  # the answer's name under `answers`
    contact_field: str = ""  # where the answer is stored too
    sensitive: bool = False
    next_after: int = -1  # ms that what follows each of its messages waits for its delivery; -1: as the channel says
    retry: Retry = field(default_factory=Retry)
    timeouts: tuple[Timeout, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)  # folded word -> name under its `commands`
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)  # trigger -> ways, in order

    @property
    def private(self) -> bool:
        """What the contact says here is not for others' eyes."""
        return self.sensitive or bool(getattr(self.main, "private", False))

    @property
    def good(self) -> str:
        """The outcome that a skipped step takes."""
        return self.main.good if self.main else "done"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """One version of one flow."""

    id: str
    version: str  # hash of the meaning: layout, comments and shipped words do not count
    title: str
    languages: tuple[str, ...]  # the first is the fall-back
    start: Start
    inputs: Mapping[str, Input]
    settings: Settings
    anytime: Mapping[str, Anytime]
    reengage: tuple[Reengage, ...]
    words: Mapping[str, str]  # folded word -> name under `anytime`, of all the flow's languages
    consent: Mapping[str, str]  # folded word -> opt_out or opt_in
    steps: Mapping[str, Step]
    first: str
    ways: Mapping[str, Target]  # where words lead at any time, and answers to a re-engagement, by trigger
    ends: Mapping[str, Target]  # the machine's states that are not steps
    content: Content
    meaning: Mapping[str, Any]  # what the version is the hash of: {flow, data, content, languages}
    shipped: Words  # what Flowbot's own words were when it was made
    names: Names  # what its texts and conditions may read
    entries: frozenset[str] = frozenset()  # content keys that the flow names
    places: Mapping[str, Path] = field(default_factory=dict)  # content key -> where the flow names it first
    built: list[Machine] = field(default_factory=list)  # the machine, once there is one; a changed copy has the same

    @property
    def machine(self) -> Machine:
        """Shared; driven with a cursor, never with a model. Built when a contact first stands on the flow."""
        if not self.built:
            self.built.append(build({id: step.routes for id, step in self.steps.items()}, self.first, self.ways))
        return self.built[0]

    def bundle(self) -> bytes:
        """The flow as bytes for the store; `compiler.from_bundle` makes an equal one."""
        return bundle_of(self.version, self.meaning, self.shipped)
