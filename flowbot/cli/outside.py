"""Whom a conversation waits for beside the contact: a service, a verifier, a person: who types is them."""

from __future__ import annotations

from typing import Any

import orjson

from ..errors import InvalidRequest
from ..steps.wait import Wait
from ..testing import Chat
from ..transcript.answer import OUTCOMES, name_of
from ..transcript.read import Line

WORDS = tuple(dict.fromkeys(word for words in OUTCOMES.values() for word in words))
_SHOWN = {"ok": '/ok {"id": 1}', "verified": '/verified {"score": 0.9}'}


def offered(chat: Chat) -> str:
    """What may be typed for who is waited for; "" when nobody is."""
    for call in chat.calls.values():
        name = name_of(call)
        if name and call.kind in OUTCOMES:
            ways = "  ".join(_SHOWN.get(word, f"/{word}") for word in OUTCOMES[call.kind])
            return f"{name} is asked, and you are its answer: {ways}"
    process = chat.process
    if process is None or process.state != "handed_off":
        return _awaited(chat)
    ways = "  ".join(f"/operator {word}" for word in ("TEXT", *_buttons(chat), "close"))
    return f"a person of the team {_verb(chat).team} has it, and you are that person: {ways}"


def _awaited(chat: Chat) -> str:
    """The event that the newest parked flow waits for."""
    for process in reversed(chat.session.parked):
        verb: Any = chat.book.flow(process.flow, process.flow_version).steps[process.step].main
        if isinstance(verb, Wait) and verb.event:
            return f"it waits for an event of your system: /event {verb.event}"
    return ""


def happened(rest: str) -> Line:
    """An event of the client's system, perhaps with what it carries as JSON."""
    name, _, given = rest.partition(" ")
    if not name:
        raise InvalidRequest('/event wants a name: /event paid {"amount": 30}')
    if not given.strip():
        return Line(who="event", what=name)
    return Line(who="event", what={"name": name, "with": _fields(given, "event paid")})


def said(chat: Chat, word: str, rest: str) -> Line:
    """The line that answers the call at hand by one of its outcomes, perhaps with what is answered as JSON."""
    for call in chat.calls.values():
        name = name_of(call)
        if name and word in OUTCOMES.get(call.kind, ()):
            return Line(who="answer", what={name: _answer(call.kind, word, rest)})
    raise InvalidRequest(f"nothing waits for /{word}")


def operated(chat: Chat, rest: str) -> Line:
    """What the person at the desk does: press a button, close, or say something."""
    if chat.process is None or chat.process.state != "handed_off":
        raise InvalidRequest("no person has the conversation")
    if rest in _buttons(chat):
        return Line(who="operator", what={"tap": rest})
    if rest in ("close", "cancel"):
        return Line(who="operator", what={rest: True})
    if not rest:
        raise InvalidRequest("/operator wants what is said, a button, or close")
    return Line(who="operator", what=rest)


def _answer(kind: str, word: str, rest: str) -> Any:
    """As `mock` writes it."""
    if not rest:
        return word
    if not rest.startswith("{"):
        return {"error": rest} if kind == "call" else {"status": word, "reason": rest}
    fields = _fields(rest, word)
    if kind == "verify":
        return {"status": word, **fields}
    return fields if word == "ok" else {"status": 500, **fields}


def _fields(text: str, word: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InvalidRequest(f"/{word} wants JSON: {_SHOWN.get(word, f'/{word} ' + '{...}')}")
    return found


def _verb(chat: Chat) -> Any:
    process = chat.process
    assert process is not None
    return chat.book.flow(process.flow, process.flow_version).steps[process.step].main


def _buttons(chat: Chat) -> tuple[str, ...]:
    return tuple(_verb(chat).choices)
