"""A suite of a thousand turns, as an author runs it: `flowbot test`, its start included."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .result import Result
from .turns import FLOW, WORDS

PROJECT = "accounts: {acme: {languages: [en], channels: {web: {gateway: simulator}}}}\n"
TEST = """\
  - test: talk number {number}
    chat:
      - user: start
      - bot: [hello, name]
      - user: Ana
      - bot: {{contains: "Ana?"}}
      - user: "31"
      - bot: Tea or coffee?
      - user: {{tap: tea}}
      - bot: city
      - user: Cali
      - bot: sure
      - user: "yes"
      - bot: {{key: done, text: "Thank you, Ana."}}
    expect: {{outcome: succeeded, result: {{city: Cali}}}}
"""
TURNS = 1000
RUNS = 3


def measure() -> list[Result]:
    """The median of a few runs."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "flows").mkdir()
        (root / "flowbot.yaml").write_text(PROJECT)
        (root / "flows" / "talk.yaml").write_text(FLOW)
        tests = -(-TURNS // len(WORDS))
        suite = "flow: talk\ntests:\n" + "".join(TEST.format(number=number) for number in range(tests))
        (root / "flows" / "talk.test.yaml").write_text(suite)
        spent = sorted(_run(root, tests) for _ in range(RUNS))
    note = f"{tests} tests in one file; a fresh process each time"
    return [Result(what="flowbot test, 1,000 turns", value=spent[RUNS // 2], unit="s", at_most=3, note=note)]


def _run(root: Path, tests: int) -> float:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "flowbot", "test", str(root)], capture_output=True, text=True, check=False
    )
    spent = time.perf_counter() - began
    assert done.stdout.endswith(f"{tests} passed, 0 failed\n"), done.stdout[-500:] + done.stderr
    return spent
