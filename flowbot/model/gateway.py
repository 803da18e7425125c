"""What a gateway is asked and what it answers: requests and responses as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A provider's call to us; header names in lower case."""

    method: str
    path: str = field(repr=False)  # a provider's secret may stand in it
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    query_string: str = field(default="", repr=False)  # as it came: some sign it
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    remote: str = ""  # the caller's IP address, our own proxies left out
    token: str = field(default="", repr=False)  # what stands behind the channel in the path


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """Our call to a provider; what is said of it in a trace holds no token and no text."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a provider takes: texts in characters, files in bytes."""

    text: int = 4096
    caption: int = 1024
    buttons: int = 3
    button_title: int = 20
    button_body: int = 1024
    list_rows: int = 10
    list_title: int = 24
    list_description: int = 72
    list_button: int = 20
    list_body: int = 4096
    footer: int = 60
    choice_id: int = 200
    media: Mapping[str, int] = field(default_factory=dict)
    location_request: bool = True
    forms: bool = False  # WhatsApp Flows can be sent
    repeats: bool = True  # a call of its that we did not answer with 200 comes again
    by_recipient: bool = False  # nothing of ours comes back in a status: it is known by its recipient when need be
    consumed: bool = False  # it wants to hear of each message that was processed
    window: int = 86_400_000  # ms after a contact's message in which free text is taken; 0: always


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message on its way: what `build_send` needs beside the channel."""

    id: str  # ours: goes with the request for correlation
    to: str  # the provider's id as received, or canonical digits, or a BSUID
    outbound: Any  # Outbound
    attempt: int = 1
    purpose: str = "reply"  # reply, business, exempt
    facts: Mapping[str, Any] = field(default_factory=dict)  # what a Need found out before


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The provider took the message."""

    provider_id: str
    held: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The provider said no, or nothing that can be read.

    kind: one of gateways/known.py, or unclear (the message may have been taken).
    """

    kind: str
    code: int | str | None = None
    title: str = ""
    scope: str = "channel"  # what a throttle pauses: channel, recipient
    retry_after: float = 0.0  # seconds; 0 when the provider does not say
    stale: bool = False  # a fact that the request was built with holds no longer
    contact: str = ""  # what it says of the contact: unreachable, doubtful (perhaps), stopped, stopped_marketing


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A fact to be found out first: asked once, kept for a while, then built again.

    `media:<path>` is answered by an upload of that file, `link:<path>` by an address under which the provider can fetch
    it, any other by `request`, whose answer the gateway's `read_need` reads.
    """

    fact: str
    request: HttpRequest | None = None
    lives: int = 25 * 24 * 3600 * 1000  # ms that the fact holds
    personal: bool = False  # it is about the contact, not about the channel
