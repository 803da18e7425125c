"""What a flow hands to another that it jumps to or runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...model.problem import Problem, Source, suggest
from ..flow import Flow
from .leads import Lead


def passed(flows: Mapping[str, tuple[Flow, Source]], leads: Mapping[str, Iterable[Lead]]) -> Iterator[Problem]:
    """Inputs that the other flow does not know, and those that it needs and does not get."""
    for id, (_, source) in flows.items():
        for lead in leads[id]:
            other = flows.get(lead.flow)
            if other is not None:
                yield from _compared(source, lead, other[0])


def _compared(source: Source, lead: Lead, other: Flow) -> Iterator[Problem]:
    for name in lead.given:
        if name not in other.inputs:
            hint = suggest(name, other.inputs) or f"declare it under `inputs` of flows/{other.id}.yaml"
            message = f"the flow '{other.id}' has no input '{name}'"
            yield source.problem((*lead.path, "with", name), "F240", message, hint=hint)
    for name, one in other.inputs.items():
        if one.required and one.default is None and name not in lead.given:
            message = f"the flow '{other.id}' needs '{name}'"
            hint = f"with: {{{name}: …}}"
            yield source.problem((*lead.path, lead.word), "F240", message, hint=hint, on_value=True)
