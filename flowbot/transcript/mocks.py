"""`mock:` of a transcript: what a verb that asks the outside world gets for an answer.

```yaml
mock: {verify.otp: verified, call.crm.save: {ok: true}, run.survey: [failed, succeeded]}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..library.library import Library
from ..model.problem import suggest
from ..model.project import Account
from ..steps.split import Split
from ..steps.verification.code import CHANNELS
from ..steps.verification.code import OUTCOMES as OF_CODES
from .answer import OUTCOMES

CODES = tuple(CHANNELS)  # verifications by a one-time code
VERBS = ("verify", "call", "run", "split")
NOTHING = "nothing"  # no answer ever comes: the step's own time ends it
RUN_OUTCOMES = ("succeeded", "failed", "expired")
RUN_KEYS = ("outcome", "reason", "answers", "result")
VERDICT_KEYS = ("status", "score", "reasons", "data", "reason")
PARTS: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("score", (int, float), "number"),
    ("reasons", (list,), "list"),
    ("data", (Mapping,), "table"),
    ("answers", (Mapping,), "table"),
    ("result", (Mapping,), "table"),
)
_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """The answers to one verb at one name, in order; the last is given again and again."""

    verb: str
    name: str  # of a verifier, of a call, of a flow, of a step that splits
    answers: tuple[Any, ...]

    @property
    def key(self) -> str:
        return f"{self.verb}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    key: str
    message: str
    hint: str = ""


def mocks_of(data: Mapping[str, Any]) -> Iterator[Mock | Mistake]:
    """Each entry of a `mock`, or what is wrong with it.

    >>> list(mocks_of({"run.survey": ["failed", "succeeded"]}))
    [Mock(verb='run', name='survey', answers=('failed', 'succeeded'))]
    >>> [one.message for one in mocks_of({"veriffy.otp": "verified", "call": {}, "call.save": []})]
    ["there is no 'veriffy' to mock", "'call' needs a name", "'call.save' has no answer"]
    """
    for key, value in data.items():
        verb, _, name = str(key).partition(".")
        answers = tuple(value) if isinstance(value, list) else (value,)
        if verb not in VERBS:
            hint = suggest(verb, VERBS) or f"there are: {', '.join(VERBS)}"
            yield Mistake(key=key, message=f"there is no {verb!r} to mock", hint=hint)
        elif not _NAME.match(name):
            yield Mistake(key=key, message=f"{key!r} needs a name", hint="mock: {verify.otp: verified}")
        elif not answers or not all(isinstance(one, (str, Mapping)) and one for one in answers):
            hint = "an outcome, what it answers, or a list of these"
            yield Mistake(key=key, message=f"{key!r} has no answer", hint=hint)
        elif wrong := next(filter(None, (_wrong(verb, name, one) for one in answers)), ""):
            yield Mistake(key=key, message=f"{key!r} {wrong}")
        else:
            yield Mock(verb=verb, name=name, answers=answers)


def over(below: tuple[Mock, ...], above: tuple[Mock, ...]) -> tuple[Mock, ...]:
    """A test's own mocks over those of its file."""
    own = {(one.verb, one.name) for one in above}
    return (*above, *(one for one in below if (one.verb, one.name) not in own))


def unknown(mocks: Iterable[Mock], account: Account, library: Library) -> Iterator[str]:
    """What stands in for nothing, as it is not there."""
    services = [f"{name}.{action}" for name, one in account.integrations.items() for action in one.actions]
    mocks = list(mocks)
    ways = splits(library) if any(mock.verb == "split" for mock in mocks) else {}
    known: Mapping[str, tuple[str, Iterable[str]]] = {
        "verify": ("verifier", (*CODES, *account.verifiers)),
        "call": ("action", services),
        "run": ("flow", library.flows),
        "split": ("step", ways),
    }
    for mock in mocks:
        kind, names = known[mock.verb]
        if mock.name not in names:
            hint = suggest(mock.name, names)
            yield f"mock: there is no {kind} {mock.name!r} to {mock.verb}" + (f"; {hint}" if hint else "")
        elif mock.verb == "split" and (strange := [one for one in mock.answers if one not in ways[mock.name]]):
            yield f"mock: {mock.name!r} has no way {strange[0]!r}: there are {', '.join(ways[mock.name])}"


def splits(library: Library) -> dict[str, tuple[str, ...]]:
    """Each step that splits, of any flow, with its ways."""
    found: dict[str, tuple[str, ...]] = {}
    for flow in library.flows.values():
        for id, step in flow.steps.items():
            if isinstance(step.main, Split):
                found[id] = tuple(step.main.weights)
    return found


def _wrong(verb: str, name: str, answer: Any) -> str:
    """What is wrong with one answer, or ""."""
    if verb == "split":
        return "" if isinstance(answer, str) else "goes one of its ways"
    if answer == NOTHING and verb != "run":
        return ""
    if verb == "call":
        return _wrong_call(answer)
    word, keys, outcomes = ("outcome", RUN_KEYS, RUN_OUTCOMES) if verb == "run" else _of_verify(name)
    fields = answer if isinstance(answer, Mapping) else {word: answer}
    strange = [str(key) for key in fields if keys and key not in keys]
    if strange:
        return f"can't have {', '.join(strange)}: there are {', '.join(keys)}"
    if fields.get(word, "succeeded" if verb == "run" else None) not in outcomes:
        return f"ends in one of {', '.join(outcomes)}"
    return next((f"has a {key} that is no {told}" for key, kind, told in PARTS if not _is(fields.get(key), kind)), "")


def _of_verify(name: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return ("status", (), OF_CODES) if name in CODES else ("status", VERDICT_KEYS, OUTCOMES["verify"])


def _wrong_call(answer: Any) -> str:
    if isinstance(answer, str) and answer not in OUTCOMES["call"]:
        return "is ok, error, or what the service answers: {id: 7}"
    status = answer.get("status", 200) if isinstance(answer, Mapping) else 200
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        return "has a status that is no HTTP status: {status: 404}"
    return ""


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    return value is None or (isinstance(value, kinds) and not isinstance(value, bool))
