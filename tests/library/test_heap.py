"""A project with a mistake of nearly every code at once: one run of `check` names each at its line, and nothing else.

What is said of a line stands behind it, in heap/; a mistake hides none of the others, and none is said for another's
sake.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from flowbot.library.codes import codes
from flowbot.library.load import Library, load
from flowbot.model.problem import Problem

HEAP = Path(__file__).parent / "heap"
SAID = re.compile(r"# ((?:[A-Z][0-9]{3} ?)+)$")
# Of flows and words, those that are a file by themselves, or want another project: each has its own tests.
ELSEWHERE = {
    *("F219", "F218", "F234", "F235", "F255"),
    *("C402", "C414", "C415", "C417", "C418", "C419", "K504", "K506"),
    *(code for code in codes() if code[0] in "PRTY" or code.startswith("M50") or code.startswith("M51")),
}
PLACES = sorted(file.relative_to(HEAP).as_posix() for file in HEAP.rglob("*.yaml"))


def expected(file: str) -> list[str]:
    lines = (HEAP / file).read_text("utf-8").splitlines()
    said = ((number, SAID.search(line)) for number, line in enumerate(lines, 1))
    return sorted(f"{number} {code}" for number, found in said if found for code in found[1].split())


@pytest.mark.parametrize("file", PLACES)
def test_every_mistake_in_one_run_at_its_line_and_none_that_only_follows(file: str) -> None:
    """R001, R002, R003, R005, R006, R007, R014, R015, R016"""
    problems = load(HEAP, {}).problems
    assert sorted(f"{one.line} {one.code}" for one in problems if one.file == file) == expected(file)


def test_no_code_of_flows_and_words_is_left_out() -> None:
    here = {line.split()[1] for file in PLACES for line in expected(file)}
    assert set(codes()) - ELSEWHERE - here == set()


def test_mending_a_mistake_brings_no_other_to_light(tmp_path: Path) -> None:
    """Each step with an error is made a sound one, by itself: of all other lines the same is said as before."""
    project = shutil.copytree(HEAP, tmp_path / "heap")
    file = project / "flows/heap.yaml"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    before = load(project, {})
    first = lines.index("steps:\n") + 2
    broken = {one.line for one in said(before) if one.level == "error" and one.line >= first}
    assert len(broken) > 15
    for line in broken - {number for number, text in enumerate(lines, 1) if "# F252" in text}:
        id = lines[line - 1].partition(":")[0]
        file.write_text("".join((*lines[: line - 1], f"{id}: {{say: Hi.}}\n", *lines[line:])), "utf-8")
        after = said(load(project, {}, before=before))
        assert {one for one in after if one.line != line} == {one for one in said(before) if one.line != line}, id


def said(library: Library) -> list[Problem]:
    return [one for one in library.problems if one.file == "flows/heap.yaml"]
