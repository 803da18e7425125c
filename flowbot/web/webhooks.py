"""GET, POST /webhooks/<account>/<channel>: a provider's calls; one that signs nothing has its secret behind that.

404 unknown · 403 wrong signature · 413 too large · 400 not readable · 200 once all of it is stored · 503 when it could
not be, or the account has too much waiting, so that the provider sends it again. The order is: cap, raw bytes, proof of
origin, and only then parsing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AccountBusy, ParseError, SignatureError, StoreError
from ..gateways import GATEWAYS
from ..gateways.contract import Gateway
from ..model.gateway import WebhookRequest
from ..model.project import Channel
from .addresses import Addresses
from .answer import Answer, accepted, problem, unavailable
from .arrival import Incomplete, TooLarge, read_request
from .aside import set_aside, unread
from .intake import Intake
from .spool import Spool

if TYPE_CHECKING:
    from ..wiring import Parts

PREFIX = "/webhooks/"
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
logger = logging.getLogger(__name__)


class Webhooks:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._intake = Intake(parts)
        self._addresses: Addresses | None = None
        self._spool = Spool(parts.settings.data / "spool", self._bring_in)  # last: it may begin at once

    def answer(self, environ: Mapping[str, Any], account: str, name: str, token: str = "") -> Answer:
        """The answer to one call; it raises nothing that a caller's bytes could bring about."""
        try:
            request = read_request(environ, token)
        except TooLarge:
            return problem(413, "too_large")
        except Incomplete:
            return problem(400, "incomplete", "The body ended early.")
        except ValueError:
            return problem(400, "query", "The query cannot be read.")
        except OSError:  # the caller is gone
            return problem(400, "incomplete")
        found = self._channel(account, name)
        if found is None:
            return problem(404, "not_found", "There is no such account or channel.")
        channel, gateway = found
        return (
            self._get(request, channel, gateway) if request.method == "GET" else self._post(request, channel, gateway)
        )

    def _channel(self, account: str, name: str) -> tuple[Channel, Gateway] | None:
        channel = self._parts.library.project.channel(account, name)
        gateway = GATEWAYS.get(channel.gateway) if channel else None
        return (channel, gateway) if channel and gateway else None

    def _get(self, request: WebhookRequest, channel: Channel, gateway: Gateway) -> Answer:
        """The provider checks that the address is ours."""
        challenge = gateway.challenge(request, channel)
        if challenge is None:
            logger.warning("webhook.handshake_refused", extra={"account": channel.account, "channel": channel.name})
            return problem(403, "handshake", "The verify token is not this channel's.")
        return Answer(status=200, body=challenge.encode("utf-8", "replace"))

    def _post(self, request: WebhookRequest, channel: Channel, gateway: Gateway) -> Answer:
        about = {"account": channel.account, "channel": channel.name}
        try:
            gateway.verify(request, channel)
            items = gateway.parse(request, channel)
        except SignatureError:
            logger.warning("webhook.signature_wrong", extra=about)
            return problem(403, "signature", "The signature is missing or wrong.")
        except ParseError as error:
            logger.warning("webhook.unreadable", extra={**about, "bytes": len(request.body)})
            self._set_aside(channel, [str(error)], request.body)
            return problem(400, "parse", str(error))
        why = unread(items)
        if why:
            self._set_aside(channel, why, request.body)
        try:
            if not gateway.LIMITS.repeats and self._spool.waits(channel.key):
                return self._hold(request, channel, gateway, "earlier ones wait")
            self._intake.keep(self._routes().route(items, channel, request, gateway), channel)
        except AccountBusy as error:
            return unavailable(error.code)
        except StoreError as error:
            logger.error("webhook.not_stored", extra={**about, "code": error.code, "error": str(error)})
            if not gateway.LIMITS.repeats:
                return self._hold(request, channel, gateway, error.code)
            return unavailable(error.code)
        return accepted(gateway.ACCEPTED)

    def _set_aside(self, channel: Channel, why: list[str], body: bytes) -> None:
        kept = self._parts.library.account(channel.account).retention.quarantine
        set_aside(self._parts.store, channel, why, body, kept=kept)

    def _hold(self, request: WebhookRequest, channel: Channel, gateway: Gateway, why: str) -> Answer:
        """A provider that would not call again: the disk keeps it until the store is back."""
        about = {"account": channel.account, "channel": channel.name}
        try:
            self._spool.keep(channel.key, request)
        except OSError as error:
            logger.error("spool.failed", extra={**about, "error": str(error)})
            return unavailable("not_kept")
        logger.warning("webhook.spooled", extra={**about, "reason": why})
        return accepted(gateway.ACCEPTED)

    def _bring_in(self, channel_key: str, request: WebhookRequest) -> None:
        """One call from the spool, as if it had come now."""
        found = self._channel(*channel_key.split("/"))
        if found is None:
            logger.error("spool.nobody", extra={"channel": channel_key})
            return
        channel, gateway = found
        items = gateway.parse(request, channel)
        self._intake.keep(self._routes().route(items, channel, request, gateway), channel)

    def _routes(self) -> Addresses:
        """Made once for a project: a changed flowbot.yaml is another project."""
        project = self._parts.library.project
        if self._addresses is None or self._addresses.project is not project:
            self._addresses = Addresses(project)
        return self._addresses


def short_way(app: WsgiApp, webhooks: Webhooks) -> WsgiApp:
    """POSTs to /webhooks/ answered before Flask's routing, which costs more than all the rest; same answers."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] != "POST" or not path.startswith(PREFIX):
            return app(environ, start_response)
        account, separator, name = path[len(PREFIX) :].partition("/")
        name, behind, token = name.partition("/")
        if not separator or not name or bool(behind) is not bool(token) or "/" in token:
            return app(environ, start_response)
        try:
            answer = webhooks.answer(environ, account, name, token)
        except Exception:
            logger.exception("webhook.failed", extra={"account": account, "channel": name})
            answer = problem(500, "error")
        start_response(answer.line, answer.all_headers())
        return [answer.body]

    return call
