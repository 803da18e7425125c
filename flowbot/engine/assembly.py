"""From a step as written to a compiled one: its verbs, and where each of its outcomes leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..model.problem import Path, suggest
from ..steps import VERBS
from ..steps.ask import Ask
from ..steps.base import Verb
from ..steps.target import Route, Target
from .flow import Retry, Step, Timeout
from .meant import comma
from .names import RESERVED
from .outline import PACES, WAITING, StepKeys, TimeoutKeys, retry_of
from .workbench import Workbench

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_ORDER = {word: number for number, word in enumerate(VERBS)}
_SHARED = frozenset(StepKeys().fields)
_KEYS = {
    word: frozenset(f.data_key or name for name, f in verb.Schema().fields.items()) for word, verb in VERBS.items()
}
_OWNERS = {key: word for word, keys in reversed(_KEYS.items()) for key in keys}  # the first of several
EXPIRING = ("timeout", "expired")  # outcomes that let the flow expire when nobody names them
WAITS = frozenset(("choices", "expect"))  # with these, a template waits for its answer
CAP, LONGEST_CAP = 10_000, 600_000  # ms that a message waits for the delivery of the one before
_ENDINGS = ("fail", "succeed", "jump")


def check_id(step: Any, bench: Workbench) -> None:
    path: Path = ("steps", step)
    if not isinstance(step, str) or not _ID.match(step):
        bench.problem(path, "F211", f"{step!r} is no id for a step", hint="small letters, digits and _")
    elif step in RESERVED:
        bench.problem(path, "F211", f"{step!r} means something else in texts: take another id for the step")


def check_below(steps: Mapping[str, Step], bench: Workbench) -> None:
    """Every target that is a step exists."""
    for target in bench.targets:
        if target.kind == "step" and target.name not in steps:
            hint = suggest(target.name, steps)
            bench.problem(target.path, "F207", f"there is no step {target.name!r}", hint=hint)


def check_unnamed(bench: Workbench) -> None:
    """Outcomes that fail the flow because nobody named them: each said once, for all its steps."""
    for outcome, (first, *others) in bench.unnamed.items():
        more = f" (here and at {', '.join(others)})" if others else ""
        message = f"nobody names where '{outcome}' leads: then the flow ends as failed: {outcome}{more}"
        hint = f"or say where to go: next: {{{outcome}: …}}"
        if outcome == "invalid":
            message = f"when all tries are used up, the flow ends as failed: invalid{more}"
            hint = "or say where to go: defaults: {retry: {then: …}} for all, retry: {then: …} for one"
        bench.problem(("steps", first), "F230", message, hint=hint, level="warning")


@cache
def _allowed(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The keys of a step with these verbs, and those of them that only some verbs have a use for."""
    known = _SHARED.union(*(_KEYS[word] for word in words))
    return known, frozenset(key for word in words for key in VERBS[word].shares)


