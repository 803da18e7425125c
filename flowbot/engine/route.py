"""When a message arrives, who gets it: the one documented order, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.choice import FORM, from_wire
from ..model.contact import Contact
from ..model.inbound import Inbound, Tap
from ..model.quick import quick
from ..model.template import CANCEL, CONTINUE
from ..steps.ask import Ask, question_of
from .answers import said, takes
from .folding import squeeze
from .live import Live
from .match import Option, choose
from .paging import is_long
from .starts import Starts

# Kinds that nobody answers, and kinds that get a polite word.
SILENT = frozenset({"reaction", "system", "edit", "revoke", "group"})
UNSAID = frozenset({"request_welcome", "interactive.call_permission_reply"})  # unsupported ones that no person wrote
POLITE = frozenset({"sticker", "contacts", "order", "form", "unsupported"})


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An invitation that waits for a tap on one of its two buttons."""

    visit: int
    options: tuple[Option, ...]


@quick
@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets the message.

    kind: recorded, opt_out, opt_in, choice, stale, command, more, reengage, anytime, start, again, answer, unsupported,
    operator, invitation, parked (a word of `anytime` for a parked process), listen, nothing.
    """

    kind: str
    word: str = ""  # the choice, command, answer, anytime word or flow; why a message is only recorded
    by: str = ""  # start: message or keyword
    up: int = 0  # anytime: how many processes above the open one
    at: int = 0  # parked, listen: which of the parked processes; invitation: its visit


def decide(
    inbound: Inbound,
    contact: Contact,
    live: Live | None,
    options: Sequence[Option],
    starts: Starts,
    reengaging: Sequence[Option] = (),
    parked: Sequence[Live] = (),
    invited: Sequence[Offer] = (),
) -> Decision:
    """The line of LANGUAGE section 5 that takes the message.

    `options` are the open question's choices, `reengaging` the answers of a re-engagement that was just sent,
    `parked` the processes that hear words while no flow is open, and `invited` the invitations, newest first. Line 1,
    duplicates, is the store's.
    """
    if contact.blocked:
        return Decision("recorded", "blocked")
    if inbound.kind in SILENT or inbound.group or is_unsaid(inbound):
        return Decision("recorded", inbound.kind)
    tap = inbound.tap if inbound.kind == "tap" else None
    ours = tap is not None and tap.visit > 0  # one of our own buttons: never read as words
    text = "" if ours else said(inbound)
    folded = squeeze(text) if text else ""
    found = _consent(folded, contact, live, starts) or _handed_off(live) or _invited(tap, live, invited)
    if found is None and live is not None:
        found = (
            _open(inbound, live, options, reengaging, text, folded)
            or _interrupt(folded, live, starts)
            or _question(inbound, live)
        )
    if found is None:
        found = _accepted(text, invited) or _parked(folded, parked) or _start(folded, starts) or _unsupported(inbound)
    return found or Decision("nothing", "stale" if ours else "")


def _handed_off(live: Live | None) -> Decision | None:
    """Line 4."""
    return Decision("operator") if live is not None and live.state == "handed_off" else None


def _consent(folded: str, contact: Contact, live: Live | None, starts: Starts) -> Decision | None:
    """Line 3. A word for opting in means something only to who is out."""
    if not folded:
        return None
    change = live.flow_.consent.get(folded, "") if live else ""
    if change == "opt_out" or folded in starts.opt_out:
        return Decision("opt_out", folded)
    if contact.opted_out and (change == "opt_in" or folded in starts.opt_in):
        return Decision("opt_in", folded)
    return None


def _invited(tap: Tap | None, live: Live | None, invited: Sequence[Offer]) -> Decision | None:
    """Line 5, Continue and Cancel: by the visit they name, or the newest when the provider keeps that to itself. One
    that was answered, or has expired, does nothing.
    """
    if tap is None or tap.choice not in (CONTINUE, CANCEL):
        return None
    for offer in invited:
        if tap.visit in (0, offer.visit) and (tap.visit or tap.source == "template"):
            return Decision("invitation", tap.choice, at=offer.visit)
    late = tap.source == "template" and tap.visit > 0 and (live is None or tap.visit != live.visit)
    return Decision("recorded", "stale") if late else None


def _accepted(text: str, invited: Sequence[Offer]) -> Decision | None:
    """What is typed as it stands on the newest invitation's buttons, while no flow is open."""
    word = choose(text, invited[0].options, "exact") if invited and text and not text.strip().isdigit() else None
    return Decision("invitation", word, at=invited[0].visit) if word else None


