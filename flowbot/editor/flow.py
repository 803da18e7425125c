"""The schema of flows/*.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..engine import outline
from ..engine.answers import KINDS
from ..engine.hour_keys import HourKeys
from ..engine.reengage_keys import ReengageKeys
from ..steps import VERBS
from ..steps.ask import MATCHES, MOST_PARTS, STALE
from ..steps.choices import RESERVED
from ..steps.verification import KINDS as CODES
from ..steps.verification.verifier import OF_FILES
from ..steps.wait import KINDS as WAITS
from . import hover, shapes
from .bounds import bounds
from .fields import keys, properties
from .known import Known
from .shapes import DURATION, EXPRESSION, REASON, Shape, either, one_of, one_or_more, ref, rows, suggested, table

STEP_ID = {"pattern": "^[a-z][a-z0-9_]{0,63}$", "patternErrorMessage": "A step's id: small letters, digits and _."}
_NOTHING: Shape = {"type": "null"}


def flow_schema(known: Known) -> Shape:
    told = hover.explained("flow", properties(outline.FlowKeys, _flow(known)))
    return shapes.document("A flow", shapes.keys(told, required=["steps"]), dict(_definitions(known)))


def _flow(known: Known) -> dict[str, Shape]:
    return {
        "languages": one_or_more(suggested(known.languages, shapes.LANGUAGE)),
        "start": _explained("start", outline.StartKeys, _start(known)),
        "inputs": table(either(one_of(outline.INPUT_TYPES), _explained("inputs", outline.InputKeys, _INPUT))),
        "settings": _explained("settings", outline.SettingKeys, _settings()),
        "reengage": one_or_more(ref("reengage")),
        "anytime": table(ref("aside")),
        "defaults": _explained("defaults", outline.DefaultKeys, _WAITING),
        "steps": {**table(ref("step"), propertyNames=STEP_ID), "minProperties": 1},
    }


def _start(known: Known) -> dict[str, Shape]:
    words = one_or_more({"type": "string"})
    spoken = either(*words["anyOf"], table(words, propertyNames=shapes.LANGUAGE))
    return {
        "messages": spoken,
        "keywords": spoken,
        "channels": either(*one_or_more(suggested(known.channels))["anyOf"], {"const": "all"}),
        "template": either(
            suggested(known.templates),
            _explained("invitation", outline.InvitationKeys, {"name": suggested(known.templates), "cancel": _CANCEL}),
        ),
        **dict.fromkeys(("default", "out_of_hours"), either({"type": "boolean"}, keys(outline.EveryKeys))),
    }


_CANCEL: Shape = shapes.keys({"say": either(ref("said"))}, required=["say"])


def _attempts() -> Shape:
    """Either by the day and the month, or for good."""
    made = _explained("attempts", outline.AttemptKeys, {})
    return {**made, "not": {"anyOf": [{"required": ["ever", name]} for name in ("per_day", "per_month")]}}


_INPUT: Mapping[str, Shape] = {"type": one_of(outline.INPUT_TYPES), "default": {}}


def _settings() -> dict[str, Shape]:
    return {
        "timezone": shapes.zones(),
        "expires_after": DURATION,
        "attempts": _attempts(),
        "outreach": _outreach(),
    }


_SAID: Shape = either(ref("said"))
_WAITING: Mapping[str, Shape] = {
    "retry": ref("retry"),
    "timeout": ref("timeout"),
    "match": one_of(MATCHES),
    "stale": one_of(STALE),
}
_PACE: Mapping[str, Shape] = {"next_after": one_of(outline.PACES), "next_after_cap": DURATION}


def _definitions(known: Known) -> Iterator[tuple[str, Shape]]:
    jump = {"jump": suggested(known.flows), "with": {"type": "object"}, "as": shapes.keys({"fail": REASON})}
    ends = hover.explained("target", {"fail": REASON, "succeed": ref("result"), **jump})
    to = {"then": ref("target")}
    yield "result", {"type": ["object", "null", "boolean"]}
    yield "place", suggested(known.steps)
    yield "said", suggested(known.entries, shapes.TEXT)
    yield "target", either(ref("place"), shapes.keys(ends))
    yield (
        "way",
        either(
            shapes.keys({"when": EXPRESSION, **to}, required=["when", "then"]), shapes.keys({"else": ref("target")})
        ),
    )
    yield "ways", {**rows(ref("way")), "minItems": 1}
    yield "next", {**_next(ends), **hover.explained("step", {"next": {}})["next"]}
    yield (
        "retry",
        either(*_times()["anyOf"], _explained("retry", outline.RetryKeys, {**to, "times": _times(), "say": _SAID})),
    )
    after = {"after": DURATION, "say": _SAID, "template": suggested(known.templates), **to}
    yield "timeout", one_or_more(either(DURATION, _explained("timeout", outline.TimeoutKeys, after)))
    yield "aside", either(ref("place"), shapes.keys({"say": _SAID, **to, **ends}))
    yield "choices", _choices(ends)
    yield "reengage", _reengage(ends, known)
    yield "command", either(ref("place"), shapes.keys({"next": ref("target"), **_COMMAND, **ends}))
    yield "check", shapes.keys({"check": EXPRESSION, "say": _SAID, **to}, required=["check"])
    yield "step", _step(known)


_COLLECT: Mapping[str, Shape] = {
    "quiet": DURATION,
    "until": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
    "most": {"type": "integer", "minimum": 2, "maximum": MOST_PARTS},
}
_COMMAND: Mapping[str, Shape] = {"max": {"type": "integer", "minimum": 0}, "say": _SAID}


def _times() -> Shape:
    return either({"type": "integer", "minimum": 0}, {"const": "unlimited"})


def _next(ends: Mapping[str, Shape]) -> Shape:
    """A step, an end, ways by condition, or a way for each outcome."""
    way = either(ref("place"), {"type": "array"}, {"type": "object"})
    outcomes = dict.fromkeys((*RESERVED, *(kind.good for kind in VERBS.values() if kind.role == "wait")), way)
    named = {**outcomes, **ends}
    return either(ref("place"), ref("ways"), {"type": "object", "properties": named, "additionalProperties": way})


def _hours() -> Shape:
    clock: Shape = {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]Z?$|^24:00Z?$"}
    times = {"from": clock, "to": clock, "days": one_or_more(shapes.days()), "timezone": shapes.zones()}
    hours = one_or_more(_explained("hours", HourKeys, times))
    return either(*hours["anyOf"], {"const": "office"})


def _outreach() -> Shape:
    few = {"type": "integer", "minimum": 1, "maximum": outline.MOST_SENDS}
    return _explained("outreach", outline.OutreachKeys, {"hours": _hours(), "per_day": few, "per_week": few})


def _reengage(ends: Mapping[str, Shape], known: Known) -> Shape:
    answer = either(ref("place"), shapes.keys({"again": DURATION, "then": ref("target"), **ends}))
    names = {"after": DURATION, "hours": _hours(), "choices": table(answer), "say": _SAID}
    names["template"] = suggested(known.templates)
    return _explained("reengage", ReengageKeys, names)


def _choices(ends: Mapping[str, Shape]) -> Shape:
    rich = {
        "then": ref("target"),
        "set": {"type": "object"},
        "labels": {"type": "object"},
        "groups": {"type": "object"},
    }
    way = either(ref("place"), {"type": ["number", "null"]}, shapes.keys({**rich, **ends}))
    part = {"type": "string"}
    data = {"from": EXPRESSION, "id": part, "title": part, "description": part}
    data |= {"then": ref("target"), "empty": ref("target")}
    offer = shapes.keys(hover.explained("offer", data), required=["from"])
    return either({**rows({"type": ["string", "number"]}), "minItems": 1}, table(way, minProperties=1), offer)


def _step(known: Known) -> Shape:
    """The keys of all verbs and those that any step may have; a verb's own key asks for the verb."""
    shared = properties(
        outline.StepKeys, {**_WAITING, **_PACE, "when": EXPRESSION, "next": ref("next"), "save": _save(known)}
    )
    found = hover.explained("step", shared)
    owners: dict[str, list[str]] = {}
    for word, kind in VERBS.items():
        for key, shape in properties(kind.Schema, _verb(word, known)).items():
            if key in VERBS and key != word:  # the same key as a verb of its own: its shape is that one's
                continue
            owners.setdefault(key, []).append(word)
            found[key] = hover.verb(word, shape) if key == word else _met(found.get(key), shape)
    found = hover.explained("verbs", hover.explained("ask", found))
    made = shapes.keys(found)
    made["dependencies"] = {
        key: {"anyOf": [{"required": [word]} for word in words]}
        for key, words in owners.items()
        if key not in words and key not in shared
    }
    made["allOf"] = [bounds(kind) for kind in KINDS]
    return made


