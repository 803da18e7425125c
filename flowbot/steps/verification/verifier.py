"""A document, a face or anything else, looked at by a verifier of the client's: `verifiers` in flowbot.yaml declare it.

It gets what `with` names: files that were asked for before, at addresses that end soon, and plain values. Our own looks
at the files come first: what nobody could read is `unclear` at once, by the names `front.blurred`, `back.small` …
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ...model.event import CallAnswered, Event
from ...model.problem import Path
from ..base import WAIT, Keys, Outcome, Tools, Value, Visit
from ..fields import Table, Text
from ..target import Route

OF_FILES = ("document", "face", "document_and_face")  # kinds that are nothing without a file
CHECKS = ("max_mb", "min_width", "min_height", "sharp")  # keys of `with` for our own looks
OWN = ("threshold", "retries", *CHECKS)  # keys of `with` that are no values for the verifier
OUTCOMES = ("verified", "rejected", "unclear", "expired", "error")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByVerifier:
    kind: str  # the verifier's name
    values: Value  # files and plain values, from a scope
    threshold: float | None = None  # the least score; None: the verifier's own
    retries: int | None = None  # visits after the first; then what is unclear is rejected
    checks: Mapping[str, Any] = field(default_factory=dict)

    word: ClassVar[str] = "verify"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "verified"
    bad: ClassVar[tuple[str, ...]] = OUTCOMES[1:]
    shares: ClassVar[tuple[str, ...]] = ("timeout",)

    class Schema(Keys):
        verify = Text(required=True)
        with_ = Table(data_key="with")

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> ByVerifier:
        name, given, here = data["verify"], data.get("with", {}), (*path, "with")
        if NAME.match(name):
            tools.verifier_named(name, (*path, "verify"))
        else:
            hint = "otp, email, phone, document, face, document_and_face, or a verifier of flowbot.yaml"
            tools.problem((*path, "verify"), "F203", f"{name!r} is no name for a verification", hint=hint)
        if "ask" in data:
            hint = "ask for what is to be verified in a step of its own, before"
            tools.problem((*path, "ask"), "F205", f"`ask` has no effect beside `verify: {name}`", hint=hint)
        return cls(
            kind=name,
            values=tools.value({key: item for key, item in given.items() if key not in OWN}, here),
            threshold=_number(given, "threshold", tools, here),
            retries=_count(given, "retries", tools, here),
            checks=_checks(given, tools, here),
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        return OUTCOMES

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {}

    def enter(self, visit: Visit) -> Outcome:
        return visit.submit(self)

    def resume(self, visit: Visit, event: Event) -> Outcome:
        return visit.verdict(self, event) if isinstance(event, CallAnswered) else WAIT

    def late(self, visit: Visit) -> None:
        """The step's own time is over before there was a verdict: that too is put down."""
        visit.judge({"kind": self.kind, "status": "expired", "reason": "timeout"})


def _checks(given: Mapping[str, Any], tools: Tools, path: Path) -> Mapping[str, Any]:
    found: dict[str, Any] = {key: _number(given, key, tools, path) for key in CHECKS if key in given and key != "sharp"}
    if "sharp" in given:
        if not isinstance(given["sharp"], bool):
            tools.problem((*path, "sharp"), "F203", "'sharp' should be true or false")
        found["sharp"] = given["sharp"] is not False
    return {key: item for key, item in found.items() if item is not None}


def _number(given: Mapping[str, Any], name: str, tools: Tools, path: Path) -> float | None:
    found = given.get(name)
    if name not in given or (isinstance(found, (int, float)) and not isinstance(found, bool) and found >= 0):
        return found
    tools.problem((*path, name), "F203", f"{name!r} should be a number from 0")
    return None


def _count(given: Mapping[str, Any], name: str, tools: Tools, path: Path) -> int | None:
    found = given.get(name)
    if name not in given or (isinstance(found, int) and not isinstance(found, bool) and found >= 0):
        return found
    tools.problem((*path, name), "F203", f"{name!r} should be a whole number from 0")
    return None
