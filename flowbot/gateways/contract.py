"""What every gateway module offers: it builds requests and reads responses, and never sends one itself."""

from __future__ import annotations

from typing import Protocol

from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed
from ..model.project import Channel


class Gateway(Protocol):
    """Where it makes sense a module offers more: `build_upload`, `read_media_url`, `hand_over`."""

    @property
    def LIMITS(self) -> Limits: ...

    @property
    def ACCEPTED(self) -> HttpResponse:
        """What the provider wants to read when all of its call is stored."""

    def verify(self, request: WebhookRequest, channel: Channel) -> None:
        """SignatureError unless the provider sent it."""

    def challenge(self, request: WebhookRequest, channel: Channel) -> str | None:
        """The answer to the provider's check of our address; None when it is not one, or a wrong one."""

    def parse(self, request: WebhookRequest, channel: Channel) -> list[Routed]:
        """What the body holds; only ParseError is raised."""

    def build_send(self, sending: Sending, channel: Channel) -> HttpRequest | Need:
        """The one request that sends it, or what must be found out first."""

    def read_need(self, need: Need, response: HttpResponse) -> str | Refused | HttpRequest:
        """The fact that a Need's request, or the upload made for it, has found out; a request when it is not on this
        page of a list, and there is another.
        """

    def read_send(self, response: HttpResponse) -> Sent | Refused: ...

    def read_failure(self, receipt: Receipt) -> Refused:
        """What a failed status says, as `read_send` says it of an answer."""

    def build_mark_read(
        self, provider_id: str, channel: Channel, typing: bool = False, to: str = ""
    ) -> HttpRequest | None:
        """Shows a message as read to who sent it (`to`), or that we write; None where that is not to be had."""

    def build_media_fetch(self, media: Media, channel: Channel) -> HttpRequest:
        """Fetches a file that came in. Where a provider only answers with the file's address, the module has a
        `read_media_url` too. Our credentials go to the provider's own host and nowhere else."""