def _met(before: Shape | None, shape: Shape) -> Shape:
    """A key that several verbs have: what all of them take."""
    return shape if before is None or before == shape else {}


def _named(known: Known) -> Shape:
    return shapes.keys({"name": suggested(known.templates), "language": shapes.LANGUAGE}, required=["name"])


def _verb(word: str, known: Known) -> dict[str, Shape]:
    """What the verb's schema leaves to the verb itself."""
    names: dict[str, Shape] = {f"contact.{name}": {} for name in known.contact_fields}
    return {
        "say": {"say": one_or_more(ref("said"))},
        "ask": {
            "ask": _SAID,
            "expect": _expected(),
            "match": one_of(MATCHES),
            "stale": one_of(STALE),
            "choices": ref("choices"),
            "commands": table(ref("command")),
            "collect": shapes.keys(hover.explained("collect", _COLLECT)),
            "validate": {**rows(ref("check")), "minItems": 1},
        },
        "template": {
            "template": either(suggested(known.templates), _named(known)),
            "expect": _expected(),
            "match": one_of(MATCHES),
            "stale": one_of(STALE),
            "choices": ref("choices"),
            "to": shapes.TEXT,
        },
        "set": {
            "set": {
                "type": "object",
                "properties": names,
                "patternProperties": {r"^(contact|vars|answers)\.[A-Za-z_][A-Za-z0-9_]*$": {}},
                "additionalProperties": False,
            }
        },
        "verify": {"verify": suggested(tuple(dict.fromkeys((*CODES, *OF_FILES, *known.verifiers))))},
        "call": {"call": suggested(known.actions)},
        "branch": {"branch": ref("ways")},
        "split": {"split": table({"type": "number", "minimum": 0})},
        "wait": {"wait": _wait(), "listen": table(ref("target"))},
        "run": {"run": suggested(known.flows)},
        "handoff": {"choices": ref("choices")},
        "jump": {"jump": suggested(known.flows), "as": shapes.keys({"fail": REASON})},
        "succeed": {"succeed": ref("result")},
        "fail": {"fail": REASON},
        "language": {"language": either(suggested(known.languages), {"type": "string"})},
    }.get(word, {})


def _wait() -> Shape:
    clock: Shape = {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$"}
    spans = dict.fromkeys(("for", "plus", "minus", "timeout"), DURATION)
    named = {**spans, "until": EXPRESSION, "at": clock, "hours": {"const": "office"}, "event": {"type": "string"}}
    return {**shapes.keys(named), "anyOf": [{"required": [kind]} for kind in WAITS]}


def _expected() -> Shape:
    """The types of answers, each with the promise of its own file."""
    told = [(getattr(kind, "__doc__", "") or "").strip().partition("\n")[0] for kind in KINDS.values()]
    return {**one_of(KINDS), "enumDescriptions": told}


def _save(known: Known) -> Shape:
    return suggested(f"contact.{name}" for name in known.contact_fields)


def _explained(place: str, schema: Any, known: Mapping[str, Shape], **more: Shape) -> Shape:
    made = keys(schema, known)
    made["properties"] = hover.explained(place, {**made["properties"], **more})
    return made
