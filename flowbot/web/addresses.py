"""Which channel an item in a webhook is for: Meta puts several numbers' entries into one POST."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import SignatureError
from ..gateways.contract import Gateway
from ..model.gateway import WebhookRequest
from ..model.inbound import Routed, TemplateStatus
from ..model.project import Channel, Project


class Addresses:
    """The project's channels by (gateway, phone_number_id)."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._found: dict[tuple[str, str], list[Channel]] = {}
        self._wabas: dict[tuple[str, str], list[Channel]] = {}
        for account in project.accounts.values():
            for channel in account.channels.values():
                address = channel.options.get("phone_number_id", "")
                if address:
                    self._found.setdefault((channel.gateway, address), []).append(channel)
                if channel.options.get("waba_id"):
                    self._wabas.setdefault((channel.gateway, channel.options["waba_id"]), []).append(channel)

    def route(
        self, items: list[Routed], path: Channel, request: WebhookRequest, gateway: Gateway
    ) -> Iterator[tuple[Channel | None, Routed]]:
        """Each item with its channel; None when it is for nobody here.

        An item without an address, or with the path's own, is for the path's channel. Another channel gets it only
        when its own secret verifies the same bytes: a tenant can't write into another's conversations.
        """
        own = path.options.get("phone_number_id", "")
        known: dict[str, Channel | None] = {"": path, own: path}
        for item in items:
            if isinstance(item.item, TemplateStatus):
                yield from ((channel, item) for channel in self._holders(item.item.waba, path, request, gateway))
                continue
            address = item.address
            if address not in known:
                known[address] = self._other(address, path, request, gateway)
            yield known[address], item

    def _holders(self, waba: str, path: Channel, request: WebhookRequest, gateway: Gateway) -> Iterator[Channel | None]:
        """One channel of each account that shares the provider's account which the news is about; None: nobody here."""
        candidates = self._wabas.get((path.gateway, waba), []) if waba else []
        if path.options.get("waba_id", waba) == waba or not waba:
            candidates = [path, *candidates]
        told: set[tuple[str, str]] = set()
        for channel in candidates:
            key = (channel.account, channel.holder)
            if key not in told and (channel is path or self._vouched(request, channel, gateway)):
                told.add(key)
                yield channel
        if not told:
            yield None

    def _vouched(self, request: WebhookRequest, channel: Channel, gateway: Gateway) -> bool:
        try:
            gateway.verify(request, channel)
        except SignatureError:
            return False
        return True

    def _other(self, address: str, path: Channel, request: WebhookRequest, gateway: Gateway) -> Channel | None:
        candidates = self._found.get((path.gateway, address), [])
        for channel in sorted(candidates, key=lambda channel: channel.account != path.account):
            if self._vouched(request, channel, gateway):
                return channel
        return None
