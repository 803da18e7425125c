"""Where a flow's answers and other names come from: the questions that save them, and what sets them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..model.problem import Path
from ..steps.ask import Ask
from ..steps.set import Set
from .flow import Step


def assigned(steps: Mapping[str, Step]) -> Iterator[str]:
    """Names such as `vars.score` that steps and choices set, each as often as it is set."""
    for step in steps.values():
        yield from (name for name, _ in assigned_in(step))


def assigned_in(step: Step) -> Iterator[tuple[str, Path]]:
    """The names that one step sets, and where."""
    home: Path = ("steps", step.id)
    for verb in step.acts:
        if isinstance(verb, Set):
            yield from ((name, (*home, "set", name)) for name in verb.values)
    if isinstance(step.main, Ask):
        for choice, deed in step.main.deeds.items():
            yield from ((name, (*home, "choices", choice, "set", name)) for name in deed.sets)


def askers(steps: Mapping[str, Step]) -> Mapping[str, tuple[tuple[Step, Ask], ...]]:
    """Answer -> the questions that save it; without those answers that something else sets."""
    found: dict[str, tuple[tuple[Step, Ask], ...]] = {}
    for step in steps.values():
        if isinstance(ask := step.main, Ask):
            found[step.save] = (*found.get(step.save, ()), (step, ask))
    for name in assigned(steps):
        found.pop(name.removeprefix("answers."), None)
    return found
