"""What is written beside a way: the outcome's word, or the condition under which it is taken."""

from __future__ import annotations

from collections.abc import Sequence

from ...model.duration import format_duration
from ...steps.ask import Ask
from ...steps.target import Route
from ...steps.wait import Wait
from ..flow import Step

MANY = 3  # more choices than these that lead to the same place are counted, not named


def possible(step: Step, trigger: str, route: Route) -> bool:
    """Whether the way can be taken, and is the step's own: an expiry that nobody wrote is alike at every question."""
    if trigger == "timeout" and route.target.kind == "expire" and not route.target.path:
        return isinstance(step.main, Wait) or any(one.trigger == trigger for one in step.timeouts)
    if trigger == "invalid" and step.retry.times < 0:
        return False
    closed = isinstance(step.main, Ask) and step.main.closed
    return not (closed and trigger == "answered")


def is_quiet(outcome: str) -> bool:
    """Whether the outcome comes by silence or by wrong answers.

    >>> is_quiet("timeout:0"), is_quiet("invalid"), is_quiet("accept")
    (True, True, False)
    """
    return outcome.partition("[")[0].partition(":")[0] in ("invalid", "timeout")


def label(step: Step, trigger: str, number: int) -> str:
    """The words for the `number`th way of a trigger; "" for the way that needs none."""
    ways = step.routes[trigger]
    said = _word(step, trigger)
    condition = str(getattr(ways[number].when, "source", "")).strip()
    if not condition and number:
        condition = "else"
    return ": ".join(part for part in (said, condition) if part)


def join(step: Step, labels: Sequence[str]) -> str:
    """One label for outcomes that lead to the same place; "" for the plain one, with any choices beside it."""
    named = list(dict.fromkeys(labels))
    choices = step.main.choices if isinstance(step.main, Ask) else ()
    same = [one for one in named if one in choices]
    if "" in named:
        others = [one for one in named if one and one not in choices]
        return " / ".join([step.good, *others]) if others else ""
    if len(same) > MANY:
        counted = f"any of {len(same)}" if len(same) == len(choices) else f"{same[0]} and {len(same) - 1} others"
        named = [counted, *(one for one in named if one not in same)]
    return " / ".join(named)


def _word(step: Step, trigger: str) -> str:
    kind, _, rest = trigger.partition(":")
    if trigger == step.good:
        return ""
    if trigger == "skipped":
        return "" if step.routes["skipped"] == step.routes.get(step.good) else "skipped"
    if trigger == "invalid":
        times = step.retry.times
        return f"{times} {'retry' if times == 1 else 'retries'}" if times else "invalid"
    if kind == "timeout" and rest.isdigit() and int(rest) < len(step.timeouts):
        return format_duration(step.timeouts[int(rest)].after)
    if kind == "timeout":
        return next((format_duration(one.after) for one in step.timeouts if one.trigger == trigger), "timeout")
    if kind == "from":
        return "any of them" if rest == "then" else "none there"
    if kind in ("command", "listen"):
        return f"“{rest}”"
    if kind == "validate" and rest.isdigit() and isinstance(step.main, Ask):
        return f"not {getattr(step.main.checks[int(rest)].when, 'source', '')}".strip()
    return trigger
