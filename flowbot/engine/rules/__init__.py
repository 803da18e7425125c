"""What the business sends by itself: rules on events, on days and again and again; and a client's own plans."""

from __future__ import annotations

from .every import Every, next_run
from .rule import Moment, Receiver, Rule

__all__ = ["Every", "Moment", "Receiver", "Rule", "next_run"]
