"""Data as YAML text, in the form an author would choose: plain, quoted, or a block of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..yaml import read_yaml

_RARE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(text: str, *, indent: int = 0, within: bool = False) -> str:
    """The text as a value after `key: `; `within` { } or [ ], else perhaps as a block indented by `indent`.

    >>> [scalar("Hola"), scalar("no: so"), scalar("12"), scalar("a, b", within=True)]
    ['Hola', '"no: so"', '"12"', '"a, b"']
    >>> scalar("one\\ntwo", indent=2)
    '|-\\n  one\\n  two'
    """
    for form in _forms(text, indent, within):
        if _reads_back(form, text, within):
            return form
    return quoted(text)


def quoted(text: str) -> str:
    """
    >>> quoted('say "hi"\\n')
    '"say \\\\"hi\\\\"\\\\n"'
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _RARE.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}", escaped) + '"'


def key(name: str, *, within: bool = False) -> str:
    """A mapping's key.

    >>> key("yes"), key("greeting"), key("a b: c")
    ('"yes"', 'greeting', '"a b: c"')
    """
    if name not in ("yes", "no", "on", "off", "y", "n") and _is_key(name, name, within):
        return name
    return quoted(name)


def block(data: Any, indent: int) -> str:
    """What stands after `key:`, with the space or line break before it; mappings and lists as blocks.

    >>> print("a:" + block({"b": "x", "c": ["y"]}, 2))
    a:
      b: x
      c:
        - y
    """
    lead = "\n" + " " * indent
    if isinstance(data, Mapping):
        if not data:
            return " {}"
        return "".join(f"{lead}{key(str(name))}:{block(item, indent + 2)}" for name, item in data.items())
    if isinstance(data, list):
        return "".join(f"{lead}-{_item(item, indent)}" for item in data) if data else " []"
    return " " + _atom(data, indent, False)


def inline(data: Any) -> str:
    """The same within { } or [ ].

    >>> inline({"title": "Sí, acepto", "aliases": ["ok"]})
    '{title: "Sí, acepto", aliases: [ok]}'
    """
    if isinstance(data, Mapping):
        return "{" + ", ".join(f"{key(str(name), within=True)}: {inline(item)}" for name, item in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(inline(item) for item in data) + "]"
    return _atom(data, 0, True)


def _item(data: Any, indent: int) -> str:
    """A list's item after its dash: a mapping begins on the same line."""
    made = block(data, indent + 2)
    lead = "\n" + " " * (indent + 2)
    return " " + made.removeprefix(lead) if isinstance(data, (Mapping, list)) and made.startswith(lead) else made


def _atom(data: Any, indent: int, within: bool) -> str:
    if data is None:
        return "null"
    if isinstance(data, bool):
        return str(data).lower()
    return str(data) if isinstance(data, (int, float)) else scalar(str(data), indent=indent, within=within)


def _forms(text: str, indent: int, within: bool) -> Iterator[str]:
    if text and "\n" not in text:
        yield text
    elif text and not within and indent and not _RARE.search(text.replace("\n", "")):
        sign = "|" if text.endswith("\n") else "|-"
        lines = text.removesuffix("\n").split("\n")
        yield "\n".join([sign, *(" " * indent + line if line else "" for line in lines)])


def _reads_back(form: str, text: str, within: bool) -> bool:
    whole = f"{{k: {form}, z: 1}}\n" if within else f"k: {form}\nz: 1\n"
    read = read_yaml("", whole.encode("utf-8", "surrogatepass"))
    return read.source is not None and not read.problems and read.source.data == {"k": text, "z": 1}


def _is_key(form: str, name: str, within: bool) -> bool:
    whole = f"{{{form}: 1}}\n" if within else f"{form}: 1\n"
    read = read_yaml("", whole.encode("utf-8", "surrogatepass"))
    return read.source is not None and not read.problems and read.source.data == {name: 1}
