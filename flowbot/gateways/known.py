"""One line of a provider's table of errors.

Kinds: retry (may pass by itself), outage (the provider is down: the same, for longer), slow (throttled: pause the
scope), hold (stop the channel, a person must act), perm (this message fails), perm-user (and so will others to this
contact), perm-tmpl (and so will others of this template), hold-tmpl (the same, until the template is approved again).
"""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    kind: str
    title: str
    scope: str = "channel"  # what a throttle pauses: channel, recipient
    contact: str = "by kind"  # unreachable (not on WhatsApp), doubtful, stopped, stopped_marketing, or nothing

    @property
    def of_contact(self) -> str:
        """What it says of the contact.

        >>> Known("perm-user", "…").of_contact, Known("perm", "…").of_contact
        ('unreachable', '')
        """
        if self.contact != "by kind":
            return self.contact
        return "unreachable" if self.kind == "perm-user" else ""
