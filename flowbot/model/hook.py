"""An event for a client's systems, before it is addressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    id: str  # webhook-id base: stable; the delivery's id is H(hook, endpoint)
    type: str
    account: str
    contact_id: str
    at: int  # ms UTC
    data: Mapping[str, Any]
