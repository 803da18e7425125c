"""`expect: location`: a place, asked for with WhatsApp's own button where there is one."""

from __future__ import annotations

from collections.abc import Mapping

from ...model import codec
from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused

BOUNDS: Mapping[str, Bound] = {}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    place = inbound.place
    if place is None or not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
        return Refused(code="location")
    return Answer(value=codec.to_plain(place))
