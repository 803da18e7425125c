"""What a message says as the answer to a question; a file is looked at first, where a bound is about its bytes.

What a provider says of a file is its sender's word. The hooks process fetches it and looks; the question stays open
meanwhile, and what the contact says then is heard as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..model import codec
from ..model.contact import Identity
from ..model.event import CallAnswered
from ..model.inbound import LARGEST_MB, Inbound, Media
from ..model.quick import builder, replace
from ..steps.ask import Ask
from ..steps.base import Reading
from . import answers, calls, offering
from .compare import number

if TYPE_CHECKING:
    from .visit import Visit

_question, _read = builder(answers.Asked), builder(Reading)
LOOK = "look"
LIMIT = 30_000  # ms for fetching a file and looking at it


def read(visit: Visit, verb: Ask, inbound: Inbound) -> Reading:
    if visit.choice:
        return _chosen(visit, verb, visit.choice)
    found = answers.read(inbound, _asked(visit, verb))
    if isinstance(found, answers.Refused):
        return Reading(refused=found.code, params=found.params)
    return _chosen(visit, verb, found.choice) if found.choice else _read(value=found.value)


def look(visit: Visit, verb: Ask, inbound: Inbound) -> bool:
    """Ask that the message's file is looked at; False when it need not be, or there is no time for it."""
    media = inbound.media
    if visit.choice or media is None or not answers.unseen(inbound, _asked(visit, verb)):
        return False
    left = calls.within(visit.draft, LIMIT)
    if not left:
        return False
    visit.request(LOOK, {"media": codec.to_plain(media)}, limit=left)
    visit.draft.trace("looking", media.kind)
    return True


def looked(visit: Visit, verb: Ask, event: CallAnswered) -> Reading:
    """The file as it turned out to be, read as the answer; one that nobody could look at is asked for again."""
    try:
        media = codec.from_plain(Media, event.result["media"])
    except (AttributeError, KeyError, TypeError, ValueError, ParseError):
        return Reading(refused="image.damaged" if verb.expect == "image" else "file.damaged")
    if event.reason == "too_big":
        most = number((verb.bounds(visit.scope) or {}).get("max_mb"))
        code = "image.large" if verb.expect == "image" else "file.large"
        return Reading(refused=code, params={"max": min(most or LARGEST_MB, LARGEST_MB)})
    if event.outcome != "ok":
        media = replace(media, damaged=True)
    return read(visit, verb, Inbound(id="", sender=Identity(), kind=media.kind, media=media))


def _asked(visit: Visit, verb: Ask) -> answers.Asked:
    live, draft = visit.live, visit.draft
    return _question(
        expect=verb.expect,
        bounds=verb.bounds(visit.scope) or {},
        options=visit.options(verb),
        match=verb.match,
        lang=live.lang,
        country=draft.contact.country or draft.account.default_country,
        today=visit.scope["now"].date(),
        content=live.flow_.content,
        whole=live.at.sensitive,
    )


def _chosen(visit: Visit, verb: Ask, choice: str) -> Reading:
    """A choice; of one from data its id there is the answer, however it was called on the button."""
    if verb.data is None:
        return _read(value=choice, choice=choice)
    row = offering.find(visit.live.offered, choice)
    behind = {} if visit.live.at.sensitive else offering.whole(row, verb.data, visit.scope)
    return Reading(value=row["id"], row=behind)
