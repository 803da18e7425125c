"""Who is meant: by a contact's id, or by what a provider knows the person by."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers

from ..errors import InvalidRequest, NotFound
from ..model import ids
from ..model.contact import Contact, Identity
from ..model.number import canonical
from ..model.project import Account
from ..store import contacts, identity
from ..store.client import Store


def find(store: Store, text: str, accounts: Iterable[Account]) -> list[Contact]:
    """The contacts of one person in one account: those that another id of the same person made are among them.

    NotFound when there is none; InvalidRequest when several accounts know the number.
    """
    known = {one.name: one for one in accounts}
    by_id = store.run(contacts.get(ids.partition_of(text, store.partitions), text))
    if by_id is not None and by_id.account in known:
        return _whole(store, by_id)
    found = {name: people for name, one in known.items() if (people := _by_identity(store, text, one))}
    if len(found) > 1:
        raise InvalidRequest(f"several accounts know them: say which with --account ({', '.join(sorted(found))})")
    if not found:
        raise NotFound("nobody is known by that id or number")
    return next(iter(found.values()))


def same_person(store: Store, contact: Contact) -> list[Contact]:
    """The contact, and others that it was before two of its ids met."""
    return _whole(store, contact)


def _by_identity(store: Store, text: str, account: Account) -> list[Contact]:
    for who in _identities(text, account.default_country):
        found = _those(store, account.name, identity.made_of(store, account.name, who))
        if found:
            return _whole(store, found[0])
    return []


def _identities(text: str, country: str) -> Iterable[Identity]:
    """What the text may be: a user id, or a number with or without its country's code.

    >>> [one.number or one.bsuid for one in _identities("300 111 2233", "CO")]
    ['3001112233', '573001112233']
    """
    if "." in text and text.partition(".")[0].isalpha():
        yield Identity(bsuid=text)
        return
    digits = "".join(filter(str.isdigit, text))
    if digits:
        yield Identity(number=digits)
        try:
            parsed = phonenumbers.parse(text, country or None)
        except phonenumbers.NumberParseException:
            return
        yield Identity(number=f"{parsed.country_code}{parsed.national_number}")


def _whole(store: Store, contact: Contact) -> list[Contact]:
    """With whom each of its ids alone would have made, as far as there is such a contact."""
    found = {contact.id: contact}
    for name in identity.names_of(contact):
        who = Identity(number=canonical(name[2:])) if name.startswith("n:") else Identity(bsuid=name[2:])
        for one in _those(store, contact.account, identity.made_of(store, contact.account, who)):
            found.setdefault(one.id, one)
    return list(found.values())


def _those(store: Store, account: str, candidates: list[str]) -> list[Contact]:
    calls = [contacts.get(ids.partition_of(one, store.partitions), one) for one in candidates]
    return [one for one in store.all(calls) if one is not None and one.account == account]
