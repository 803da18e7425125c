"""The pages written by hand stay true: every link leads to a file, every named thing is defined in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(?:#[^)]*)?\)")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def links(page: Path) -> list[tuple[str, str]]:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return [(label, target) for label, target in LINK.findall(text) if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    missing = [target for _, target in links(page) if not (page.parent / target).exists()]
    assert not missing


def test_the_walk_names_what_is_there() -> None:
    page = ROOT / "docs" / "walk.md"
    named = [(label.strip("`"), target) for label, target in links(page) if label.startswith("`")]
    assert len(named) > 20
    for label, target in named:
        source = (page.parent / target).read_text("utf-8")
        for name in label.split("."):
            assert re.search(rf"^\s*(?:async )?(?:def|class) {name}\b", source, re.MULTILINE), (label, target)
