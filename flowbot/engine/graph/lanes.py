"""Lanes beside the spine: ways to the same step share one, and no two that pass the same row are in one lane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .spine import Way


def lanes(ways: Iterable[Way]) -> Mapping[int, int]:
    """Target row -> lane, 0 next to the steps; the shorter a way, the nearer it is.

    >>> def way(a, b): return Way(source=a, target=b, shape="ahead", name="", tone="step", outcomes=())
    >>> dict(lanes([way(0, 3), way(1, 3), way(4, 6), way(2, 7)]))
    {6: 0, 3: 0, 7: 1}
    """
    spans: dict[int, tuple[int, int]] = {}
    for way in ways:
        low, high = spans.get(way.target, (way.target, way.target))
        spans[way.target] = (min(low, way.source), max(high, way.source))
    taken: list[list[tuple[int, int]]] = []
    found: dict[int, int] = {}
    for target, (low, high) in sorted(spans.items(), key=lambda one: (one[1][1] - one[1][0], one[1])):
        free = (number for number, lane in enumerate(taken) if all(high < a or low > b for a, b in lane))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        found[target] = lane
    return found
