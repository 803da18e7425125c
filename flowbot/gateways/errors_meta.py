"""What Meta's error codes mean for us: decided on the code, never on the HTTP status that came with it."""

from __future__ import annotations

from .known import Known

_UNKNOWN_PERM = Known("perm", "Unknown error")

ERRORS: dict[int, Known] = {
    0: Known("hold", "Authentication failed"),
    1: Known("retry", "Unknown API error"),
    2: Known("outage", "API service down or overloaded"),
    3: Known("hold", "API method: capability or permission missing"),
    4: Known("slow", "App call rate limit"),
    10: Known("hold", "Permission denied"),
    33: Known("hold", "Business phone number deleted or invalid"),
    100: Known("perm", "Invalid parameter"),
    190: Known("hold", "Access token expired"),
    368: Known("hold", "Temporarily blocked for a policy violation"),
    80007: Known("slow", "Business account rate limit"),
    130429: Known("slow", "Throughput rate limit"),
    130472: Known("perm", "Number is part of an experiment"),
    130497: Known("perm-user", "Business may not message this country"),
    131000: Known("retry", "Something went wrong"),
    131005: Known("hold", "Access denied"),
    131008: Known("perm", "Required parameter missing"),
    131009: Known("perm", "Parameter value invalid"),
    131014: Known("perm", "Media link could not be fetched"),
    131016: Known("outage", "Service unavailable"),
    131021: Known("perm", "Recipient is the sender"),
    131026: Known("perm-user", "Message undeliverable", contact="doubtful"),
    131030: Known("perm", "Recipient not in the allowed list"),
    131031: Known("hold", "Account locked"),
    131035: Known("perm", "Inbound message lost: data retention limit"),
    131037: Known("hold", "Display name not approved"),
    131042: Known("hold", "Payment or eligibility problem"),
    131045: Known("hold", "Number not registered or certificate wrong"),
    131047: Known("perm", "24-hour window closed: send a template"),
    131048: Known("slow", "Spam rate limit"),
    131049: Known("perm", "Not delivered: cap on marketing messages to this user"),
    131050: Known("perm-user", "User stopped marketing messages", contact="stopped_marketing"),
    131051: Known("perm", "Unsupported message type"),
    131052: Known("perm", "Inbound media could not be downloaded"),
    131053: Known("retry", "Media upload error"),
    131056: Known("slow", "Pair rate limit", "recipient"),
    131057: Known("outage", "Account in maintenance"),
    131060: Known("perm", "Message currently unavailable"),
    131062: Known("perm", "This template needs the phone number"),
    131063: Known("hold", "Marketing templates disabled"),
    131064: Known("slow", "Messaging limit reached"),
    132000: Known("perm-tmpl", "Template parameter count mismatch"),
    132001: Known("perm-tmpl", "Template missing in that language or not approved"),
    132005: Known("perm-tmpl", "Template text too long"),
    132007: Known("perm-tmpl", "Template format or policy violated"),
    132008: Known("perm-tmpl", "Template parameter value invalid"),
    132012: Known("perm-tmpl", "Template parameter format mismatch"),
    132015: Known("hold-tmpl", "Template paused"),
    132016: Known("perm-tmpl", "Template disabled for good"),
    132068: Known("hold", "Form blocked"),
    132069: Known("slow", "Form throttled"),
    133000: Known("hold", "Incomplete deregistration"),
    133004: Known("outage", "Server temporarily unavailable"),
    133005: Known("hold", "Two-step PIN mismatch"),
    133006: Known("hold", "Phone number needs verification"),
    133008: Known("hold", "Too many PIN guesses"),
    133009: Known("hold", "PIN guessed too fast"),
    133010: Known("hold", "Phone number not registered"),
    133015: Known("hold", "Number recently deleted"),
    133016: Known("slow", "Registration rate limit"),
    134011: Known("hold", "Payment terms not accepted"),
    135000: Known("perm", "Generic user error"),
    137000: Known("perm", "Recipient identity key mismatch"),
}


def classify(code: int, *, status: int = 0, transient: bool = False) -> Known:
    """What a code means; for an unknown one the HTTP status and Meta's own `is_transient` are asked.

    >>> classify(131056).kind, classify(131056).scope, classify(210).kind, classify(613, status=429).kind
    ('slow', 'recipient', 'hold', 'slow')
    """
    found = ERRORS.get(code)
    if found is not None:
        return found
    if 200 <= code <= 299:
        return Known("hold", "API permission missing")
    if status == 429:
        return Known("slow", "Too many requests")
    if transient or status >= 500:
        return Known("outage" if status >= 500 else "retry", "Unknown transient error")
    return _UNKNOWN_PERM
