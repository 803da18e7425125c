"""A beginner's project with all their mistakes: `check` names every one in one run, at its place, with what to do.

What it says is kept in beginner/said.txt; `python -m tests.cli.test_beginner` writes it anew: read the difference.
"""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from flowbot.cli import program

PROJECT = Path(__file__).parent / "beginner"
SAID = PROJECT / "said.txt"


def said() -> str:
    return CliRunner().invoke(program, ["check", "--project", str(PROJECT)], obj={}).output


def test_every_mistake_in_one_run_as_a_beginner_reads_it() -> None:
    assert said() == SAID.read_text("utf-8")


def test_nothing_is_said_twice_of_one_place() -> None:
    places = [line.split(": ")[0] for line in said().splitlines() if ": error" in line or ": warning" in line]
    assert len(places) == len(set(places)) > 40


if __name__ == "__main__":
    SAID.write_text(said(), "utf-8")
