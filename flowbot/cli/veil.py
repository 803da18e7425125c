"""What the store knows, without what says who somebody is: for a terminal that others may look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ..logs import redact, visible

PERSONAL = frozenset(
    (
        *("phone", "number", "reply_to", "to", "bsuid", "username", "wa_id", "recipient", "sender"),
        *("provider_id", "last_inbound_id"),
    )
)
HIDDEN = "•••"
_SHORT = 3  # characters: "yes" stands everywhere


def secrets(value: Any, names: Collection[str]) -> frozenset[str]:
    """What stands under these names anywhere below, to be hidden wherever it was copied to; short ones hide nothing.

    >>> sorted(secrets({"answers": {"pin": 123456, "ok": "no"}, "result": {"code": 123456}}, ["pin", "ok"]))
    ['123456']
    """
    found: set[str] = set()
    for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
        if isinstance(inner, Mapping | list | tuple):
            found |= secrets(inner, names)
        elif key in names and not isinstance(inner, bool) and len(str(inner)) > _SHORT:
            found.add(str(inner))
    return frozenset(found)


def cover(value: Any, names: Collection[str], values: Collection[str], *, name: str = "") -> Any:
    """The same shape; what stands under the names, and every copy of the values, is hidden.

    >>> cover({"answers": {"pin": 123456, "city": "Cali"}, "result": {"code": 123456}}, ["pin"], ["123456"])
    {'answers': {'pin': '•••', 'city': 'Cali'}, 'result': {'code': '•••'}}
    """
    if name in names and value is not None:
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: cover(inner, names, values, name=str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cover(inner, names, values) for inner in value]
    return HIDDEN if str(value) in values else value


def veil(value: Any, secret: Collection[str] = (), *, name: str = "") -> Any:
    """The same shape; numbers, providers' ids and what stands under the names in `secret` are hidden.

    >>> veil({"phone": "+573001112233", "state": "sent", "answers": {"pin": "1", "text": "call 573001112233"}}, ["pin"])
    {'phone': '•••', 'state': 'sent', 'answers': {'pin': '•••', 'text': 'call [number]'}}
    """
    if (name in PERSONAL or name in secret) and value:
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: veil(inner, secret, name=str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [veil(inner, secret) for inner in value]
    return redact(value) if isinstance(value, str) and not _ours(value) else value


def _ours(text: str) -> bool:
    """Our own ids and times look like numbers here and there."""
    kind, separator, _ = text.partition("_")
    return bool(separator) and kind in ("pr", "ms", "dl", "ev", "mf", "qr")


def outline(body: bytes) -> Any:
    """Of a body only its names and what kind of thing stands under each: enough to see what is odd about it.

    >>> outline(b'{"from": "15550100001", "text": null, "ids": [1, 2]}')
    {'from': 'text of 11', 'text': 'null', 'ids': ['number', 'number']}
    >>> outline(b"From=whatsapp%3A%2B1555&Body=Hi"), outline(b"{broken")
    ({'From': 'text of 14', 'Body': 'text of 2'}, 'no JSON and no form, 7 bytes: see it with --reveal')
    """
    try:
        return _kinds(orjson.loads(body))
    except orjson.JSONDecodeError:
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if fields and b"=" in body:
        return {name: _kinds(value) for name, value in fields}
    return f"no JSON and no form, {len(body)} bytes: see it with --reveal"


def _kinds(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _kinds(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_kinds(inner) for inner in value]
    if isinstance(value, str):
        return f"text of {len(value)}"
    return "null" if value is None else {bool: "true or false"}.get(type(value), "number")


def sheet(value: Any, indent: str = "") -> list[str]:
    """Lines for a person: names and values, what lies deeper further in; nothing for what is empty.

    >>> sheet({"state": "sent", "tries": 0, "contact": {"id": "c1", "name": ""}, "log": ["a", "b"]})
    ['state    sent', 'contact', '  id  c1', 'log', '  a', '  b']
    """
    lines: list[str] = []
    if isinstance(value, Mapping):
        kept = {str(key): inner for key, inner in value.items() if inner not in ("", None, 0, {}, [], ())}
        width = max((len(key) for key, inner in kept.items()), default=0)
        for key, inner in kept.items():
            if isinstance(inner, Mapping | list | tuple):
                lines += [indent + key, *sheet(inner, indent + "  ")]
            else:
                lines.append(f"{indent}{key:<{width}}  {visible(str(inner))}")
    elif isinstance(value, list | tuple):
        for inner in value:
            lines += sheet(inner, indent)
    else:
        lines.append(indent + visible(str(value)))
    return lines
