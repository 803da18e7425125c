"""A sandbox differs from production by its configuration only: whom it reaches, and how quickly."""

from __future__ import annotations

from ..model.number import canonical
from ..model.outbound import OutboxEntry
from ..model.project import Channel


def may_reach(channel: Channel, entry: OutboxEntry) -> bool:
    """Whether the message may leave: from a sandbox only to who wrote first (and so has joined), or is listed.

    >>> from ..model.outbound import Outbound
    >>> box = Channel(account="a", name="m", gateway="twilio", environment="sandbox", recipients=("5511987654321",))
    >>> def to(number, purpose="business"):
    ...     return OutboxEntry(id="m", account="a", channel="m", contact_id="c", to=number, outbound=Outbound(),
    ...                        purpose=purpose)
    >>> may_reach(box, to("551187654321")), may_reach(box, to("1555")), may_reach(box, to("1555", "reply"))
    (True, False, True)
    """
    if channel.environment != "sandbox" or entry.purpose != "business":
        return True
    return canonical(entry.to) in {canonical(number) for number in channel.recipients}
