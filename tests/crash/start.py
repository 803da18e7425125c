"""`python -m tests.crash.start <role>`: sender and hooks with short deadlines, so that a run settles within seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from flowbot.cli import doors
from flowbot.hooks import loop as hooks_loop
from flowbot.sender import loop as sender_loop
from flowbot.sender.parts import Parts, Timing
from flowbot.settings import Settings
from flowbot.store import calls, hooks
from tests.crash import mutants
from tests.forked import settle

TIMING = Timing(deadline=2_500, reply_grace=4_000, fail_grace=6_000)
HOOK_LEASE = 3_000  # ms until a delivery comes back whose process died
CALL_LEASE = 2_000  # the same of a flow's call


def main(role: str) -> None:
    sender_loop.Parts = lambda **given: Parts(timing=TIMING, **given)  # type: ignore[assignment, misc]
    hooks.claim.__kwdefaults__["lease"] = HOOK_LEASE
    assert hooks_loop.hooks is hooks
    calls.LEASE = CALL_LEASE
    for held in (calls.take, calls.renew):
        held.__kwdefaults__["lease"] = CALL_LEASE
    mutants.become(os.environ.get("TOWN_MUTANT", ""))
    doors.run_role(role, Settings.from_env(os.environ))


def forked(role: str, environ: Mapping[str, str], log: str) -> None:
    """`main` in a fork; what it says goes to its log."""
    settle(environ, read=os.devnull, out=log, errors=log)
    main(role)


if __name__ == "__main__":
    main(sys.argv[1])
