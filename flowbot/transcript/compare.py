"""Whether what happened is what a transcript expects; every answer is "" or the difference in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..engine.folding import fold
from ..engine.plain import plain
from ..testing import Chat, Said

# What a `bot:` line may name of a message.
PARTS = ("key", "text", "contains", "lang", "buttons", "template", "with", "to")
ANY_ORDER = ("labels", "groups")  # of `expect`: of these the order does not count
_NOT_DIGITS = re.compile("[^0-9]")
_KEY = re.compile(r"[a-z0-9_.]+\Z")


def take(expected: Any, unread: list[Said]) -> str:
    """Compare a `bot:` line with the messages not yet accounted for, and take from these what it covers."""
    if expected == "nothing":
        return f"but the bot said {shown(unread[0])}" if unread else ""
    if isinstance(expected, (list, tuple)):
        return next((found for one in expected if (found := take(one, unread))), "")
    if not unread:
        return "but the bot said nothing more"
    first = unread[0]
    wrong = _differs(expected, first)
    if wrong:
        return wrong
    count = 1
    if _by_key(expected):  # a key stands for all bubbles of its entry
        while count < len(unread) and (unread[count].outbound.key, unread[count].turn) == (
            first.outbound.key,
            first.turn,
        ):
            count += 1
    del unread[:count]
    return ""


def ended(expect: Mapping[str, Any], chat: Chat) -> list[str]:
    """What of a test's `expect` did not come true."""
    found = facts(chat)
    wrong = []
    for name, wanted in expect.items():
        real = found[name]
        if name in ANY_ORDER:
            wanted = sorted(wanted)
        if not same(wanted, real):
            wrong.append(f"{name} is {_worded(_part(wanted, real))}, not {_worded(wanted)}")
    return wrong


def facts(chat: Chat) -> dict[str, Any]:
    """All that `expect` may name, as it is."""
    last, standing = chat.last, chat.standing
    contact = chat.contact
    return {
        "outcome": last.get("outcome") or (standing.state if standing else None),
        "reason": last.get("reason"),
        "step": standing.step if standing else last.get("failed_step"),
        "result": last.get("result", {}),
        "answers": standing.answers if standing else last.get("answers", {}),
        "contact": {**contact.fields, "name": contact.name, "language": contact.language, "country": contact.country},
        "labels": sorted(contact.labels),
        "groups": sorted(contact.groups),
        "verifications": [dict(one) for one in (standing.verifications if standing else last.get("verifications", ()))],
        "hooks": [hook.type for hook in chat.hooks],
    }


def same(wanted: Any, real: Any) -> bool:
    """Equal; of a mapping only what is wanted counts.

    >>> same({"a": 1}, {"a": 1, "b": 2}), same([1], [1, 2]), same("a", "A")
    (True, False, False)
    """
    if isinstance(wanted, Mapping):
        return isinstance(real, Mapping) and all(
            name in real and same(item, real[name]) for name, item in wanted.items()
        )
    if isinstance(wanted, (list, tuple)):
        return (
            isinstance(real, (list, tuple))
            and len(wanted) == len(real)
            and all(same(one, other) for one, other in zip(wanted, real, strict=True))
        )
    return bool(wanted == real) and isinstance(wanted, bool) == isinstance(real, bool)


def shown(said: Said) -> str:
    """One message in a line: its key, text, and buttons."""
    outbound = said.outbound
    text = " ".join(outbound.text.split()) or f"({outbound.kind})"
    text = text if len(text) <= 100 else text[:99] + "…"
    buttons = "  ".join(f"[{choice.title}]" for choice in outbound.choices)
    name = f"template {outbound.template.name}" if outbound.template else outbound.key
    return f"{name + ': ' if name else ''}{text}{'  ' + buttons if buttons else ''}"


def _differs(expected: Any, said: Said) -> str:
    outbound = said.outbound
    if isinstance(expected, Mapping):
        unknown = set(expected) - set(PARTS)
        if unknown:
            return f"but a bot line can't have {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}"
        checks = (
            ("key", lambda wanted: outbound.key == wanted),
            ("text", lambda wanted: _squeezed(outbound.text) == _squeezed(wanted)),
            ("contains", lambda wanted: fold(_squeezed(str(wanted))) in fold(_squeezed(outbound.text))),
            ("lang", lambda wanted: outbound.lang == wanted),
            ("template", lambda wanted: outbound.template is not None and outbound.template.name == wanted),
            ("with", lambda wanted: outbound.template is not None and _given(wanted, outbound.template.params)),
            ("to", lambda wanted: said.to == _NOT_DIGITS.sub("", str(wanted))),
            ("buttons", lambda wanted: list(wanted) in ([one.id for one in outbound.choices], _titles(said))),
        )
        failed = any(name in expected and not holds(expected[name]) for name, holds in checks)
        return f"but the bot said {shown(said)} (lang {outbound.lang})" if failed else ""
    word = str(expected)
    if word == outbound.key or _squeezed(word) == _squeezed(outbound.text):
        return ""
    return f"but the bot said {shown(said)}"


def _given(wanted: Any, params: Mapping[str, str]) -> bool:
    """Of a template's values only those that are wanted count, as they are sent."""
    return isinstance(wanted, Mapping) and all(params.get(name) == plain(item) for name, item in wanted.items())


def _titles(said: Said) -> list[str]:
    return [choice.title for choice in said.outbound.choices]


def _by_key(expected: Any) -> bool:
    key = expected.get("key") if isinstance(expected, Mapping) else expected
    return isinstance(key, str) and bool(_KEY.match(key))


def _squeezed(text: Any) -> str:
    return " ".join(str(text).split())


def _part(wanted: Any, real: Any) -> Any:
    """Of a long mapping only the members that are wanted."""
    if isinstance(wanted, Mapping) and isinstance(real, Mapping):
        return {name: _part(item, real.get(name)) for name, item in wanted.items()}
    return real


def _worded(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else text[:299] + "…"
