"""What is wrong with a photo or a file of a document before anybody looks at what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .look import Facts

SHARP = 100.0  # below it is hard to read
SIDE = 300  # pixels of the shorter side
MEGABYTES = 16.0
TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf")


def faults(facts: Facts, bounds: Mapping[str, Any]) -> Iterator[str]:
    """Stable words: damaged, type, large, small, blurred. `bounds`: max_mb, min_width, min_height, sharp.

    >>> list(faults(Facts(mime="image/jpeg", size=9, width=200, height=900, sharpness=12.0), {}))
    ['small', 'blurred']
    >>> list(faults(Facts(mime="image/jpeg", size=9, width=200, height=900, sharpness=12.0),
    ...             {"min_width": 100, "sharp": False}))
    []
    """
    if facts.damaged:
        yield "damaged"
        return
    if facts.mime not in TYPES:
        yield "type"
        return
    if facts.size > float(bounds.get("max_mb", MEGABYTES)) * 1_000_000:
        yield "large"
    if facts.width and facts.height and _is_small(facts, bounds):
        yield "small"
    if facts.sharpness is not None and bounds.get("sharp", True) and facts.sharpness < SHARP:
        yield "blurred"


def _is_small(facts: Facts, bounds: Mapping[str, Any]) -> bool:
    """Bounds for a width or a height are meant for the picture as it is shown; without any, its shorter side counts."""
    least = {"width": bounds.get("min_width", 0), "height": bounds.get("min_height", 0)}
    if any(least.values()):
        return facts.width < float(least["width"]) or facts.height < float(least["height"])
    return min(facts.width, facts.height) < SIDE
