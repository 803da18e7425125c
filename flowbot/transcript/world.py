"""The outside world of a virtual chat: what a test's `mock` says, and one-time codes that are always the same.

The code is 123456, or as much of 1234567890 as it is long: a chat with it can be saved as a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import codec
from ..model.code import fill
from ..model.effect import RequestCall
from ..model.outbound import Outbound
from ..model.project import CodeRules
from .answer import Answer, answer_of, name_of
from .mocks import NOTHING, Mock

DIGITS = "1234567890"
LINK = "https://bot.example/confirm/123456"


@dataclass(slots=True)
class _Code:
    code: str
    until: int  # ms UTC
    left: int  # wrong tries until it is locked


@dataclass(slots=True, kw_only=True)
class World:
    mocks: tuple[Mock, ...] = ()
    _given: dict[str, int] = field(default_factory=dict)  # name of a mock -> how often it has answered
    _silent: set[str] = field(default_factory=set)  # calls that never get an answer
    _codes: dict[str, _Code] = field(default_factory=dict)
    _sent: dict[str, list[int]] = field(default_factory=dict)  # address -> ms UTC of each code

    def answer(self, call: RequestCall, rules: CodeRules, now: int) -> Answer | None:
        """What the call comes to at once; None when it waits for somebody to say."""
        name = name_of(call)
        if call.id in self._silent:
            return None
        if name in self._answers:
            said = self.give(name)
            if said != NOTHING:
                return answer_of(call, said)
            self._silent.add(call.id)
            return None
        if call.kind == "code.issue":
            return self._issue(call.body, rules, now)
        return self._check(call.body, now) if call.kind == "code.check" else None

    def give(self, name: str) -> Any:
        """What a mock answers: each of its answers once, and the last one from then on."""
        number = self._given[name] = self._given.get(name, -1) + 1
        answers = self._answers[name]
        return answers[min(number, len(answers) - 1)]

    @property
    def _answers(self) -> Mapping[str, tuple[Any, ...]]:
        return {one.key: one.answers for one in reversed(self.mocks)}

    def _issue(self, body: Mapping[str, Any], rules: CodeRules, now: int) -> Answer:
        times, kept = self._sent.setdefault(body["to"], []), self._codes.get(body["place"])
        alive = kept if kept and kept.until > now else None
        if alive and alive.left <= 0:
            return Answer(outcome="rejected", result={"left": 0}, reason="locked")
        if times and now < times[-1] + rules.cooldown:
            if alive and not body["again"]:
                return Answer(outcome="kept", result={"valid_for": alive.until - now})
            return Answer(outcome="soon", result={"wait": times[-1] + rules.cooldown - now})
        recent = [at for at in times if at > now - rules.period]
        if len(recent) >= rules.per_number:
            wait = recent[-rules.per_number] + rules.period - now
            return (
                Answer(outcome="soon", result={"wait": wait})
                if body["again"]
                else Answer(outcome="error", reason="capped")
            )
        times.append(now)
        code = LINK if "link" in body else DIGITS[: body["length"]]
        self._codes[body["place"]] = _Code(code, now + body["valid_for"], alive.left if alive else body["attempts"])
        result = {"valid_for": body["valid_for"]}
        if "outbound" in body:
            return Answer(
                outcome="sent", result=result, message=codec.from_plain(Outbound, fill(body["outbound"], code))
            )
        return Answer(outcome="sent", result=result, elsewhere=f"{body['to']}: {fill(body['values']['text'], code)}")

    def _check(self, body: Mapping[str, Any], now: int) -> Answer:
        kept = self._codes.get(body["place"])
        if kept is None or kept.until <= now:
            return Answer(outcome="expired", reason="expired")
        if kept.left > 0 and kept.code == body["code"]:
            del self._codes[body["place"]]
            return Answer(outcome="verified")
        kept.left = max(0, kept.left - 1)
        if kept.left:
            return Answer(outcome="wrong", result={"left": kept.left})
        return Answer(outcome="rejected", result={"left": 0}, reason="locked")
