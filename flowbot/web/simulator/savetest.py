"""A simulated conversation as a transcript test: played again with the real engine and written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import Conflict
from ...library.library import Library
from ...model.choice import from_wire
from ...model.duration import format_duration, parse_duration
from ...model.project import Account, Channel
from ...testing import Chat, Said
from ...transcript.answer import give, name_of, told
from ...transcript.read import Line
from ...transcript.write import clock, header, written
from .phone import NAME

MINUTE = 60_000


def transcript(
    library: Library, account: Account, channel: Channel, flow: str, done: Sequence[Mapping[str, Any]], began: int
) -> str:
    """The text of a `.test.yaml` file; `done` is what the contact did (see `replay`), `began` when, in ms UTC."""
    if not done:
        raise Conflict("nothing has been said yet")
    now = began - began % MINUTE
    chat = Chat(library, account.name, channel.name, now=now, root=library.root)
    language = next((one["said"].get("language") for one in done if one["k"] == "message"), "") or ""
    chat.introduce(name=NAME, **({"language": language} if language else {}))
    by_api = done[0]["k"] == "start"
    start = _invitation(done[0]) or "api" if by_api else ""
    played = [(line, _play(chat, line, one, flow)) for one in done if (line := _line(one, chat))]
    given: dict[str, Any] = {"now": clock(now, account.timezone), "account": account.name}
    given |= {"contact": {"name": NAME}}
    given |= {"lang": language or done[0].get("language")} if language or done[0].get("language") else {}
    given |= {"inputs": dict(done[0]["inputs"])} if start == "api" and done[0]["inputs"] else {}
    return f"{header(flow)}\n{written('as tried', played, chat, given, start=start)}"


def _invitation(done: Mapping[str, Any]) -> dict[str, Any]:
    return {"template": done["invite"], "with": dict(done["with"])} if done.get("invite") else {}


def _line(done: Mapping[str, Any], chat: Chat) -> Line | None:
    match done["k"]:
        case "start":
            return Line(who="start", what=None)
        case "clock" if done["by"] >= 1000:
            return Line(who="wait", what=format_duration(-(-done["by"] // 1000) * 1000))
        case "message":
            return Line(who="user", what=_said(done["said"]))
        case "operator":
            return Line(who="operator", what=_operated(done))
        case "answer":
            asked = next((name_of(call) for call in chat.calls.values() if call.kind == done["kind"]), "")
            return Line(who="answer", what={asked: told(**done)}) if asked else None
    return None


def _operated(done: Mapping[str, Any]) -> Any:
    """
    >>> _operated({"action": "choose", "choice": "approve"}), _operated({"action": "close"})
    ({'tap': 'approve'}, {'close': True})
    """
    if done["action"] == "say":
        return done["text"]
    return {"tap": done["choice"]} if done["action"] == "choose" else {done["action"]: True}


def _said(said: Mapping[str, Any]) -> Any:
    """A message as transcripts write it.

    >>> _said({"kind": "tap", "tap": {"id": "v3.yes"}}), _said({"kind": "text", "text": "hi"})
    ({'tap': 'yes'}, 'hi')
    """
    kind = said["kind"]
    if kind == "tap":
        return {"tap": from_wire(said["tap"]["id"])[0]}
    if kind == "location":
        return {"location": {name: said["place"][name] for name in ("latitude", "longitude")}}
    if kind == "text":
        return said["text"]
    return {kind: said["media"].get("filename") or f"{kind}.bin"}


def _play(chat: Chat, line: Line, done: Mapping[str, Any], flow: str) -> list[Said]:
    if line.who == "start":
        invite = _invitation(done)
        inputs = {} if invite else done["inputs"]
        return chat.start(flow, inputs, language=done.get("language", ""), invite=invite or None)
    if line.who == "answer":
        return give(chat, line.what)
    if line.who == "operator":
        return chat.operator(line.what)
    return chat.wait(parse_duration(line.what)) if line.who == "wait" else chat.user(line.what)
