"""What of a process is sensitive, and where it goes: by name, so that it is known for as long as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flow import Flow
    from .live import Live

SHORTEST = 4  # letters of an answer that is looked for elsewhere: "no" is in many texts


def handed_on(inputs: Mapping[str, Any], live: Live) -> tuple[str, ...]:
    """Of the inputs that a process gives to another those that hold a sensitive answer of its own."""
    known = {str(value) for value in values(live)}
    return tuple(f"inputs.{name}" for name, value in inputs.items() if str(value) in known)


def handed_back(live: Live, step: str) -> tuple[str, ...]:
    """The names that the sensitive answers of a part have in the process that ran it at `step`."""
    return tuple(f"{step}.answers.{name}" for name in live.sensitive if name in live.answers)


def given(flow: Flow, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Of the answers that a client starts a flow with those that the flow itself would have kept as sensitive."""
    return tuple(step.save for step in flow.steps.values() if step.sensitive and step.save in answers)


def values(live: Live) -> list[Any]:
    """What stands under the sensitive names."""
    found = []
    for name in live.sensitive:
        home, _, rest = name.partition(".")
        if name in live.answers:
            found.append(live.answers[name])
        elif home == "inputs" and rest in live.inputs:
            found.append(live.inputs[rest])
        elif home in live.results:
            answers = live.results[home].get("answers", {})
            found += [answers[rest.removeprefix("answers.")]] if rest.removeprefix("answers.") in answers else []
    return [one for one in found if isinstance(one, (str, int, float)) and len(str(one)) >= SHORTEST]
