"""Who is who: the ids that providers know a person by, each leading to our contact.

The contact's id is made from the first identity ever seen, so two processes that meet a new person at once make the
same one. Once made it never changes, whatever other identities are added.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from ..errors import StoreError
from ..model import ids
from ..model.contact import Contact, Identity
from ..model.number import canonical
from . import keys
from .call import Call, as_text, command

if TYPE_CHECKING:
    from .client import Store

REMEMBERED = 50_000  # identities in a process's memory
FRESH = 60.0  # seconds until they are asked for again: another process may have joined two
T = TypeVar("T")
_Key = tuple[str, str, str]  # account, number, BSUID
Known = OrderedDict[_Key, tuple[str, float]]
_known: dict[bytes, Known] = {}  # by the store's salt


def resolve(store: Store, account: str, who: Identity) -> str:
    """The contact's id; a person not yet known gets one. ValueError for an identity without any id.

    When number and BSUID are known as two contacts, the number's wins, since an invitation goes to a number; the BSUID
    leads to it from then on.
    """
    return resolve_many(store, [(account, who)])[0]


def known(store: Store, account: str, who: Identity) -> str:
    """The contact's id, "" when nobody is known by this; makes nobody."""
    found = _all(store, [_get(alias_key(store.salt, account, name)) for name in _names(who)])
    return next(filter(None, found), "")


def look(salt: bytes, account: str, who: Identity) -> Call[str]:
    """The same by the first of its ids, for who has no time to wait for the store."""
    return _get(alias_key(salt, account, _names(who)[0]))