def _open(
    inbound: Inbound, live: Live, options: Sequence[Option], reengaging: Sequence[Option], text: str, folded: str
) -> Decision | None:
    """Lines 5 to 7: taps; what is typed for the open question or a re-engagement; words understood at any time."""
    found = _tapped(inbound, live, options, reengaging)
    if found is not None or not folded:
        return found
    step = live.at
    question = question_of(step.main)
    if question is not None:
        choice = choose(text, options, "exact") if options else None
        if choice:
            return Decision("choice", choice)
        command = step.commands.get(folded)
        if command and command not in question.commands:
            return Decision("answer")  # the word that ends a burst
        if command:
            limit = question.commands[command].max
            if not limit or live.used(command) < limit:
                return Decision("command", command)
        if is_long(options) and folded in map(squeeze, live.flow_.content.words("more", live.lang)):
            return Decision("more")
    word = _reengaged(text, live, reengaging)
    if word:
        return Decision("reengage", word)
    return _understood(folded, live)


def _reengaged(text: str, live: Live, reengaging: Sequence[Option]) -> str | None:
    """A typed yes or no, unless the open question is itself one of yes and no; a number may be an answer to it."""
    verb = live.at.main
    if not reengaging or squeeze(text).isdigit() or (isinstance(verb, Ask) and verb.expect == "yes_no"):
        return None
    return choose(text, reengaging, "exact")


def _tapped(inbound: Inbound, live: Live, options: Sequence[Option], reengaging: Sequence[Option]) -> Decision | None:
    tap = inbound.tap if inbound.kind == "tap" else None
    if tap is None:
        return None
    if tap.visit and tap.visit == live.reengaged and any(option.id == tap.choice for option in reengaging):
        return Decision("reengage", tap.choice)
    verb = live.at.main
    offered = {option.id for option in options}
    if tap.choice in offered and tap.visit in (0, live.visit):
        return Decision("choice", tap.choice)
    if tap.visit in (0, live.visit):
        return None  # not one of ours: its label counts as if it were typed
    if isinstance(verb, Ask) and verb.stale == "accept" and tap.choice in offered:
        return Decision("choice", tap.choice)
    return Decision("stale", tap.choice)


def _interrupt(folded: str, live: Live, starts: Starts) -> Decision | None:
    """Line 8: another flow's words. Who taps the open flow's own link again gets its question again.

    In the middle of a burst a first word is no keyword.
    """
    if not folded:
        return None
    if starts.message(folded) == live.flow:
        return Decision("again", live.flow)
    if not live.flow_.settings.keywords_interrupt:
        return None
    found = _start(folded, starts)
    if found and found.by == "keyword" and live.bursts:
        return None
    return found if found and found.word != live.flow else None


def _question(inbound: Inbound, live: Live) -> Decision:
    """Line 9: the open question gets it."""
    verb = live.at.main
    _, visit = from_wire(str(inbound.form.get("flow_token", ""))) if inbound.form else ("", 0)
    if visit and visit != live.visit:
        return Decision("stale", FORM)  # of an earlier question
    if isinstance(verb, Ask) and takes(verb.expect, inbound.kind):
        return Decision("answer")
    return _unsupported(inbound) or Decision("answer")


def _understood(folded: str, live: Live) -> Decision | None:
    """A word of `anytime`: the process's own, then those of the processes that it is a part of."""
    for up, one in enumerate((live, *live.above)):
        word = one.flow_.words.get(folded)
        if word:
            return Decision("anytime", word, up=up)
    return None


def _parked(folded: str, parked: Sequence[Live]) -> Decision | None:
    """Line 10: the words of flows that wait."""
    for number, live in enumerate(parked) if folded else ():
        word = live.at.commands.get(folded)
        if word:
            return Decision("listen", word, at=number)
        found = _understood(folded, live)
        if found is not None:
            return Decision("parked", found.word, at=number, up=found.up)
    return None


def _start(folded: str, starts: Starts) -> Decision | None:
    """Line 11: whole messages, then first words."""
    if not folded:
        return None
    flow = starts.message(folded)
    if flow:
        return Decision("start", flow, "message")
    flow = starts.keyword(folded)
    return Decision("start", flow, "keyword") if flow else None


def is_unsaid(inbound: Inbound) -> bool:
    """Whether WhatsApp itself sent it: a permission that was given, a chat that was opened."""
    return inbound.kind == "unsupported" and inbound.facts.get("type") in UNSAID


def _unsupported(inbound: Inbound) -> Decision | None:
    return Decision("unsupported", inbound.kind) if inbound.kind in POLITE else None
