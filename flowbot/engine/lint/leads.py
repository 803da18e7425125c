"""Where a flow leads to other flows: found once for a file, for the rules that look at all flows together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model.problem import Path, Source

WORDS = ("jump", "run")


@dataclass(frozen=True, slots=True)
class Lead:
    """A place that jumps to a flow or runs one."""

    word: str  # jump, run
    flow: str  # which need not be there
    path: Path  # of what holds the word
    given: Mapping[str, Any] = field(default_factory=dict)  # its `with`


def leads(source: Source) -> tuple[Lead, ...]:
    """Every such place, wherever it stands.

    >>> data = {"steps": {"pay": {"run": "payment", "with": {"sum": 1}}}}
    >>> leads(Source(file="", text="run", data=data))
    (Lead(word='run', flow='payment', path=('steps', 'pay'), given={'sum': 1}),)
    """
    return tuple(_leads(source.data)) if any(word in source.text for word in WORDS) else ()


def _leads(data: Any) -> Iterator[Lead]:
    stack: list[tuple[Path, Any]] = [((), data)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, dict):
            given = item.get("with")
            for word in WORDS:
                if isinstance(item.get(word), str):
                    yield Lead(word, item[word], path, given if isinstance(given, dict) else {})
            stack += [((*path, key), inner) for key, inner in item.items() if key != "with"]
        elif isinstance(item, list):
            stack += [((*path, index), inner) for index, inner in enumerate(item)]
