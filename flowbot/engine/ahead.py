"""What a flow will say by itself from a step on, until it waits again: read off its steps, without running them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..steps.ask import Ask
from ..steps.jump import Jump
from ..steps.run import Run
from ..steps.say import Say
from ..steps.target import Target
from ..steps.template import Template
from ..steps.verification.code import Code
from .flow import Flow, Step

_PASSES = ("act", "route")  # roles of verbs that do not wait
_ASKS_OTHERS = ("call", "verify")  # they wait, but for nobody here: what follows is part of the same


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that may be sent."""

    kind: str  # say: a content entry · template · flow: whatever another flow says, or a question that was open
    name: str


@lru_cache(maxsize=1024)
def lines(flow: Flow, step: str, trigger: str) -> tuple[Line, ...]:
    """All that may be said when the step is left by the trigger, by whichever of its ways; () when nothing is.

    Templates to somebody else are none of it: they have their own recipient.
    """
    ways = flow.steps[step].routes.get(trigger)
    targets: Iterable[Target] = [way.target for way in ways] if ways else [Target(kind="back")]
    found: dict[Line, None] = {}
    seen: set[str] = set()
    waiting = list(targets)
    while waiting:
        target = waiting.pop(0)
        if target.kind in ("jump", "back"):
            found[Line("flow", target.name)] = None
        elif target.kind == "step" and target.name not in seen:
            seen.add(target.name)
            here = flow.steps[target.name]
            found.update(dict.fromkeys(_said(here)))
            if _passes(here):
                waiting += [way.target for ways in here.routes.values() for way in ways]
    return tuple(found)


def _said(step: Step) -> Iterator[Line]:
    for verb in (*step.acts, step.main):
        if isinstance(verb, Say):
            yield from (Line("say", key) for key in verb.keys)
        elif isinstance(verb, Template):
            if verb.to is None:
                yield Line("template", verb.name)
        elif isinstance(verb, (Ask, Code)):
            yield Line("say", (verb.question if isinstance(verb, Code) else verb).key)
        elif isinstance(verb, (Run, Jump)):
            yield Line("flow", verb.flow if isinstance(verb, Run) else verb.target.name)


def _passes(step: Step) -> bool:
    main = step.main
    if main is None or main.role in _PASSES:
        return True
    if isinstance(main, Template):
        return not main.waits
    return main.word in _ASKS_OTHERS and not isinstance(main, Code)