def resolve_many(store: Store, people: Sequence[tuple[str, Identity]], *, remember: bool = True) -> list[str]:
    """`resolve` for each (account, identity), in order: a webhook's thousand in three round trips, most in none.

    A broadcast's million are not remembered: those who write would be forgotten for them.
    """
    known = _known.setdefault(store.salt, OrderedDict())
    wanted = [(account, who.number, who.bsuid) for account, who in people]
    now = time.monotonic()
    unknown: dict[_Key, tuple[str, list[str]]] = {}
    found: dict[_Key, str] = {}
    for key, (account, who) in zip(wanted, people, strict=True):
        if key in found or key in unknown:
            continue
        remembered = known.get(key)
        if remembered and now - remembered[1] < FRESH:
            found[key] = remembered[0]
        else:
            unknown[key] = (account, _names(who))
    for wave in _waves(unknown):
        settled = _settle(store, [unknown[key] for key in wave])
        for key, contact_id in zip(wave, settled, strict=True):
            found[key] = contact_id
            if remember:
                known[key] = (contact_id, now)
                known.move_to_end(key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return [found[key] for key in wanted]


def made_of(store: Store, account: str, who: Identity) -> list[str]:
    """All contacts that the person may be: where the ids lead, and where each of them alone would have led."""
    names = _names(who)
    led = _all(store, [_get(alias_key(store.salt, account, name)) for name in names])
    alone = [ids.contact_id(store.salt, account, name) for name in names]
    return list(dict.fromkeys(filter(None, (*led, *alone))))


def join(store: Store, account: str, contact_id: str, who: Identity) -> None:
    """These ids lead to the contact too; one that leads to somebody already stays theirs."""
    aliases = [alias_key(store.salt, account, name) for name in _names(who)]
    _all(store, [_set_once(alias, contact_id) for alias in aliases])


def names_of(contact: Contact) -> list[str]:
    """All that a contact is known by, and was before.

    >>> names_of(Contact(id="c", account="a", number="573001112233", reply_to="US.2", bsuid="US.2", former=("b:US.1",)))
    ['n:573001112233', 'b:US.2', 'b:US.1']
    """
    found = _names(Identity(number=contact.number, bsuid=contact.bsuid))
    if contact.reply_to.isdigit():
        found.append(f"n:{canonical(contact.reply_to)}")
    return list(dict.fromkeys((*found, *contact.former)))


def forget(store: Store, account: str, contact_id: str, names: Sequence[str]) -> int:
    """None of these names leads to the contact any more; how many did. Another process may believe so for a minute."""
    aliases = [alias_key(store.salt, account, name) for name in names]
    led = _all(store, [_get(alias) for alias in aliases])
    ours = [alias for alias, leads_to in zip(aliases, led, strict=True) if leads_to == contact_id]
    known = _known.get(store.salt) or OrderedDict()
    for key in [key for key, (leads_to, _) in known.items() if leads_to == contact_id]:
        del known[key]
    return sum(_all(store, [command("DEL", alias, read=int, repeatable=True) for alias in ours]))


def _waves(unknown: Mapping[_Key, tuple[str, list[str]]]) -> list[list[_Key]]:
    """In one wave no name occurs twice: who shares a name must see what the one before has made of it."""
    waves: list[tuple[list[_Key], set[tuple[str, str]]]] = []
    for key, (account, names) in unknown.items():
        named = {(account, name) for name in names}
        at = next((place for place in range(len(waves), 0, -1) if waves[place - 1][1] & named), 0)
        if at == len(waves):
            waves.append(([], set()))
        waves[at][0].append(key)
        waves[at][1].update(named)
    return [members for members, _ in waves]


def _names(who: Identity) -> list[str]:
    """What the person is known by; the first one there is makes the contact's id.

    >>> _names(Identity(number="5215512345678", bsuid="MX.1"))
    ['n:525512345678', 'b:MX.1']
    """
    number = canonical(who.number)
    names = [f"n:{number}"] if number else []
    return [*names, f"b:{who.bsuid}"] if who.bsuid else names


def _settle(store: Store, people: Sequence[tuple[str, list[str]]]) -> list[str]:
    """The contact of each (account, names), made and joined as needed."""
    if not all(names for _, names in people):
        raise ValueError("an identity without any id")
    aliases = [[alias_key(store.salt, account, name) for name in names] for account, names in people]
    if all(len(group) == 1 for group in aliases):  # who has one name only is found, or made, in one go
        made = [ids.contact_id(store.salt, account, names[0]) for account, names in people]
        calls = [_set_once(group[0], contact_id) for group, contact_id in zip(aliases, made, strict=True)]
        return [found or fresh for found, fresh in zip(_all(store, calls), made, strict=True)]
    answers = iter(_all(store, [_get(alias) for group in aliases for alias in group]))
    held = [[next(answers) for _ in group] for group in aliases]
    first = [
        next(filter(None, has), "") or ids.contact_id(store.salt, account, names[0])
        for has, (account, names) in zip(held, people, strict=True)
    ]
    new = [place for place, has in enumerate(held) if not has[0]]
    before = _all(store, [_set_once(aliases[place][0], first[place]) for place in new])
    settled = [has[0] for has in held]
    for place, contact_id in zip(new, before, strict=True):
        settled[place] = contact_id or first[place]
    joins = [
        _set(alias, contact_id)
        for group, has, contact_id in zip(aliases, held, settled, strict=True)
        for alias, leads_to in zip(group[1:], has[1:], strict=True)
        if leads_to != contact_id
    ]
    _all(store, joins)
    return settled


def alias_key(salt: bytes, account: str, name: str) -> str:
    """The key of an identity: nobody without the salt can tell whose it is."""
    raw = hmac.digest(salt, f"{account}\x1f{name}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return keys.alias(ids.digest(raw.hex(), size=10))


def _get(alias: str) -> Call[str]:
    return command("GET", alias, read=as_text, repeatable=True)


def _set_once(alias: str, contact_id: str) -> Call[str]:
    """Set it when it is not set; what it was set to before, "" for nothing."""
    return command("SET", alias, contact_id, "NX", "GET", read=as_text, repeatable=True)


def _set(alias: str, contact_id: str) -> Call[bool]:
    return command("SET", alias, contact_id, read=bool, repeatable=True)


def _all(store: Store, calls: Sequence[Call[T]]) -> list[T]:
    """All answers; raises the first error."""
    answers: list[T] = []
    for answer in store.run_all(calls):
        if isinstance(answer, StoreError):
            raise answer
        answers.append(answer)
    return answers
