"""What an author most likely meant who wrote something else: hints for mistakes of writing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_JOINED = re.compile(r"([a-z_]+:)\S")  # a key and its value without a space between
TABLES = {  # a table that was written as something else -> how it is written
    "retry": "for example: retry: {times: 3, then: a_step}",
    "timeout": "for example: timeout: {after: 10m, then: a_step}",
    "start": "for example: start: {keywords: [hello]}",
    "settings": "for example: settings: {expires_after: 2h}",
    "defaults": "for example: defaults: {retry: {times: 3, then: a_step}}",
    "reengage": "for example: reengage: {after: 2h, say: still_there}",
    "required": "an input is its name with its type: account_id: {type: text, required: true}",
}


def comma(data: Mapping[Any, Any], key: Any) -> str:
    """A hint for a piece of text that became a key: `{say: Hello, dear}`, `{say:Hello}`; "" when it is none.

    >>> comma({"say": "Hello", "how are you?": None}, "how are you?")
    "within { } a ',' begins a new key: put quotes around the whole text"
    >>> comma({"say:Hello": None}, "say:Hello")
    "write a space after 'say:'"
    """
    if str(key).replace("\xa0", " ").strip() != str(key):
        return "a space that is none stands before it: it came with a copied text, write it again"
    if data.get(key, "") is not None:
        return ""
    if joined := _JOINED.match(str(key)):
        return f"write a space after '{joined[1]}'"
    plain = str(key).replace("_", "").isalnum()
    return "" if plain else "within { } a ',' begins a new key: put quotes around the whole text"


def as_step(item: Any) -> str:
    """A hint for what stands in place of a step.

    >>> as_step("say:Hello"), as_step("Hello")
    ("write a space after 'say:'", 'for example: {say: Hello}')
    """
    if joined := _JOINED.match(str(item)):
        return f"write a space after '{joined[1]}'"
    plain = isinstance(item, str) and bool(item.strip()) and not set(item) & set(",:{}[]#\n")
    return f"for example: {{say: {item if plain else 'hello'}}}"


def cut_off(data: Any, path: tuple[str | int, ...]) -> str:
    """The hint of `comma` for any key on the way along the path.

    >>> cut_off({"a": {"choices": {"x": "Now", "or never": None}}}, ("a", "choices", "or never", "title"))
    "within { } a ',' begins a new key: put quotes around the whole text"
    """
    for part in path:
        if isinstance(data, Mapping) and part in data:
            if hint := comma(data, part):
                return hint
            data = data[part]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
    return ""