@dataclass(slots=True, kw_only=True)
class Assembly:
    """One step on the bench."""

    id: str
    data: Mapping[str, Any]
    below: str  # the next step's id; "" for the last
    bench: Workbench
    defaults: Mapping[str, Any] = field(default_factory=dict)
    main: Verb | None = None
    acts: list[Verb] = field(default_factory=list)
    routes: dict[str, tuple[Route, ...]] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return ("steps", self.id)

    def build(self) -> Step | None:
        bench = self.bench
        bench.step = self.id
        save = self.data.get("save", self.id)
        bench.saves = self.id if not isinstance(save, str) or save.startswith("contact.") else save
        words = self._words()
        shared = bench.load(StepKeys, {key: self.data[key] for key in self.data if key in _SHARED}, self.path)
        if words is None or not self._verbs(words) or shared is None:
            self._rest()
            return None
        timeouts = self._timeouts(shared.get("timeout"))
        retry = self._retry(shared.get("retry"))
        when = bench.expression(shared["when"], (*self.path, "when")) if "when" in shared else None
        self._next(shared.get("next"))
        if when is not None:
            self._skipped()
        return Step(
            id=self.id,
            acts=tuple(self.acts),
            main=self.main,
            when=when,
            title=shared.get("title", ""),
            note=shared.get("note", ""),
            save=bench.saves,
            contact_field=self._contact_field(shared.get("save", "")),
            sensitive=shared.get("sensitive", False),
            next_after=self._next_after(shared),
            retry=retry,
            timeouts=timeouts,
            routes=self.routes,
        )

    def _rest(self) -> None:
        """No step comes of it: what else is wrong is said all the same, but of its outcomes, which nobody knows."""
        bench, data, path = self.bench, self.data, self.path
        self.main = None
        if data.get("when") is not None:
            bench.expression(data["when"], (*path, "when"))
        rows = data.get("timeout") or []
        for number, row in enumerate(rows if isinstance(rows, list) else [rows]):
            self._timeout(number, row, (*path, "timeout", number) if isinstance(rows, list) else (*path, "timeout"))
        if data.get("retry") is not None:
            _, way = retry_of(data["retry"], (*path, "retry"), bench, None)
            if way is not None:
                bench.target(way, (*path, "retry", "then"))
        ways = data.get("next") or {}
        if not isinstance(ways, Mapping) or set(ways) & set(_ENDINGS):
            self._ways(ways, (*path, "next"))
            return
        for outcome, item in ways.items():
            self._ways(item, (*path, "next", outcome))

    # -- verbs

    def _words(self) -> list[str] | None:
        """The step's verbs, in the order in which they act; None when the step cannot be used."""
        words = sorted((word for word in self.data if word in _ORDER), key=_ORDER.__getitem__)
        if "verify" in words and "ask" in words:
            words.remove("ask")
        mains = [word for word in words if VERBS[word].role != "act"]
        if len(mains) > 1 and "template" in mains and not WAITS & set(self.data):
            mains.remove("template")  # it is sent on entry
        for word in mains[1:]:
            message = f"`{word}` cannot stand beside `{mains[0]}`: a step waits, branches or ends once"
            self.bench.problem((*self.path, word), "F205", message, hint="make it two steps")
        if not words:
            self.bench.unknown(self.data, self.path, [*VERBS, *_SHARED])
            self.bench.problem(self.path, "F206", "the step does nothing", hint=f"it needs one of: {', '.join(VERBS)}")
            return None
        self._known(words)
        return None if len(mains) > 1 else words

    def _known(self, words: list[str]) -> None:
        known, shared = _allowed(tuple(words))
        for key in self.data:
            here = (*self.path, key)
            if key not in known:
                owner = _OWNERS.get(key)
                hint = f"it belongs to `{owner}`" if owner else comma(self.data, key) or suggest(key, [*known, *VERBS])
                self.bench.problem(here, "F201", f"unknown key {key!r}", hint=hint)
            elif key in WAITING and key not in shared:
                owners = ", ".join(f"`{word}`" for word, verb in VERBS.items() if key in verb.shares)
                self.bench.problem(here, "F205", f"`{key}` needs a step that waits", hint=f"it belongs to {owners}")

    def _verbs(self, words: list[str]) -> bool:
        for word in words:
            kind = VERBS[word]
            given = self.data
            if word == "ask":
                given = {**{key: self.defaults[key] for key in ("match", "stale") if key in self.defaults}, **given}
            data = self.bench.load(kind.Schema, given, self.path)
            if data is None:
                return False
            # A verb may look at what stands beside it.
            verb = kind.build({**given, **data}, self.bench, self.path)
            if kind.role == "act" or (word == "template" and self.main is None and self._beside(words)):
                self.acts.append(verb)
            else:
                self.main = verb
        return True

    def _beside(self, words: list[str]) -> bool:
        """Whether another verb of the step is its main one."""
        others = [word for word in words if word != "template" and VERBS[word].role != "act"]
        return bool(others) and not WAITS & set(self.data)

    def _next_after(self, shared: Mapping[str, Any]) -> int:
        """How long what follows a message of the step waits for its delivery."""
        bench, path = self.bench, (*self.path, "next_after_cap")
        pace = shared.get("next_after", "")
        if pace:
            pace = bench.one_of(pace, PACES, (*self.path, "next_after"), "moment")
        if "next_after_cap" not in shared:
            return {"": -1, "sent": 0}.get(pace, CAP)
        cap = bench.duration(shared["next_after_cap"], path)
        if pace != "delivered":
            bench.problem(path, "F205", "`next_after_cap` needs a wait for the delivery", hint="next_after: delivered")
        elif cap > LONGEST_CAP:
            bench.problem(path, "F213", "'next_after_cap' should be at most 10m")
        return min(cap, LONGEST_CAP)

    def _contact_field(self, save: str) -> str:
        if not save:
            return ""
        name = save.removeprefix("contact.")
        if not name.isidentifier():
            self.bench.problem(
                (*self.path, "save"), "F203", f"{save!r} is no name to save under", hint="contact.<field>"
            )
        return name if name != save else ""

    # -- ways

    @property
    def _good(self) -> str:
        return self.main.good if self.main else "done"

    @property
    def _good_happens(self) -> bool:
        """A question with choices alone is only ever left by one of them."""
        return not isinstance(self.main, Ask) or not self.main.closed

    @property
    def _bad(self) -> tuple[str, ...]:
        return self.main.bad if self.main else ()

    @property
    def _outcomes(self) -> tuple[str, ...]:
        return self.main.outcomes if self.main else ("done",)

    def _timeouts(self, data: Any) -> tuple[Timeout, ...]:
        path: Path = (*self.path, "timeout")
        if data is None or self.main is None or self.main.role != "wait":
            return ()
        rows = data if isinstance(data, list) else [data]
        found: list[Timeout] = []
        for number, row in enumerate(rows):
            here = (*path, number) if isinstance(data, list) else path
            found.append(self._timeout(number, row, here))
        return tuple(found)

    def _timeout(self, number: int, row: Any, path: Path) -> Timeout:
        bench = self.bench
        keys = bench.table({"after": row} if isinstance(row, str) else row, path, TimeoutKeys)
        if "after" not in keys:
            return Timeout(after=3_600_000, trigger="timeout")
        say = bench.entry(keys["say"], (*path, "say"), part=f"timeout_{number + 1}") if "say" in keys else ""
        letter = bench.letter(keys, path)
        if say and letter:
            bench.problem((*path, "template"), "F205", "`say` and `template` do not go together")
        trigger = "" if say or letter else "timeout" if "timeout" in self._outcomes else "expired"
        if "then" in keys:
            trigger = f"timeout:{number}"
            self.routes[trigger] = (Route(target=bench.target(keys["then"], (*path, "then"))),)
        after = bench.duration(keys["after"], path if isinstance(row, str) else (*path, "after"))
        return Timeout(after=after, say=say, letter=letter, trigger=trigger)

    def _retry(self, data: Any) -> Retry:
        if self.main is None or "invalid" not in self._outcomes:
            return Retry()
        base = self.defaults.get("retry")
        own = isinstance(data, Mapping)
        retry, way = retry_of(data, (*self.path, "retry"), self.bench, base if isinstance(base, Mapping) else None)
        named = isinstance(self.data.get("next"), Mapping) and "invalid" in self.data["next"]
        if way is not None and not (named and not (own and "then" in data)):
            at: Path = (*self.path, "retry", "then") if own and "then" in data else ("defaults", "retry", "then")
            self.routes["invalid"] = (Route(target=self.bench.target(way, at)),)
        elif retry.times < 0 and not named:
            self.routes["invalid"] = (Route(target=Target(kind="fail", name="invalid")),)  # it never happens
        return retry

    def _next(self, data: Any) -> None:
        """The ways of every outcome: the verb's own, those of `next`, then what nobody named."""
        bench, path = self.bench, (*self.path, "next")
        for trigger, ways in (self.main.routes if self.main else {}).items():
            self.routes[trigger] = ways
        plain: tuple[Route, ...] | None = None
        if isinstance(data, Mapping) and not set(data) & set(_ENDINGS):
            for outcome, item in data.items():
                self._named(str(outcome), item, (*path, outcome))
        elif data is not None:
            plain = self._ways(data, path)
            if self.main is not None and (self.main.role == "end" or self._good in self.main.routes):
                bench.problem(path, "F205", f"`next` has no effect beside `{self.main.word}`")
        for outcome in self._outcomes:
            if outcome != self._good or self._good_happens or plain is not None or outcome in self.routes:
                self._complete(outcome, plain)

    def _named(self, outcome: str, item: Any, path: Path) -> None:
        if outcome not in self._outcomes:
            hint = suggest(outcome, self._outcomes) or f"there are: {', '.join(self._outcomes)}"
            self.bench.problem(path, "F210", f"the step has no outcome {outcome!r}", hint=hint)
        elif outcome in self.routes:
            self.bench.problem(path, "F209", f"the outcome {outcome!r} is named twice")
        else:
            self.routes[outcome] = self._ways(item, path)

    def _ways(self, item: Any, path: Path) -> tuple[Route, ...]:
        if isinstance(item, list):
            return self.bench.ways(item, path)
        return (Route(target=self.bench.target(item, path)),)

    def _complete(self, outcome: str, plain: tuple[Route, ...] | None) -> None:
        """Give an outcome its ways, the last of which always holds."""
        ways = self.routes.get(outcome)
        if ways is None and outcome not in self._bad:
            answered = self.routes.get(self._good) if isinstance(self.main, Ask) else None
            ways = plain if plain is not None else answered
        ways = ways or ()
        if not ways or ways[-1].when is not None:
            ways = (*ways, self._fallback(outcome, named=bool(ways)))
        self.routes[outcome] = ways

    def _fallback(self, outcome: str, *, named: bool) -> Route:
        """What nobody named: on to the step below, expired, or failed by the outcome's word."""
        bench = self.bench
        if outcome in self._bad and outcome in EXPIRING:
            return Route(target=Target(kind="expire", name="expired"))
        if outcome in self._bad:
            bench.unnamed.setdefault(outcome, []).append(self.id)
            return Route(target=Target(kind="fail", name=outcome))
        if not self.below:
            self._endless(outcome, named)
            return Route(target=Target(kind="fail", name="engine_error"))
        return Route(target=Target(kind="step", name=self.below), fallback=named)

    def _endless(self, outcome: str, named: bool) -> None:
        """The last step goes nowhere: said once, however many outcomes do."""
        closed = bool(getattr(self.main, "choices", ())) and not getattr(self.main, "free", False)
        if outcome == self._good and isinstance(self.main, Ask) and closed and "when" not in self.data:
            return  # a question of choices alone has no other answer
        if any(problem.code == "F208" for problem in self.bench.problems):
            return
        what = "when no condition holds, no step follows" if named else "no step follows, and it has no end"
        message = f"the last step of {self.bench.flow!r} ({self.id!r}) goes nowhere: {what}"
        hint = "end it with succeed: {} or fail: reason, or name where to go with next"
        self.bench.problem(self.path, "F208", message, hint=hint)

    def _skipped(self) -> None:
        """Where a step leads whose `when` does not hold: as if it were done."""
        ends = self.main is not None and self.main.role in ("end", "route")
        if ends or self._good not in self.routes:
            self._complete("skipped", None if not ends else ())
        else:
            self.routes["skipped"] = self.routes[self._good]
