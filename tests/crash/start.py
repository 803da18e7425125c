"""`python -m tests.crash.start sender`: the sender with short deadlines, so that a run settles within seconds."""

from __future__ import annotations

import dataclasses
import os
import sys

from flowbot.cli import doors
from flowbot.sender import parts
from flowbot.settings import Settings

TIMING = parts.Timing(deadline=2_500, reply_grace=4_000, fail_grace=6_000)


class HastyParts(parts.Parts):
    """The same parts with the short deadlines."""

    __slots__ = ()

    def __init__(self, **given: object) -> None:
        super().__init__(**{"timing": TIMING, **given})  # type: ignore[arg-type]


if __name__ == "__main__":
    from flowbot.sender import loop

    assert dataclasses.is_dataclass(loop.Parts)
    loop.Parts = HastyParts  # type: ignore[misc]
    doors.run_role(sys.argv[1], Settings.from_env(os.environ))
