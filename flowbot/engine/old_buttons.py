"""A tap on a button of an earlier question, and which question that was."""

from __future__ import annotations

from functools import lru_cache

from ..steps.ask import Ask
from .flow import Flow
from .live import Live

KEPT = 20  # questions of a process whose buttons are known


@lru_cache(maxsize=1024)
def returns(flow: Flow) -> bool:
    """Whether any of its questions goes back to an earlier one."""
    return any(isinstance(step.main, Ask) and step.main.stale == "back" for step in flow.steps.values())


def step_of(live: Live, visit: int, choice: str) -> str:
    """The step whose question had the button, by its visit, else by its choice; "" when it is unknown."""
    for one in reversed(live.questions):
        number, _, step = one.partition(":")
        if int(number) == visit and step in live.flow_.steps:
            return step
    asks = (one for one in live.flow_.steps.values() if isinstance(one.main, Ask) and choice in one.main.choices)
    return next((one.id for one in asks), "")
