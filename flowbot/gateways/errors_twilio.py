"""What Twilio's error codes mean for us, in an answer to a send and in a failed status."""

from __future__ import annotations

from .known import Known

STALE = 21655

ERRORS: dict[int, Known] = {
    20003: Known("hold", "Permission denied (credentials)"),
    20429: Known("slow", "Too many requests"),
    21211: Known("perm-user", "Invalid To number"),
    21408: Known("hold", "Region not enabled"),
    21604: Known("perm", "To required"),
    21606: Known("hold", "From not message-capable"),
    21610: Known("perm-user", "Unsubscribed recipient", contact="stopped"),
    21614: Known("perm-user", "To is not mobile"),
    21617: Known("perm", "Body over 1600 characters"),
    21620: Known("perm", "Invalid media URL"),
    21656: Known("perm-tmpl", "ContentVariables invalid"),
    30001: Known("retry", "Queue overflow"),
    30002: Known("hold", "Account suspended"),
    30008: Known("retry", "Unknown error"),
    63001: Known("hold", "Channel could not authenticate"),
    63002: Known("hold", "Channel could not find From"),
    63003: Known("perm-user", "Channel could not find To"),
    63005: Known("perm", "Channel did not accept content"),
    63006: Known("perm", "Content could not be formatted"),
    63007: Known("hold", "No channel with that From"),
    63008: Known("hold", "Channel misconfigured"),
    63009: Known("retry", "Channel provider 5xx"),
    63010: Known("retry", "Twilio platform internal error"),
    63011: Known("perm", "Invalid request"),
    63012: Known("retry", "Channel provider internal service error"),
    63013: Known("perm", "Channel policy violation"),
    63014: Known("perm-user", "Blocked by user action", contact="stopped"),
    63015: Known("perm-user", "Recipient has not joined the sandbox, or joined more than three days ago", contact=""),
    63016: Known("perm", "Outside the 24 h window"),
    63017: Known("slow", "Rate limit exceeded"),
    63018: Known("slow", "Rate limit exceeded for channel"),
    63019: Known("retry", "Media failed to download"),
    63020: Known("hold", "Business Manager account error"),
    63021: Known("perm", "Channel invalid content"),
    63022: Known("hold", "Invalid vname certificate"),
    63023: Known("retry", "Channel generic error"),
    63024: Known("perm-user", "Invalid message recipient"),
    63026: Known("slow", "Sender flagged as spam"),
    63027: Known("perm-tmpl", "Template missing for that language"),
    63028: Known("perm-tmpl", "Parameter count mismatch"),
    63029: Known("retry", "Receiver failed to download the template"),
    63030: Known("perm", "Unsupported parameter for this channel"),
    63031: Known("perm", "From equals To"),
    63032: Known("perm", "WhatsApp limitation for this user"),
    63033: Known("perm-user", "Recipient blocked", contact="stopped"),
    63034: Known("perm", "Media exceeds size limit"),
    63037: Known("retry", "Channel media upload error"),
    63038: Known("hold", "Daily message limit reached"),
    63040: Known("perm-tmpl", "Template submission failure"),
    63041: Known("hold-tmpl", "Template paused"),
}
# not in the list above, and seen with what only we send
ERRORS |= {
    20404: Known("hold", "No such account or resource"),
    21609: Known("hold", "StatusCallback is no address that Twilio can reach: is FLOWBOT_PUBLIC_URL right?"),
    STALE: Known("retry", "ContentSid is gone: it is made again"),
}
UNKNOWN = Known("perm", "Unknown error")


def classify(code: int, status: int = 0) -> Known:
    """What a code means; for an unknown one the HTTP status is asked.

    >>> classify(63016).kind, classify(99999).kind, classify(99999, 429).kind, classify(99999, 500).kind
    ('perm', 'perm', 'slow', 'outage')
    """
    found = ERRORS.get(code)
    if found is not None:
        return found
    if status == 429:
        return Known("slow", "Too many requests")
    if status == 401 or status == 403:
        return Known("hold", "Permission denied")
    return Known("outage", "Unknown error") if status >= 500 else UNKNOWN
