"""Whom a client means by `to`."""

from ..gateways.recipient import NO_NUMBER, read_recipient

__all__ = ["NO_NUMBER", "read_recipient"]
