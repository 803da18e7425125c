"""What a flow has still before who stands at a step, on whichever way to a good end; read off its steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import orjson

from ..steps.ask import Ask
from .flow import Flow, Step

_GOOD = ("succeed", "jump", "back")  # kinds of ends
_READ = re.compile(r"\banswers\.(\w+)|\b([a-z]\w*)\.[a-z_]")
_FOUND = ("verify", "call", "run")  # verbs whose result stays under the step's id


@lru_cache(maxsize=1024)
def possible(flow: Flow, step: str) -> frozenset[str]:
    """The steps and ends that may follow upon a step; itself only when a way leads back to it."""
    return _reached(flow, step, _leads)


@lru_cache(maxsize=1024)
def certain(flow: Flow, step: str) -> frozenset[str]:
    """The steps which ask, verify, call or run a part, and which nobody passes by who stands at `step` and answers
    whatever is asked.
    """
    after = _reached(flow, step, _goes_well)
    if not _ends_well(flow, after):
        return frozenset()
    sure = [id for id in after - {step} if id in flow.steps and flow.steps[id].when is None and is_told(flow.steps[id])]
    return frozenset(id for id in sure if not _ends_well(flow, _reached(flow, step, _goes_well, without=id)))


@lru_cache(maxsize=1024)
def reads(flow: Flow) -> frozenset[str]:
    """Which answers and results its steps and texts name: `answers.city`, `crm_save`."""
    written = orjson.dumps(
        [flow.meaning["data"]["steps"], flow.meaning["content"]], option=orjson.OPT_NON_STR_KEYS
    ).decode()
    return frozenset(f"answers.{answer}" if answer else step for answer, step in _READ.findall(written))


def name_of(step: Step) -> str:
    """What texts call what is known of it."""
    return f"answers.{step.save}" if isinstance(step.main, Ask) else step.id


def is_told(step: Step) -> bool:
    """Whether it is known afterwards that somebody was there."""
    return isinstance(step.main, Ask) or (step.main is not None and step.main.word in _FOUND)


def is_done(step: Step, answers: Mapping[str, object], results: Mapping[str, object]) -> bool:
    return step.save in answers if isinstance(step.main, Ask) else step.id in results


def _reached(flow: Flow, step: str, leads: Callable[[Step], Iterable[str]], without: str = "") -> frozenset[str]:
    seen: set[str] = set()
    waiting = [step]
    while waiting:
        for state in leads(flow.steps[waiting.pop()]):
            if state not in seen and state != without:
                seen.add(state)
                waiting += [state] if state in flow.steps else []
    return frozenset(seen)


def _ends_well(flow: Flow, states: Iterable[str]) -> bool:
    return any(state in flow.ends and flow.ends[state].kind in _GOOD for state in states)


def _leads(step: Step) -> Iterator[str]:
    for ways in step.routes.values():
        yield from (way.target.state for way in ways)


def _goes_well(step: Step) -> Iterator[str]:
    """Without the ways of who does not answer, or wishes something else; choices have ways of their own."""
    closed = bool(getattr(step.main, "choices", ())) and not getattr(step.main, "free", False)
    bad = (*(step.main.bad if step.main else ()), *(("answered",) if closed else ()))
    for trigger, ways in step.routes.items():
        if trigger not in bad and not trigger.startswith(("timeout", "command:", "validate:")):
            yield from (way.target.state for way in ways)
