"""A broadcast: one template to many contacts, each of whom gets it once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .duration import DAY
from .ids import digest
from .quick import quick

# draft: it has no recipients yet · running · paused · cancelled: what had not left will not · done
STATES = ("draft", "running", "paused", "cancelled", "done")
MAX_AGE = 4 * DAY  # ms after which what has not left will not (R105)
MOST = 1_000_000  # recipients
_ID = re.compile(r"bc[0-9a-z]{16}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    id: str  # bc…; without `_` or `.`: it is a part of its messages' ids
    account: str
    channel: str
    template: str
    language: str = ""  # to all in this one; "": each in the contact's own
    params: Mapping[str, Any] = field(default_factory=dict)  # for who has none of his own
    name: str = ""  # for people
    topic: str = ""  # what a contact may have opted out of
    group: str = ""  # whose members it goes to
    user_authorized: bool = False
    max_age: int = MAX_AGE
    created_at: int = 0  # ms UTC
    by: str = ""  # the API key's name, or who ran the command

    @property
    def channel_key(self) -> str:
        return f"{self.account}/{self.channel}"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    contact_id: str
    to: str = ""  # digits or a user id; "": as the contact's record says
    params: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)  # for the contact's record
    sought: int = 0  # ms UTC: the message to it may leave then, where an account counts how often it writes


def new_id(account: str, nonce: str) -> str:
    """
    >>> is_id(new_id("acme", "n")), is_id("bc.x"), is_id("")
    (True, False, False)
    """
    return "bc" + digest(account, nonce, size=10)


def is_id(text: str) -> bool:
    return bool(_ID.match(text))


def message_id(broadcast: str, partition: int, contact_id: str) -> str:
    """The one message of a broadcast to a contact: whoever makes it again makes the same.

    >>> message_id("bc1", 3, "c9")
    'ms_3_bc1.c9'
    """
    return f"ms_{partition}_{broadcast}.{contact_id}"
