"""What providers do with templates: list them, and take new ones. One module per provider, without any IO.

`pull` and `submit` are generators: they yield a request, are sent its response, and return what they found out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ...model.gateway import Refused
from ...model.project import Channel
from ...model.submission import Exchange, HandedIn, Submission
from ...model.template import Approval
from . import blip, cloud_api, dialog360, gupshup, twilio


class Desk(Protocol):
    """Where a provider takes templates."""

    def pull(self, channel: Channel) -> Exchange[list[Approval] | Refused]:
        """All templates of the provider's account, or why they cannot be had."""

    def submit(self, given: Submission, channel: Channel) -> Exchange[HandedIn | Refused]:
        """Hand in a new template, or another content for one that the provider has; or why that cannot be."""


DESKS: Mapping[str, Desk] = {
    "blip": blip,
    "cloud_api": cloud_api,
    "dialog360": dialog360,
    "gupshup": gupshup,
    "twilio": twilio,
}
