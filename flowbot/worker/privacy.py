"""Which turns lie encrypted in the store: those of processes with a sensitive answer, and whatever holds one."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from ..engine.secrecy import SHORTEST
from ..model.contact import Contact
from ..model.session import Session, processes


def is_private(session: Session) -> bool:
    """Whether any process of the session has a sensitive answer."""
    process = session.process
    if process is not None and process.sensitive:
        return True
    if not session.parked and (process is None or (process.parent is None and process.aside is None)):
        return False
    return any(one.sensitive for one in processes(session))


def gives_away(contact: Contact, records: Iterable[bytes]) -> bool:
    """Whether one of the records holds a field of the contact's that is sensitive.

    >>> ana = Contact(id="c", account="a", fields={"document": "1032456789", "city": "Cali"}, sensitive=("document",))
    >>> gives_away(ana, [b'{"text":"Is it 1032456789?"}']), gives_away(ana, [b'{"text":"From Cali?"}'])
    (True, False)
    """
    found = [contact.fields.get(name, getattr(contact, name, None)) for name in contact.sensitive]
    texts = [str(one) for one in found if isinstance(one, (str, int, float))]
    needles = [orjson.dumps(one)[1:-1] for one in texts if len(one) >= SHORTEST]
    return any(needle in record for record in records for needle in needles)
