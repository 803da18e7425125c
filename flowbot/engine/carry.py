"""From one version of a flow to another, for who is on the way: only when its author asks for it.

Carried over: the same step with the same kind of answer; nothing is said. Restarted: the step is there and asks for
something else; it is asked anew. All others are kept on the version that they began with, and nobody is dropped: also
who would be asked again what they have answered, miss what is still before them, lack an answer that the new version
reads, find no way back from where a word has led them, or lose what they are just saying in several messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import NotFound
from ..model.event import VersionPublished
from ..model.session import Process
from ..steps import VERBS
from ..steps.ask import Ask
from . import life, parking, silence
from .draft import Draft
from .flow import Flow, Step
from .live import Live
from .remainder import certain, is_done, is_told, name_of, possible, reads
from .shelf import Shelf
from .walk import Walk

CARRIED, RESTARTED, KEPT = "carried", "restarted", "kept"


def fate(old: Flow, new: Flow, process: Process) -> str:
    """What becomes of a process of `old` when those who stand on it are to go on with `new`."""
    before, after = old.steps.get(process.step), new.steps.get(process.step)
    if before is None or after is None or not _goes_on(old, new, process):
        return KEPT
    if _kind(old, before) == _kind(new, after):
        return CARRIED if not process.bursts or _collects(before, after) else KEPT
    asked = process.state == "open" and process.asked_at and isinstance(before.main, Ask)
    return RESTARTED if asked else KEPT


def _goes_on(old: Flow, new: Flow, process: Process) -> bool:
    """Whether there is a way back for who was led away, and what follows is what they have not had yet."""
    ways = [way.partition("@") for way in process.back_to.split("/") if way]
    if not {process.moved, *(id for id, _, _ in ways)} - {""} <= new.steps.keys():
        return False
    for id, parked, _ in ways:
        before, after = old.steps.get(id), new.steps[id]
        if before is None or (parked and _kind(old, before) != _kind(new, after)):
            return False
        if id in process.laid and not _collects(before, after):
            return False
    places = (process.step, *(id for id, _, _ in ways))
    return all(_in_order(old, new, process, id) for id in places) and _has_all(old, new, process, places)


def _in_order(old: Flow, new: Flow, process: Process, step: str) -> bool:
    """Whether nothing that was answered comes again, and nothing that was still to come is passed by."""
    steps = {**old.steps, **new.steps}
    done = {id for id, one in steps.items() if is_done(one, process.answers, process.results)}
    again = (certain(new, step) - possible(old, step)) & done
    lost = ((certain(old, step) & new.steps.keys()) - possible(new, step)) - done
    return not again and not lost


def _has_all(old: Flow, new: Flow, process: Process, places: Iterable[str]) -> bool:
    """Whether what the new version reads, and the old did not, is there or still asked: an answer of a step that came
    before, or had another name, would be an empty place in a text or a call.
    """
    ahead = {id for place in places for id in (place, *possible(new, place)) if id in new.steps}
    known = {name_of(new.steps[id]) for id in ahead}
    behind = [one for id, one in new.steps.items() if id not in ahead and is_told(one)]
    missed = {name_of(one) for one in behind if not is_done(one, process.answers, process.results)}
    return not missed & (reads(new) - reads(old)) - known


def _collects(before: Step, after: Step) -> bool:
    """Whether what was said so far counts on."""
    one, other = before.main, after.main
    both = isinstance(one, Ask) and isinstance(other, Ask) and one.collect and other.collect
    return bool(both) and before.save == after.save


def carry(draft: Draft, event: VersionPublished, book: Shelf) -> None:
    """The open process, those that it is a part of, and the parked ones, each by its own fate."""
    try:
        new = book.flow(event.flow, event.version)
    except NotFound:
        draft.trace("error", f"the flow {event.flow!r} is gone in version {event.version!r}")
        return
    live = draft.live
    if live is not None:
        again = _take_over(draft, live, new)
        for above in live.above:
            _take_over(draft, above, new, whole=False)
        if again:
            Walk(draft, book).reopen(live.step)
    for parked in reversed(parking.lives(draft, book)):
        for one in (parked, *parked.above):
            _take_over(draft, one, new, whole=False)
        parking.keep(draft, parked)


def _take_over(draft: Draft, live: Live, new: Flow, *, whole: bool = True) -> bool:
    """Whether its step has to be entered anew; only the open process itself may be."""
    if live.flow != new.id or live.flow_version == new.version:
        return False
    old, found = live.flow_, fate(live.flow_, new, live.frozen(0))
    if found == KEPT or (found == RESTARTED and not whole):
        draft.trace(KEPT, new.id, version=old.version)
        return False
    draft.trace(found, new.id, version=new.version)
    _adopt(live, new)
    if found == CARRIED and live is draft.live and live.asked_at:
        _set_timers(draft, old, new)
    return found == RESTARTED


def _adopt(live: Live, new: Flow) -> None:
    live.flow_, live.flow_version = new, new.version
    live.lang = life.speaks(new, live.lang) or new.languages[0]
    live.inputs = {**{name: one.default for name, one in new.inputs.items()}, **live.inputs}
    if live.reengagement >= len(new.reengage):
        live.reengaged = live.reengagement = 0


def _set_timers(draft: Draft, old: Flow, new: Flow) -> None:
    """Those of the open question, where the new version has other times for it."""
    live = draft.live
    assert live is not None
    if old.steps[live.step].timeouts != live.at.timeouts:
        draft.cancel(lambda name: name.startswith("timeout."))
        for number, timeout in enumerate(live.at.timeouts):
            draft.arm(f"timeout.{number}", max(draft.now, live.asked_at + timeout.after))
    if (old.reengage, old.settings.expires_after) != (new.reengage, new.settings.expires_after):
        silence.begin(draft)


def _kind(flow: Flow, step: Step) -> tuple[Any, ...]:
    """What has to be the same for an answer, or the end of a wait, to mean the same."""
    verb = step.main
    if isinstance(verb, Ask):
        return verb.word, verb.expect, frozenset(verb.choices), verb.data is not None, verb.free
    if verb is None:
        return (step.id,)
    written = flow.meaning["data"]["steps"].get(step.id, {})
    keys = {field.data_key or name for name, field in VERBS[verb.word].Schema().fields.items()}
    return verb.word, {key: written[key] for key in sorted(keys) if key in written}
