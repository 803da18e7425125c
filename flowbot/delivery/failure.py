"""What an attempt came to that got no answer: a word for the rules, who know no client."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No readable answer. `safe`: nothing was sent; `ambiguous`: it may have been; `forbidden`: we may not go there."""

    certainty: str
    reason: str  # a stable word: connect, timeout, disconnected, protocol, too_big, address
