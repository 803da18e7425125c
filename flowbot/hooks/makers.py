"""The kinds of calls that steps may ask for, and who knows how to make each.

A new kind is a file with a `make` beside this one, its line here, and the verb that asks for it.
"""

from __future__ import annotations

from . import codes, integration, looking, verifier
from .attempt import Maker

KINDS: dict[str, Maker] = {
    "call": integration.make,
    "look": looking.make,
    "verify": verifier.make,
    "code.issue": codes.issue,
    "code.check": codes.check,
    "code.open": codes.opened,
}
