"""A service of the client's choosing that looks at documents and faces, and what it says of them."""

from __future__ import annotations

from dataclasses import dataclass, field

TIMEOUT = 90_000  # ms until a verdict is due unless the project says


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Where it is; `missing` names secrets that are not set, and then nothing is asked of it."""

    name: str
    url: str = ""
    secret: str = field(default="", repr=False)  # signs our requests, and its verdicts
    timeout: int = TIMEOUT  # ms until the verdict is due, be it answered or sent later
    threshold: float | None = None  # the least score, unless the step says
    missing: tuple[str, ...] = ()
