"""A chat that took place, as a transcript test that passes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from ..testing import Chat, Said
from .read import Line

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ .-]*[A-Za-z0-9_]\Z|[A-Za-z]\Z|([0-9]+[dhms])+\Z")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}


def header(flow: str) -> str:
    return f"flow: {flow}\ntests:"


def written(
    name: str, played: Sequence[tuple[Line, Sequence[Said]]], chat: Chat, given: Mapping[str, Any], *, start: Any = ""
) -> str:
    """One test, as an item of `tests`; `start` is api or an invitation where it is not the contact who begins."""
    lines = [f"  - test: {scalar(name)}"]
    if given:
        lines.append(f"    given: {flow_style(given)}")
    if start:
        lines.append(f"    start: {flow_style(start)}")
    mocked = _mocked(played)
    if mocked:
        lines.append(f"    mock: {flow_style(mocked)}")
    lines.append("    chat:")
    for line, said in played:
        if line.who not in ("start", "answer"):
            lines.append(f"      - {line.who}: {flow_style(line.what)}")
        lines += [f"      - bot: {one}" for one in _bot(said, chat)]
        if not said and line.who in ("wait", "wait_until"):
            lines.append("      - bot: nothing")
    lines.append(f"    expect: {flow_style(_expected(chat))}")
    return "\n".join(lines) + "\n"


def clock(now: int, zone: str) -> str:
    """The time as tests write it."""
    return datetime.fromtimestamp(now / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") + f" {zone}"


def flow_style(value: Any) -> str:
    """A value in one line of YAML.

    >>> flow_style({"tap": "yes", "k": 3, "t": ["a b", "08:00", None]})
    '{tap: "yes", k: 3, t: [a b, "08:00", null]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(key))}: {flow_style(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow_style, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """
    >>> scalar("happy path"), scalar("no"), scalar("1020"), scalar(7), scalar("Sí: ya")
    ('happy path', '"no"', '"1020"', '7', '"Sí: ya"')
    >>> scalar("1h30m"), scalar("a"), scalar("ends ")
    ('1h30m', 'a', '"ends "')
    """
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    return orjson.dumps(value, default=str).decode()


def _mocked(played: Sequence[tuple[Line, Sequence[Said]]]) -> dict[str, Any]:
    """What services and verifiers answered, in the order in which they were asked."""
    found: dict[str, list[Any]] = {}
    for line, _ in played:
        if line.who == "answer":
            for name, said in line.what.items():
                found.setdefault(name.replace("link.", "verify."), []).append(said)  # mocks stand for the step
    return {name: said[0] if len(said) == 1 else said for name, said in found.items()}


def _bot(said: Sequence[Said], chat: Chat) -> Iterator[str]:
    """A key for each entry that was said; bubbles of one entry are one line."""
    before: Said | None = None
    for one in said:
        outbound = one.outbound
        same = before is not None and (before.outbound.key, before.turn) == (outbound.key, one.turn)
        if outbound.template:
            to = {"to": f"+{one.to}"} if one.to else {}
            yield flow_style({"template": outbound.template.name, **to})
        elif not outbound.key:
            yield flow_style({"text": outbound.text})
        elif not same:
            yield scalar(outbound.key)
        before = one


def _expected(chat: Chat) -> dict[str, Any]:
    last = chat.last
    if chat.process:
        return {"outcome": "open", "step": chat.process.step}
    if not last:
        return {"hooks": []}
    found: dict[str, Any] = {"outcome": last.get("outcome")}
    if last.get("reason"):
        found["reason"] = last["reason"]
    if last.get("result"):
        found["result"] = last["result"]
    return {**found, "hooks": [hook.type for hook in chat.hooks]}
