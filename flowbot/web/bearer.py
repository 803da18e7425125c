"""Who has no business here."""

from __future__ import annotations

from ..errors import FlowbotError


class Unauthorized(FlowbotError):
    """The API key is missing, unknown or was revoked."""

    code = "unauthorized"
