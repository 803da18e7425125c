"""The narrowest place that a text has to fit into, over all gateways that carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...model.gateway import Limits

WHATSAPP = Limits()  # what no provider of WhatsApp exceeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A limit in characters, and whose it is: "" when it is WhatsApp's own."""

    limit: int
    whose: str = ""

    @property
    def where(self) -> str:
        return f" on {self.whose}" if self.whose else ""


def measure(name: str, gateways: Mapping[str, Limits]) -> Measure:
    """
    >>> measure("text", {"cloud_api": Limits(), "twilio": Limits(text=1600)})
    Measure(limit=1600, whose='twilio')
    >>> measure("button_title", {"cloud_api": Limits()}).limit
    20
    """
    usual: int = getattr(WHATSAPP, name)
    own = {gateway: getattr(limits, name) for gateway, limits in gateways.items() if getattr(limits, name)}
    limit = min(own.values(), default=usual)
    if limit >= usual:
        return Measure(limit=limit)
    return Measure(limit=limit, whose=", ".join(gateway for gateway, one in own.items() if one == limit))
