"""`mock:` of a transcript: what a verb that asks the outside world gets for an answer.

```yaml
mock: {verify.otp: verified, call.crm.save: {ok: true}, run.survey: [failed, succeeded]}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..model.problem import suggest
from ..steps.verification.code import CHANNELS, OUTCOMES

CODES = tuple(CHANNELS)  # verifications by a one-time code
VERBS = ("verify", "call", "run")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """The answers to one verb at one name, in order; the last is given again and again."""

    verb: str
    name: str  # of a verifier, of a call, of a flow
    answers: tuple[Any, ...]


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
        elif verb == "verify" and name in CODES and not all(_status(one) in OUTCOMES for one in answers):
            yield Mistake(key=key, message=f"{key!r} ends in one of {', '.join(OUTCOMES)}", hint="verify.otp: verified")
        else:
            yield Mock(verb=verb, name=name, answers=answers)


def over(below: tuple[Mock, ...], above: tuple[Mock, ...]) -> tuple[Mock, ...]:
    """A test's own mocks over those of its file."""
    own = {(one.verb, one.name) for one in above}
    return (*above, *(one for one in below if (one.verb, one.name) not in own))


def _status(answer: Any) -> Any:
    return answer.get("status") if isinstance(answer, Mapping) else answer
