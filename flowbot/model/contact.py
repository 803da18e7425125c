"""A contact: a person in an account, whatever ids the providers know them by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .plan import Plan
from .quick import quick

BSUID = re.compile(r"(?:[A-Z]{2}(?:\.ENT)?|user)\.[A-Za-z0-9]{1,128}\Z")


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a provider said about who wrote: at least one of the two ids is there."""

    number: str = ""  # digits, as received, no '+'
    bsuid: str = ""  # business-scoped user id, e.g. US.1349…
    name: str = ""  # the profile's name
    username: str = ""
    address: str = ""  # where answers go, when that is none of these ids: a tunnel


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    id: str
    account: str
    number: str = ""  # canonical digits; "" for a contact known by its BSUID only
    bsuid: str = ""
    reply_to: str = ""  # the provider's id as last received: replies go there
    name: str = ""
    language: str = ""
    timezone: str = ""
    country: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)  # declared in flowbot.yaml
    labels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    opted_out: tuple[str, ...] = ()  # topics, or "all"
    opted_in: tuple[str, ...] = ()  # the same, as the ledger has it; what is neither was never asked
    stopped: tuple[str, ...] = ()  # of what it opted out of that which the provider told, and may tell otherwise
    unreachable: str = ""  # the provider's code for that nobody is there; "": as far as is known, somebody is
    unreachable_at: int = 0  # ms UTC
    blocked: bool = False
    created_at: int = 0  # ms UTC
    last_seen_at: int = 0  # ms UTC of the last message from the contact, on any channel; kept to the minute
    counts: Mapping[str, int] = field(default_factory=dict)  # user, business, canceled, notification -> how many
    former: tuple[str, ...] = ()  # ids that it was known by before: n:… a number, b:… a BSUID
    sequence: int = 0  # of hooks, rises by one per hook
    sought: tuple[int, ...] = ()  # ms UTC when the business wrote by itself, the newest last: only while that is capped
    sensitive: tuple[str, ...] = ()  # of the fields those that hold a sensitive answer: kept encrypted, masked
    plans: tuple[Plan, ...] = ()  # what it is to be sent, and the last that it was: see engine/rules

    def agreed_to(self, topic: str) -> bool:
        """Whether an opt-in is on record, to the topic or to all.

        >>> [Contact(id="c", account="a", opted_in=(one,)).agreed_to("news") for one in ("news", "all", "offers")]
        [True, True, False]
        """
        return "all" in self.opted_in or topic in self.opted_in
