"""The schema of flows/*.test.yaml."""

from __future__ import annotations

from ..steps.verification.code import OUTCOMES as OF_CODES
from ..transcript import compare, hearing, mocks, read
from ..transcript.answer import OUTCOMES
from ..transcript.given import CONTACT
from . import hover, shapes
from .known import Known
from .shapes import DURATION, WORDS, Shape, either, ref, rows, suggested

_END = ("succeeded", "failed", "expired", "canceled", "open", "parked", "handed_off")

_INVITATION: Shape = {"template": {"type": "string"}, "with": {"type": "object"}, "language": WORDS, "step": WORDS}


def transcript_schema(known: Known) -> Shape:
    parts: dict[str, Shape] = {
        "flow": suggested(known.flows),
        "given": ref("given"),
        "mock": ref("mock"),
        "tests": {**rows(ref("test")), "minItems": 1},
    }
    named = hover.explained("test", {key: parts.get(key, {}) for key in read.FILE_KEYS})
    definitions = {
        "given": _given(known),
        "test": _test(),
        "mock": _mock(known),
        "line": _line(),
        "user": either(WORDS, {"type": "null"}, _single({key: {} for key in ("text", *hearing.KINDS)})),
        "bot": either(WORDS, rows(ref("bot")), shapes.keys({key: {} for key in compare.PARTS})),
    }
    return shapes.document("Transcript tests", shapes.keys(named, required=["tests"]), definitions)


def _given(known: Known) -> Shape:
    fields = {**shapes.table(), "properties": {name: {} for name in (*known.contact_fields, *CONTACT)}}
    parts: dict[str, Shape] = {
        "now": {"type": "string", "examples": ["2026-11-20 18:40 America/Bogota"]},
        "lang": suggested(known.languages),
        "inputs": {"type": "object"},
        "contact": fields,
        "account": suggested(known.accounts),
        "channel": suggested(known.channels),
    }
    return shapes.keys({key: parts.get(key, {}) for key in read.GIVEN})


def _test() -> Shape:
    expected: dict[str, Shape] = {
        "outcome": suggested(_END),
        "hooks": rows({"type": "string"}),
        "labels": rows({"type": "string"}),
        "groups": rows({"type": "string"}),
        "verifications": rows({"type": "object"}),
        **{key: {"type": "object"} for key in ("result", "answers", "contact")},
    }
    parts: dict[str, Shape] = {
        "test": WORDS,
        "given": ref("given"),
        "mock": ref("mock"),
        "start": either(
            suggested(["api"]),
            shapes.keys(_INVITATION, required=["template"]),
            shapes.keys({"event": either(WORDS, {"type": "object"})}, required=["event"]),
        ),
        "chat": rows(ref("line")),
        "expect": shapes.keys({key: expected.get(key, {}) for key in read.EXPECTED}),
    }
    return shapes.keys({key: parts.get(key, {}) for key in read.TEST_KEYS})


def _mock(known: Known) -> Shape:
    """Each name of the project, with the outcomes that stand for it."""
    words: dict[str, tuple[str, ...]] = {
        **{f"run.{name}": mocks.RUN_OUTCOMES for name in known.flows},
        **{f"verify.{name}": (*OF_CODES, mocks.NOTHING) for name in mocks.CODES},
        **{f"verify.{name}": (*OUTCOMES["verify"], mocks.NOTHING) for name in known.verifiers},
        **{f"call.{name}": (*OUTCOMES["call"], mocks.NOTHING) for name in known.actions},
    }
    words |= {f"split.{name}": ways for name, ways in known.splits.items()}
    one = {name: either(suggested(outcomes), {"type": ["object", "array"]}) for name, outcomes in words.items()}
    return {"type": "object", "properties": one}


def _line() -> Shape:
    parts: dict[str, Shape] = {
        "user": ref("user"),
        "bot": ref("bot"),
        "wait": DURATION,
        "wait_until": {"type": "string"},
    }
    return _single(hover.explained("line", {word: parts.get(word, {}) for word in read.ACTIONS}))


def _single(properties: dict[str, Shape]) -> Shape:
    """One of these keys, alone."""
    return {**shapes.keys(properties), "minProperties": 1, "maxProperties": 1}
