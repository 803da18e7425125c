"""The example project's own transcripts, which `flowbot test` runs too."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.cli.covered import covered
from flowbot.library.load import load
from flowbot.transcript.coverage import percent
from flowbot.transcript.read import Transcript, find, read
from flowbot.transcript.run import play
from flowbot.transcript.watch import watched

ROOT = Path(__file__).parent.parent
LIBRARY = load(ROOT, {})
TESTS = [test for file in find(ROOT) for test in read(file, ROOT)[0]]


def test_the_files_can_be_read() -> None:
    assert [problem for file in find(ROOT) for problem in read(file, ROOT)[1]] == []
    assert {test.flow for test in TESTS} == set(LIBRARY.flows)


def test_the_project_is_sound_without_any_secret() -> None:
    assert [one for one in LIBRARY.problems if one.level != "note"] == []
    assert LIBRARY.project.accounts["demo"].channels["main"].missing


def test_the_transcripts_reach_every_step_and_outcome() -> None:
    """R141, R016: what `flowbot test --coverage` says of the example flows."""
    library, trail = watched(LIBRARY)
    results = [play(test, library) for test in TESTS]
    found = covered(library, trail, results, whole=True)
    assert {one.flow: one.missed for one in found} == dict.fromkeys(LIBRARY.flows, ())
    assert percent(found) == 100


@pytest.mark.parametrize("test", TESTS, ids=lambda test: f"{test.flow}: {test.name}")
def test_transcript(test: Transcript) -> None:
    result = play(test, LIBRARY)
    assert result.passed, f"{test.file}:{result.number} {result.message}\n" + "\n".join(result.chat)
