"""One module per provider. Sans-IO: a gateway builds requests and reads responses; somebody else sends them."""

from __future__ import annotations

from collections.abc import Mapping

from . import blip, cloud_api, dialog360, gupshup, http, simulator, twilio
from .contract import Gateway

GATEWAYS: Mapping[str, Gateway] = {
    "blip": blip,
    "cloud_api": cloud_api,
    "dialog360": dialog360,
    "gupshup": gupshup,
    "http": http,
    "simulator": simulator,
    "twilio": twilio,
}
