"""What a refusal, or a failed status, says of the contact, on its way into that contact's inbox.

One failure of a kind that has many causes is no proof that nobody is there: only the third without a delivery between.
"""

from __future__ import annotations

from ..model import event, ids
from ..model.contact import BSUID, Identity
from ..model.event import ContactReported
from ..store import contacts, inbox
from ..store.call import Call
from .retry import Verdict

DOUBTS = 3


def doubt(contact_id: str, message_id: str, verdict: Verdict) -> Call[int] | None:
    """What has to be counted first; None when the verdict is sure, or says nothing of the contact."""
    if verdict.contact != "doubtful":
        return None
    return contacts.count_doubt(ids.split(message_id)[1], contact_id, message_id)


def report(
    contact_id: str,
    channel_key: str,
    message_id: str,
    verdict: Verdict,
    *,
    doubts: int = 0,
    at: int = 0,
    to: Identity | None = None,
) -> Call[bool] | None:
    """What the contact's inbox gets; None when it says nothing, or not yet. Told again, it has no effect.

    `to` makes the contact where none is known: who got a broadcast and nothing else is to be remembered too.
    """
    word = "unreachable" if verdict.contact == "doubtful" and doubts >= DOUBTS else verdict.contact
    if word not in ("unreachable", "stopped", "stopped_marketing"):
        return None
    what, _, topic = word.partition("_")
    told = ContactReported(
        nonce=f"{message_id}:{what}", what=what, topic=topic or "all", code=verdict.code, at=at, to=to
    )
    return inbox.push(
        ids.split(message_id)[1], contact_id, channel_key, event.to_bytes(told), dedupe_id=told.id, at_ms=0
    )


def whom(to: str) -> Identity | None:
    """Who is written to there; None for what only leads to somebody, like a tunnel.

    >>> whom("+573001112233").number, whom("CO.Ana1").bsuid, whom("uuid@tunnel.msging.net")
    ('573001112233', 'CO.Ana1', None)
    """
    digits = to.removeprefix("+")
    if digits.isdigit():
        return Identity(number=digits)
    return Identity(bsuid=to) if BSUID.match(to) else None
