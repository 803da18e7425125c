"""What Meta's error codes mean for us: decided on the code, never on the HTTP status that came with it.

Kinds: retry (may pass by itself), slow (throttled: pause the scope), hold (stop the channel, a person must act), perm
(this message fails), perm-user (and so will others to this contact), perm-tmpl (and so will others of this template).
"""

from __future__ import annotations

from typing import NamedTuple


class MetaError(NamedTuple):
    kind: str
    title: str
    scope: str = "channel"  # what a throttle pauses: channel, recipient


_UNKNOWN_PERM = MetaError("perm", "Unknown error")

ERRORS: dict[int, MetaError] = {
    0: MetaError("hold", "Authentication failed"),
    1: MetaError("retry", "Unknown API error"),
    2: MetaError("retry", "API service down or overloaded"),
    3: MetaError("hold", "API method: capability or permission missing"),
    4: MetaError("slow", "App call rate limit"),
    10: MetaError("hold", "Permission denied"),
    33: MetaError("hold", "Business phone number deleted or invalid"),
    100: MetaError("perm", "Invalid parameter"),
    190: MetaError("hold", "Access token expired"),
    368: MetaError("hold", "Temporarily blocked for a policy violation"),
    80007: MetaError("slow", "Business account rate limit"),
    130429: MetaError("slow", "Throughput rate limit"),
    130472: MetaError("perm", "Number is part of an experiment"),
    130497: MetaError("perm-user", "Business may not message this country"),
    131000: MetaError("retry", "Something went wrong"),
    131005: MetaError("hold", "Access denied"),
    131008: MetaError("perm", "Required parameter missing"),
    131009: MetaError("perm", "Parameter value invalid"),
    131014: MetaError("perm", "Media link could not be fetched"),
    131016: MetaError("retry", "Service unavailable"),
    131021: MetaError("perm", "Recipient is the sender"),
    131026: MetaError("perm-user", "Message undeliverable"),
    131030: MetaError("perm", "Recipient not in the allowed list"),
    131031: MetaError("hold", "Account locked"),
    131035: MetaError("perm", "Inbound message lost: data retention limit"),
    131037: MetaError("hold", "Display name not approved"),
    131042: MetaError("hold", "Payment or eligibility problem"),
    131045: MetaError("hold", "Number not registered or certificate wrong"),
    131047: MetaError("perm", "24-hour window closed: send a template"),
    131048: MetaError("slow", "Spam rate limit"),
    131049: MetaError("perm", "Not delivered: cap on marketing messages to this user"),
    131050: MetaError("perm-user", "User stopped marketing messages"),
    131051: MetaError("perm", "Unsupported message type"),
    131052: MetaError("perm", "Inbound media could not be downloaded"),
    131053: MetaError("retry", "Media upload error"),
    131056: MetaError("slow", "Pair rate limit", "recipient"),
    131057: MetaError("retry", "Account in maintenance"),
    131060: MetaError("perm", "Message currently unavailable"),
    131062: MetaError("perm", "This template needs the phone number"),
    131063: MetaError("hold", "Marketing templates disabled"),
    131064: MetaError("slow", "Messaging limit reached"),
    132000: MetaError("perm-tmpl", "Template parameter count mismatch"),
    132001: MetaError("perm-tmpl", "Template missing in that language or not approved"),
    132005: MetaError("perm-tmpl", "Template text too long"),
    132007: MetaError("perm-tmpl", "Template format or policy violated"),
    132008: MetaError("perm-tmpl", "Template parameter value invalid"),
    132012: MetaError("perm-tmpl", "Template parameter format mismatch"),
    132015: MetaError("hold", "Template paused"),
    132016: MetaError("perm-tmpl", "Template disabled for good"),
    132068: MetaError("hold", "Form blocked"),
    132069: MetaError("slow", "Form throttled"),
    133000: MetaError("hold", "Incomplete deregistration"),
    133004: MetaError("retry", "Server temporarily unavailable"),
    133005: MetaError("hold", "Two-step PIN mismatch"),
    133006: MetaError("hold", "Phone number needs verification"),
    133008: MetaError("hold", "Too many PIN guesses"),
    133009: MetaError("hold", "PIN guessed too fast"),
    133010: MetaError("hold", "Phone number not registered"),
    133015: MetaError("hold", "Number recently deleted"),
    133016: MetaError("slow", "Registration rate limit"),
    134011: MetaError("hold", "Payment terms not accepted"),
    135000: MetaError("perm", "Generic user error"),
    137000: MetaError("perm", "Recipient identity key mismatch"),
}


def classify(code: int, *, status: int = 0, transient: bool = False) -> MetaError:
    """What a code means; for an unknown one the HTTP status and Meta's own `is_transient` are asked.

    >>> classify(131056).kind, classify(131056).scope, classify(210).kind, classify(613, status=429).kind
    ('slow', 'recipient', 'hold', 'slow')
    """
    found = ERRORS.get(code)
    if found is not None:
        return found
    if 200 <= code <= 299:
        return MetaError("hold", "API permission missing")
    if status == 429:
        return MetaError("slow", "Too many requests")
    if transient or status >= 500:
        return MetaError("retry", "Unknown transient error")
    return _UNKNOWN_PERM
