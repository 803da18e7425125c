"""What comes in from a provider, in our own words: a gateway's `parse` returns a list of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .contact import Identity
from .quick import quick

LARGEST_MB = 25  # of a file that is fetched at all
MOVES = ("user_changed_number", "user_changed_user_id")  # a provider's notices that somebody has another id


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    kind: str  # image, video, audio, document, sticker
    id: str = ""  # the provider's media id
    url: str = ""
    mime: str = ""
    filename: str = ""
    caption: str = ""
    sha256: str = ""
    voice: bool = False
    animated: bool = False
    size: int = 0  # bytes, 0 when unknown
    width: int = 0
    height: int = 0
    path: str = ""  # below the data folder, once fetched
    looked: bool = False  # mime, size and what follows are its bytes' own; mime "" then: nothing that is known
    sharpness: float | None = None  # of a picture, below 100 hard to read; None: not measured
    damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""
    url: str = ""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """A press on a button or a list row."""

    choice: str  # the id we gave it, without the visit
    visit: int = 0  # the visit it belongs to; 0 when the id does not say
    title: str = ""
    source: str = "button"  # button, list, template
    raw: str = ""  # the id exactly as received


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A message from a contact."""

    id: str  # the provider's id; personal data, never logged
    sender: Identity
    # text, image, video, audio, document, sticker, location, contacts, tap, form, reaction, order, system, edit,
    # revoke, group, unsupported
    kind: str
    at: int = 0  # ms UTC by the provider; 0 when it does not say
    text: str = ""
    media: Media | None = None
    place: Place | None = None
    tap: Tap | None = None
    form: Mapping[str, Any] | None = None
    contacts: tuple[Mapping[str, Any], ...] = ()
    reply_to: str = ""  # id of the message it answers
    forwarded: bool = False
    group: str = ""  # set: a group's message, recorded only
    referral: Mapping[str, Any] | None = None
    errors: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(
        default_factory=dict
    )  # what else the kind carries: emoji, order items, new number …


def moved_to(inbound: Inbound) -> Identity | None:
    """Who somebody is from now on, by the provider's notice; None for anything else.

    >>> said = Inbound(id="w", sender=Identity(number="15550100001"), kind="system",
    ...                facts={"type": "user_changed_number", "number": "15550100002"})
    >>> moved_to(said).number, moved_to(Inbound(id="w", sender=Identity(number="15550100001"), kind="text"))
    ('15550100002', None)
    """
    if inbound.kind != "system" or inbound.facts.get("type") not in MOVES:
        return None
    number, bsuid = str(inbound.facts.get("number", "")), str(inbound.facts.get("user_id", ""))
    if inbound.facts["type"] == "user_changed_user_id":
        number = number or inbound.sender.number
    return Identity(number=number, bsuid=bsuid) if number or bsuid else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A provider's status for a message that we sent."""

    provider_id: str
    status: str  # sent, delivered, read, played, failed; other words are kept and ignored
    at: int = 0  # ms UTC
    our_id: str = ""  # what we put into the request for correlation
    recipient: Identity | None = None
    errors: tuple[Mapping[str, Any], ...] = ()  # {code, title, details}
    facts: Mapping[str, Any] = field(default_factory=dict)  # pricing, conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStatus:
    name: str
    language: str  # normalised: en_US
    event: str  # approved, rejected, paused, disabled …
    reason: str = ""
    provider_id: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    at: int = 0  # ms UTC
    waba: str = ""  # whose it is, where the provider says so


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTold:
    """Somebody told the provider, and not us, whether to be written to."""

    sender: Identity
    change: str  # out, in
    topic: str = "all"  # or marketing
    at: int = 0  # ms UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """Something we know nothing of, or do not use: counted, answered 200, never an error."""

    what: str  # a stable word: the field or type, e.g. account_update, calls, echo, error, empty
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


Item = Inbound | Receipt | TemplateStatus | ConsentTold | Unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """One parsed item and the channel address it is for: Meta's phone_number_id, or "" for the path's own channel."""

    item: Item
    address: str = ""
