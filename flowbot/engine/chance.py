"""Chance without randomness: drawn from names, so that a turn that is applied again draws the same."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b


def draw(weights: Mapping[str, float], *names: str) -> str:
    """One of the words, as often as its weight says, always the same one for the same names.

    >>> draw({"a": 1, "b": 1}, "pr_1", "trial") == draw({"a": 1, "b": 1}, "pr_1", "trial")
    True
    >>> draws = [draw({"a": 90, "b": 10}, f"pr_{number}", "trial") for number in range(1000)]
    >>> 870 < draws.count("a") < 930, draw({"a": 0, "b": 1}, "x")
    (True, 'b')
    """
    seed = blake2b("\x1f".join(names).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    point = int.from_bytes(seed, "big") / 2**64 * sum(weights.values())
    words = [word for word, weight in weights.items() if weight]
    for word in words:
        point -= weights[word]
        if point < 0:
            return word
    return words[-1]
