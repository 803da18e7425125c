"""Where contacts stood after their last commit, so that a busy conversation is not read again for every message.

Only a partition's owner writes sessions and contacts, and the commit checks the session's version and the owner's
epoch: what is remembered wrongly is refused, forgotten and read again. With a lost lease everything is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from ..model.contact import Contact
from ..model.session import Session
from .plan import Standing, standing

MOST = 5_000  # contacts


@dataclass(slots=True)
class Memory:
    _contacts: OrderedDict[str, tuple[Contact, dict[str, Session]]] = field(default_factory=OrderedDict)

    def recall(self, contact_id: str, channel_key: str) -> Standing | None:
        """Where the contact stands on the channel; None for what has to be read."""
        found = self._contacts.get(contact_id)
        session = found[1].get(channel_key) if found else None
        return standing(session=session, contact=found[0]) if found and session else None

    def keep(self, contact_id: str, channel_key: str, standing: Standing) -> None:
        """What has just been committed."""
        found = self._contacts.get(contact_id)
        channels = found[1] if found else {}
        channels[channel_key] = standing.session
        self._contacts[contact_id] = (standing.contact, channels)
        self._contacts.move_to_end(contact_id)
        if len(self._contacts) > MOST:
            self._contacts.popitem(last=False)

    def forget(self, contact_id: str) -> None:
        self._contacts.pop(contact_id, None)

    def clear(self) -> None:
        self._contacts.clear()
