"""Several messages in a row as one answer: texts are joined, everything else becomes a list; in the order they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..model.contact import Identity
from ..model.inbound import Inbound
from ..steps.ask import Ask
from ..steps.base import Reading
from . import answers
from .folding import squeeze

if TYPE_CHECKING:
    from .visit import Visit

QUIET = "quiet"  # the timer's name
MOST_TEXT = 16_000  # characters of a burst: it ends there
Parts = Sequence[Mapping[str, Any]]


def take(visit: Visit, verb: Ask, inbound: Inbound) -> Reading | None:
    """Put a message to the burst; the answer when this one ends it, a refusal when it can't belong to it.

    What is written between photos is passed over: it is no wrong answer.
    """
    assert verb.collect is not None
    live, draft = visit.live, visit.draft
    parts = _parts(visit)
    said = answers.said(inbound)
    if said and verb.collect.until and live.at.commands.get(squeeze(said)) == verb.collect.until:
        return end(visit, verb)
    listed = verb.expect in answers.LISTED
    if not (listed and parts and said):
        reading = visit.read(verb, inbound) if listed or not said else Reading(value=said)
        if reading.refused:
            return reading
        visit.hide()
        parts = [*parts, {"value": reading.value}]
        live.bursts = {live.at.save: parts}
    draft.trace("collected", str(len(parts)), **visit.unseen)
    if len(parts) >= verb.collect.most or _length(parts) >= MOST_TEXT:
        return end(visit, verb)
    if verb.collect.quiet:
        draft.arm(QUIET, draft.now + verb.collect.quiet)
    return None


def resume(visit: Visit, laid: Mapping[str, Any]) -> None:
    """A detour came back: what was collected before it counts on."""
    verb = visit.live.at.main
    if isinstance(verb, Ask) and verb.collect is not None:
        visit.live.bursts = laid
        visit.draft.trace("collected", str(len(_parts(visit))), **visit.unseen)
        if verb.collect.quiet:
            visit.draft.arm(QUIET, visit.draft.now + verb.collect.quiet)


def end(visit: Visit, verb: Ask) -> Reading:
    """The burst as one answer; nothing of it is kept. One without messages is a wrong answer of its type."""
    parts = _parts(visit)
    visit.live.bursts = {}
    visit.draft.cancel(lambda name: name == QUIET)
    if verb.expect in answers.LISTED:
        values = [part["value"] for part in parts]
        return Reading(value=values) if values else Reading(refused=verb.expect)
    text = "\n".join(str(part["value"]) for part in parts)
    return visit.read(verb, Inbound(id="", sender=Identity(), kind="text", text=text))


def keep(visit: Visit) -> None:
    """The question is left by another way than its answer: what was collected is that, where it is a right one."""
    verb = visit.live.at.main
    if not isinstance(verb, Ask) or verb.collect is None or not visit.live.bursts:
        return
    reading = end(visit, verb)
    if reading.refused or not all(visit.holds(check.when, reading.value) for check in verb.checks):
        visit.draft.trace("refused", reading.refused or "invalid", **visit.unseen)
        return
    visit.save(reading)


def drop(visit: Visit) -> None:
    """A choice beside the burst was tapped, and is the answer alone."""
    visit.live.bursts = {}


def _parts(visit: Visit) -> Parts:
    found: Parts = visit.live.bursts.get(visit.live.at.save, ())
    return found


def _length(parts: Parts) -> int:
    return sum(len(part["value"]) for part in parts if isinstance(part["value"], str))
