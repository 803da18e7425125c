"""Who is who: the ids that providers know a person by, each leading to our contact.

The contact's id is made from the first identity ever seen, so two processes that meet a new person at once make the same
one. Once made it never changes, whatever other identities are added.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..model import ids
from ..model.contact import Identity
from ..model.number import canonical
from . import keys
from .call import Call, as_text, command

if TYPE_CHECKING:
    from .client import Store

REMEMBERED = 50_000  # identities in a process's memory
FRESH = 60.0  # seconds until they are asked for again: another process may have joined two
Known = OrderedDict[tuple[str, str, str], tuple[str, float]]
_known: dict[bytes, Known] = {}  # by the store's salt


def resolve(store: Store, account: str, who: Identity) -> str:
    """The contact's id; a person not yet known gets one. ValueError for an identity without any id.

    When number and BSUID are known as two contacts, the number's wins, since an invitation goes to a number; the BSUID
    leads to it from then on.
    """
    key = (account, who.number, who.bsuid)
    known = _known.setdefault(store.salt, OrderedDict())
    found = known.get(key)
    if found and time.monotonic() - found[1] < FRESH:
        known.move_to_end(key)
        return found[0]
    contact_id = _settle(store, account, _names(who))
    known[key] = (contact_id, time.monotonic())
    if len(known) > REMEMBERED:
        known.popitem(last=False)
    return contact_id


def _names(who: Identity) -> list[str]:
    """What the person is known by; the first one there is makes the contact's id.

    >>> _names(Identity(number="5215512345678", bsuid="MX.1"))
    ['n:525512345678', 'b:MX.1']
    """
    number = canonical(who.number)
    names = [f"n:{number}"] if number else []
    return [*names, f"b:{who.bsuid}"] if who.bsuid else names


def _settle(store: Store, account: str, names: list[str]) -> str:
    if not names:
        raise ValueError("an identity without any id")
    aliases = [alias_key(store.salt, account, name) for name in names]
    found = [_raised(one) for one in store.run_all([_get(alias) for alias in aliases])]
    if all(found) and len(set(found)) == 1:
        return found[0]
    first = next(filter(None, found), "") or ids.contact_id(store.salt, account, names[0])
    if found[0]:
        contact_id = found[0]
    else:
        contact_id = store.run(_set_once(aliases[0], first)) or first
    for alias, now in zip(aliases[1:], found[1:], strict=True):
        if now != contact_id:
            store.run(_set(alias, contact_id))
    return contact_id


def alias_key(salt: bytes, account: str, name: str) -> str:
    """The key of an identity: nobody without the salt can tell whose it is."""
    raw = hmac.new(salt, f"{account}\x1f{name}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return keys.alias(ids.digest(raw.hex(), size=12))


def _get(alias: str) -> Call[str]:
    return command("GET", alias, read=as_text, repeatable=True)


def _set_once(alias: str, contact_id: str) -> Call[str]:
    """Set it when it is not set; what it was set to before, "" for nothing."""
    return command("SET", alias, contact_id, "NX", "GET", read=as_text, repeatable=True)


def _set(alias: str, contact_id: str) -> Call[bool]:
    return command("SET", alias, contact_id, read=bool, repeatable=True)


def _raised(value: str | StoreError) -> str:
    if isinstance(value, StoreError):
        raise value
    return value
