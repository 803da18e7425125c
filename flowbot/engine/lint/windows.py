"""The 24-hour window: what a flow says when it may be closed, and WhatsApp takes a template only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ...errors import FlowbotError
from ...model.duration import DAY, format_duration
from ...model.gateway import Limits
from ...model.problem import Path, Problem
from ...steps.ask import Ask
from ...steps.handoff import Handoff
from ...steps.say import Say
from ...steps.template import Template
from ...steps.wait import Wait
from ..flow import Flow, Step
from ..starts import OTHERS
from .case import Case

SIMULATOR = "simulator"  # a gateway that takes any text at any time, and that no contact is on
INVITE = "invite by `start: {template: …}`, begin with a step `template: …`, or give the words an `outside`"


def begun_by_business(case: Case) -> Iterable[Problem]:
    """A flow that only a client's system starts, and that begins with words instead of a template."""
    flow, start = case.flow, case.flow.start
    heard = start.messages or start.keywords or start.patterns or any(getattr(start, word) for word in OTHERS)
    if not start.api or start.invitation or heard or "start" in case.doubt.keys or not has_window(case.gateways):
        return
    for path in begins_with_words(flow, case.doubt.steps):
        message = "only your system starts this flow, and it begins with words that need an open 24-hour window"
        yield case.source.problem(path, "F235", message, hint=INVITE, level="warning")


def begins_with_words(flow: Flow, doubtful: Collection[str] = ()) -> list[Path]:
    """Where it begins with free text; [] when it begins with a template, or says nothing before it waits."""
    said: list[Path] = [("steps", step, word) for step, word, _ in _said(flow, [flow.first], doubtful)]
    return [] if flow.start.invitation else said[:1]


def after_a_wait(case: Case) -> Iterable[Problem]:
    """Words that follow a wait of a day or more."""
    if not has_window(case.gateways):
        return
    told = set()
    doubtful = case.doubt.steps
    for step in (step for id, step in case.flow.steps.items() if id not in doubtful | case.doubt.times):
        for trigger, span in _long(step):
            leads = [way.target.state for way in step.routes.get(trigger, ())]
            for id, word, key in _said(case.flow, leads, doubtful):
                if (id, word) not in told:
                    told.add((id, word))
                    yield _late(case, step.id, span, id, word, key)


def _late(case: Case, waiting: str, span: int, id: str, word: str, key: str) -> Problem:
    time = format_duration(span) if span else "the wait"
    message = f"after {time} at '{waiting}' the 24-hour window has closed: {key!r} is not sent"
    hint = "give the words an `outside: {template: …}`, or send a step `template: …`"
    if not span:
        message = f"when '{waiting}' takes a day or more, the 24-hour window has closed: {key!r} is not sent"
    return case.source.problem(("steps", id, word), "F236", message, hint=hint, level="warning")


def _long(step: Step) -> Iterator[tuple[str, int]]:
    """The outcomes of a step that may come a day or more after the contact's last message, and when (0: unknown)."""
    verb = step.main
    if isinstance(verb, Wait):
        if verb.until is not None or (verb.event and not verb.span):
            yield verb.good if verb.until is not None else "done", 0
        elif verb.span >= DAY:
            yield verb.late, verb.span
            if verb.event:
                yield "done", 0
    if isinstance(verb, Handoff):
        yield from ((one.trigger, one.after) for one in step.timeouts if one.trigger and one.after >= DAY)


def _said(flow: Flow, begin: Iterable[str], doubtful: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Free text that is said from here on before the contact has answered: the step, its key, the entry.

    Nobody knows what the doubtful steps say, and what comes after them.
    """
    waiting, seen = list(begin), set()
    while waiting:
        id = waiting.pop(0)
        if id in seen or id in doubtful or id not in flow.steps:
            continue
        seen.add(id)
        step = flow.steps[id]
        yield from ((id, "say", key) for key in _words(step) if _is_free(flow, key))
        if isinstance(step.main, Ask) and not isinstance(step.main, Template) and _is_free(flow, step.main.key):
            yield id, "ask", step.main.key
        waiting += _onward(step)


def _words(step: Step) -> Iterator[str]:
    for verb in step.acts:
        if isinstance(verb, Say):
            yield from verb.keys


def _onward(step: Step) -> list[str]:
    """Where it leads without a word of the contact's."""
    verb = step.main
    if verb is None or verb.role != "wait" or verb.word == "call":
        return [way.target.state for ways in step.routes.values() for way in ways]
    if isinstance(verb, Template):
        triggers = ("done", "refused") if not verb.waits else ("refused",)
        return [way.target.state for trigger in triggers for way in step.routes.get(trigger, ())]
    return []


def _is_free(flow: Flow, key: str) -> bool:
    try:
        entry = flow.content.lookup(key, flow.languages[0])
    except FlowbotError:
        return False  # said elsewhere
    return entry is not None and entry.outside is None


def has_window(gateways: Mapping[str, Limits]) -> bool:
    """Whether WhatsApp carries it, or will: who has only the simulator yet is to hear of it before going live."""
    real = [limits for name, limits in gateways.items() if name != SIMULATOR]
    return any(limits.window for limits in real) or not real
