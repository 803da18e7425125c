"""Doors for clients of other systems: their words on the outside, the resources of /v1 behind them. One file a system.

None of them is in the API's description, and what they say of an error is in their system's form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from . import blip, botsquad, glific, truora, twilio

if TYPE_CHECKING:
    from ...wiring import Parts
    from ..api.caller import Doorkeeper

SYSTEMS = (truora, botsquad, glific, blip, twilio)


def register(app: Flask, parts: Parts, keeper: Doorkeeper) -> None:
    for system in SYSTEMS:
        app.register_blueprint(system.blueprint(parts, keeper))
