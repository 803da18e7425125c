"""What goes out, in our own words: one Outbound after `fit` is one HTTP request to a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .quick import quick
from .template import Filled


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    id: str  # the author's id, e.g. accept
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    kind: str  # image, video, audio, document, sticker
    url: str = ""  # public, or
    path: str = ""  # below content/media/
    filename: str = ""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """A message to a contact.

    Before `gateways.fit` it may hold any number of choices and any length of text; after it, `kind` says which single
    request it becomes.
    """

    # text, buttons, list, image, video, audio, document, sticker, location, location_request, form, template
    kind: str = "text"
    text: str = ""
    footer: str = ""
    attachment: Attachment | None = None
    place: Mapping[str, Any] | None = None  # latitude, longitude, name, address
    choices: tuple[Choice, ...] = ()
    button: str = ""  # label that opens a list, or a form
    visit: int = 0  # the visit that the choices belong to
    form: Mapping[str, Any] | None = None  # of a WhatsApp Flow: id, screen, data
    template: Filled | None = None  # its words stand in text, footer, attachment and choices, for who shows them
    key: str = ""  # the content entry it was made from: for transcripts and the trace
    lang: str = ""
    reply_to: str = ""  # provider id of the message it quotes
    extra: Mapping[str, Any] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One message that waits for its send: one HTTP request."""

    id: str  # ms_<partition>_…
    account: str
    channel: str
    contact_id: str
    to: str  # the provider's id to send to
    outbound: Outbound
    lane: str = "r"  # r: replies, b: bulk
    purpose: str = "reply"  # reply, business, exempt
    policy: str = "resend"  # when an answer stays unknown past its grace: resend, or fail
    topic: str = ""  # for the opt-out check of what the business starts
    unasked: bool = False  # consent is strict, and only the contact's opt-in speaks for it: the claim looks for that
    created_at: int = 0  # ms UTC
    expires_at: int = 0  # ms UTC; 0: never
    scrub: bool = False  # its text is removed after the send (one-time codes)
    process_id: str = ""
    wakes: str = ""  # who is told when it is refused: MessageRefused.wakes
    waits: int = -1  # ms that the contact's next message waits for the delivery of this one; -1: as the channel says
    tell: str = ""  # what clients are told of it, a letter for each state: s sent, d delivered, r read
