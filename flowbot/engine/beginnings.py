"""Which flow begins with a message that no flow's words fit: LANGUAGE section 5, the rest of line 11.

By a pattern, by the advertisement that was tapped, with a contact's very first message, out of office hours, and at
last by default; the last two at most once in 24 hours for a contact on a channel, unless `every_time` is said.
"""

from __future__ import annotations

from ..model.duration import DAY
from ..model.inbound import Inbound
from ..model.quick import replace
from .answers import said
from .answers.regex import fits
from .draft import Draft
from .route import Decision
from .schedule import office_hours
from .schedule.opening import is_open
from .starts import Starts
from .timezone import zone


def first_flow(draft: Draft, inbound: Inbound, starts: Starts, *, new: bool) -> Decision | None:
    """The flow that takes the message, None when nobody does; `new`: the contact never wrote before."""
    text = said(inbound)
    for pattern, flow in starts.patterns:
        if text and fits(pattern, text):
            return Decision("start", flow, "regex")
    if inbound.referral is not None and starts.referral:
        return Decision("start", starts.referral, "referral")
    if new and starts.new_contact:
        return Decision("start", starts.new_contact, "new_contact")
    kind = "out_of_hours" if starts.out_of_hours and not _open(draft) else "default"
    return _once(draft, kind, starts)


def _once(draft: Draft, kind: str, starts: Starts) -> Decision | None:
    flow = starts.out_of_hours if kind == "out_of_hours" else starts.default
    last = draft.session.marks.get(kind, 0)
    if not flow or (last and draft.now - last < DAY and kind not in starts.every_time):
        return None
    draft.session = replace(draft.session, marks={**draft.session.marks, kind: draft.now})
    return Decision("start", flow, kind)


def _open(draft: Draft) -> bool:
    account = draft.account
    return is_open(draft.now, [office_hours(account.office, zone(account.timezone))])
