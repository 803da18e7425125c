"""What an author sees in an editor, by the real yaml-language-server; cases are in mistakes.yaml and offers.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowbot.cli.schema import modeline
from flowbot.editor import SCHEMAS
from flowbot.library.yaml import read_yaml
from tests.editor.server import Server

pytestmark = pytest.mark.editor
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLACES = {
    "flow": "flows/x.yaml",
    "test": "flows/x.test.yaml",
    "content": "content/en/x.yaml",
    "template": "content/templates/x.yaml",
    "rules": "rules/x.yaml",
    "flowbot": "flowbot.yaml",
}


def cases(name: str) -> list[Any]:
    read = read_yaml(name, (HERE / name).read_bytes())
    assert read.source is not None and not read.problems, read.problems
    return [pytest.param(case, id=case["case"]) for case in read.source.data]


def examples() -> list[Any]:
    """Every file of the two projects here, the shipped words, and what the language's own description shows."""
    roots = (ROOT, ROOT / "flowbot" / "cli" / "starter")
    found = [
        (kind, file) for kind, (_, files) in SCHEMAS.items() for root in roots for file in sorted(root.glob(files))
    ]
    found = [(kind, file) for kind, file in found if kind == "test" or not file.name.endswith(".test.yaml")]
    found = [(kind, file) for kind, file in found if kind != "content" or file.parent.name != "templates"]
    found += [("content", file) for file in sorted((ROOT / "flowbot" / "library" / "defaults").glob("*.yaml"))]
    found += [(file.stem, file) for file in sorted((HERE / "language").glob("*.yaml"))]
    return [pytest.param(kind, file, id=file.relative_to(ROOT).as_posix()) for kind, file in found]


def headed(kind: str, text: str) -> str:
    line = modeline(kind, SCHEMAS[kind][1])
    return text if text.startswith(line) else f"{line}\n{text}"


@pytest.mark.parametrize(("kind", "file"), examples())
def test_nothing_is_underlined_that_is_right(server: Server, kind: str, file: Path) -> None:
    assert server.problems(PLACES[kind], headed(kind, file.read_text("utf-8"))) == []


@pytest.mark.parametrize("case", cases("mistakes.yaml"))
def test_mistakes_are_underlined(server: Server, case: dict[str, Any]) -> None:
    kind = case.get("kind", "flow")
    found = [f"{line - 1} {message}" for line, message in server.problems(PLACES[kind], headed(kind, case["text"]))]
    assert len(found) == len(case["says"]), found
    for wanted in case["says"]:
        line, _, part = wanted.partition(" ")
        assert any(said.startswith(f"{line} ") and part in said for said in found), f"{wanted} is not in {found}"


@pytest.mark.parametrize("case", cases("offers.yaml"))
def test_what_is_offered_and_explained(server: Server, case: dict[str, Any]) -> None:
    kind = case.get("kind", "flow")
    text = headed(kind, case["text"])
    if "shows" in case:
        shown = server.hover(PLACES[kind], text)
        assert all(part in shown.replace("\\", "") for part in case["shows"]), shown
        return
    found = server.completions(PLACES[kind], text)
    assert set(case["offers"]) <= set(found)
    assert not set(case.get("not", ())) & set(found)
    for label, explanation in case.get("explained", {}).items():
        assert found[label].startswith(explanation)
