"""What a flow hands to another that it jumps to or runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...model.problem import Path, Problem, Source, suggest
from ..flow import Flow


def passed(flows: Mapping[str, tuple[Flow, Source]]) -> Iterator[Problem]:
    """Inputs that the other flow does not know, and those that it needs and does not get."""
    for _, source in flows.values():
        for word, path, data in _leads(source.data):
            other = flows.get(data[word])
            if other is not None:
                yield from _compared(source, word, path, data, other[0])


def _compared(source: Source, word: str, path: Path, data: Mapping[str, Any], other: Flow) -> Iterator[Problem]:
    given = data.get("with")
    given = given if isinstance(given, Mapping) else {}
    for name in given:
        if name not in other.inputs:
            hint = suggest(name, other.inputs) or f"declare it under `inputs` of flows/{other.id}.yaml"
            message = f"the flow '{other.id}' has no input '{name}'"
            yield source.problem((*path, "with", name), "F240", message, hint=hint)
    for name, one in other.inputs.items():
        if one.required and one.default is None and name not in given:
            message = f"the flow '{other.id}' needs '{name}'"
            hint = f"with: {{{name}: …}}"
            yield source.problem((*path, word), "F240", message, hint=hint, on_value=True)


def _leads(data: Any) -> Iterator[tuple[str, Path, Mapping[str, Any]]]:
    """Every mapping that jumps to a flow or runs one: the verb, its path, the mapping."""
    stack: list[tuple[Path, Any]] = [((), data)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, Mapping):
            yield from ((word, path, item) for word in ("jump", "run") if isinstance(item.get(word), str))
            stack += [((*path, key), inner) for key, inner in item.items() if key != "with"]
        elif isinstance(item, list):
            stack += [((*path, index), inner) for index, inner in enumerate(item)]
