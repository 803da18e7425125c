"""`flowbot test --coverage`: what no transcript reaches."""

from __future__ import annotations

from collections.abc import Iterator

from ..library.library import Library
from ..transcript.coverage import Coverage, coverage, percent
from ..transcript.run import Result
from ..transcript.watch import Trail


def missed(found: list[Coverage]) -> Iterator[str]:
    """What no test reaches, each at its line, and how much of every flow is reached."""
    for one in found:
        for goal in one.missed:
            what = f"outcome {goal.outcome}" if goal.outcome else "the step"
            yield f"{one.file}:{goal.line}: {' '.join(filter(None, (goal.step, what)))} is never reached"
    for one in found:
        yield f"{one.flow}: {one.reached} of {len(one.goals)} reached"
    if found:
        yield f"coverage: {percent(found):.1f} %"
        yield ""


def covered(library: Library, trail: Trail, results: list[Result], *, whole: bool) -> list[Coverage]:
    """Every flow's coverage; of one file of tests only that of its own flows."""
    for result in results:
        trail.follow(result.traces)
    tested = {result.transcript.flow for result in results}
    sources = {id: one.read.source for id, one in library.made.items()}
    return [
        coverage(flow, source, trail)
        for id, flow in sorted(library.flows.items())
        if (whole or id in tested) and (source := sources.get(id)) is not None
    ]
