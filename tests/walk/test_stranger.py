"""The issue's closing paragraph: clone, make run, finish the flow, see the hook; a signed webhook in, the reply out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.walk.stranger import walk


def test_a_stranger_gets_through_the_evening(tmp_path: Path) -> None:
    walk(tmp_path)


@pytest.mark.long
def test_from_a_fresh_clone_with_make_run(tmp_path: Path) -> None:
    walk(tmp_path, clone=True)
