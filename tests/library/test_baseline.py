"""What is known does not fail; what is new does, and what is gone is told apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from flowbot.errors import ProjectError
from flowbot.library.baseline import compare, from_bytes, known, to_bytes
from flowbot.model.problem import Problem

ONE = Problem(file="flows/a.yaml", line=4, column=9, code="F201", message="unknown key 'nxt'", pointer="/steps/a/nxt")
TWO = Problem(file="flows/b.yaml", line=2, column=1, code="Y002", message="already given in line 1", pointer="")


def test_r146_a_file_says_again_what_was_written() -> None:
    assert from_bytes(to_bytes([TWO, ONE, TWO])) == Counter({known(ONE): 1, known(TWO): 2})


def test_the_file_is_sorted_with_one_problem_a_line() -> None:
    lines = to_bytes([TWO, ONE, TWO]).decode().splitlines()
    assert len(lines) == 4 and "flows/a.yaml" in lines[1] and '"count":2' in lines[2]
    assert to_bytes([ONE, TWO]) == to_bytes([TWO, ONE])


@pytest.mark.parametrize(
    ("now", "new", "old", "gone"),
    [
        ([ONE, TWO], [], [ONE, TWO], 0),
        ([replace(ONE, line=40, column=2)], [], [replace(ONE, line=40, column=2)], 1),
        ([ONE, ONE, TWO], [ONE], [ONE, TWO], 0),
        ([replace(ONE, message="unknown key 'nx'"), TWO], [replace(ONE, message="unknown key 'nx'")], [TWO], 1),
        ([replace(ONE, file="flows/c.yaml")], [replace(ONE, file="flows/c.yaml")], [], 2),
        ([], [], [], 2),
    ],
)
def test_problems_are_known_wherever_they_have_moved(
    now: list[Problem], new: list[Problem], old: list[Problem], gone: int
) -> None:
    found = compare(now, from_bytes(to_bytes([ONE, TWO])))
    assert (list(found.new), list(found.known), len(found.gone)) == (new, old, gone)


def test_an_item_put_before_it_in_a_list_makes_nothing_new() -> None:
    before = replace(ONE, pointer="/steps/a/choices/1/titel")
    after = replace(ONE, pointer="/steps/a/choices/2/titel")
    assert not compare([after], from_bytes(to_bytes([before]))).new


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"baseline": 2, "problems": []}',
        b'{"baseline": 1}',
        b'{"baseline": 1, "problems": [7]}',
        b'{"baseline": 1, "problems": [{"file": "a", "code": "F201", "pointer": ""}]}',
        b'{"baseline": 1, "problems": [{"file": "a", "code": "F201", "pointer": "", "message": "m", "count": 0}]}',
    ],
)
def test_what_is_no_baseline_is_refused(data: bytes) -> None:
    with pytest.raises(ProjectError):
        from_bytes(data)
