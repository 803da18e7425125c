"""Meta's webhook envelope -> Routed items. Other providers that speak the dialect use this too.

    entry[] -> changes[] -> value: messages[], statuses[], errors[], or the value of another field

Only `ParseError` leaves `parse_envelope`, and only for a body that is no JSON object. A deformed item becomes
Unsupported(what="malformed") and the rest of the batch goes on. Routing is by `metadata.phone_number_id` alone: the
display number is not reliable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import orjson

from ..errors import ParseError
from ..model.inbound import Item, Routed, Unsupported
from .meta_message import read_message, read_moved
from .meta_receipt import TEMPLATE_FIELDS, read_error, read_preference, read_receipt, read_template
from .meta_values import Deformed, bsuid, items, keep, loads, mapping, number, text

Raw = Mapping[str, Any]

_SHORT = 200  # characters kept of a fact we do not use


def parse_envelope(body: bytes) -> list[Routed]:
    """Everything a webhook holds, in its order; ParseError when the body is no JSON object."""
    return read_envelope(load(body))


def read_envelope(envelope: dict[str, Any]) -> list[Routed]:
    """The same for a body that is loaded already."""
    found: list[Routed] = []
    for entry in _objects(envelope, "entry", found):
        for change in _objects(entry, "changes", found):
            found.extend(_change(change, entry))
    return found


def load(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, without lone surrogates; ParseError when there is none or it nests too deep."""
    try:
        loaded = loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"the body is not JSON: {error}") from None
    if type(loaded) is not dict:
        raise ParseError("the body is not a JSON object")
    return loaded


def _objects(parent: Raw, name: str, found: list[Routed]) -> Iterator[dict[str, Any]]:
    """The objects of a list; what else stands there is noted as malformed."""
    members = parent.get(name)
    if type(members) is not list:
        found.append(_malformed(name))
        return
    for member in members:
        if type(member) is dict:
            yield member
        else:
            found.append(_malformed(name))


def _malformed(why: str, address: str = "") -> Routed:
    return Routed(item=Unsupported(what="malformed", why=why), address=address)


def _change(change: Raw, entry: Raw) -> Iterator[Routed]:
    field, value = text(change.get("field")), change.get("value")
    if type(value) is not dict:
        yield _malformed("value")
        return
    address = text(mapping(value.get("metadata")).get("phone_number_id"))
    for read in _readers(field, value, entry):
        try:
            yield Routed(item=read(), address=address)
        except Deformed as error:
            yield _malformed(str(error), address)


def _readers(field: str, value: dict[str, Any], entry: Raw) -> Iterator[Callable[[], Item]]:
    """One call per item, so that one bad item cannot spoil its neighbors."""
    if field == "messages":
        yield from _messages(value)
    elif field == "":
        yield partial(Unsupported, what="empty", why=text(value.get("event"))[:_SHORT])
    elif field in TEMPLATE_FIELDS:
        yield partial(read_template, field, value, entry)
    else:
        yield from _others(field, value)
    for error in items(value.get("errors")) if field != "flows" else ():
        yield partial(_error, error)


def _messages(value: dict[str, Any]) -> Iterator[Callable[[], Item]]:
    profiles = _profiles(value)
    for message in _listed(value, "messages"):
        yield partial(_message, message, profiles)
    for status in _listed(value, "statuses"):
        yield partial(_status, status)
    if not any(name in value for name in ("messages", "statuses", "errors")):
        yield partial(Unsupported, what="empty")


def _listed(value: Raw, name: str) -> list[Any]:
    """The members of a list; what stands in its place and is none is one bad member."""
    found = value.get(name)
    return found if type(found) is list else [] if found is None else [None]


def _message(raw: Any, profiles: dict[str, dict[str, Any]]) -> Item:
    return read_message(_object(raw), profiles)


def _status(raw: Any) -> Item:
    return read_receipt(_object(raw))


def _error(raw: Any) -> Item:
    return Unsupported(what="error", facts=read_error(_object(raw)))


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise Deformed("item")
    return value


def _profiles(value: Raw) -> dict[str, dict[str, Any]]:
    """The contacts beside the messages, by each of their ids: the two lists do not go in step."""
    found: dict[str, dict[str, Any]] = {}
    for contact in items(value.get("contacts")):
        if type(contact) is dict:
            for key in (number(contact.get("wa_id")), bsuid(contact.get("user_id"))):
                if key:
                    found[key] = contact
    return found


_MEMBERS = {
    "smb_message_echoes": ("message_echoes", "echo", ("id", "type", "from", "to", "timestamp", "text", "revoke")),
    "calls": ("calls", "call", ("id", "event", "direction", "status")),
}


def _others(field: str, value: dict[str, Any]) -> Iterator[Callable[[], Item]]:
    """Fields that carry no message for us: each of their members, or the value as one."""
    if field == "user_preferences":
        profiles = _profiles(value)
        for one in _listed(value, field):
            yield partial(_preference, one, profiles)
        return
    if field == "user_id_update":
        for one in _listed(value, field):
            yield partial(_moved, one)
        return
    if field not in _MEMBERS:
        why = text(value.get("event"))[:_SHORT]
        yield partial(Unsupported, what=field[:_SHORT], why=why, facts=_scalars(value))
        return
    name, what, kept = _MEMBERS[field]
    for member in items(value.get(name)):
        yield partial(_member, what, kept, member)


def _moved(raw: Any) -> Item:
    return read_moved(_object(raw))


def _preference(raw: Any, profiles: dict[str, dict[str, Any]]) -> Item:
    return read_preference(_object(raw), profiles)


def _member(what: str, kept: tuple[str, ...], raw: Any) -> Item:
    return Unsupported(what=what, facts={key: keep(item) for key, item in _object(raw).items() if key in kept})


def _scalars(value: Raw) -> dict[str, Any]:
    return {
        name: text(item)[:_SHORT] if type(item) is str else item
        for name, item in value.items()
        if type(item) in (str, int, float, bool) and name != "messaging_product"
    }
