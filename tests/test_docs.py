"""The generated pages say what the code says, and `--check` notices when they do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowbot import docs
from flowbot.engine.outline import StepKeys
from flowbot.library.channels import GATEWAYS
from flowbot.library.codes import codes
from flowbot.settings import KNOWN
from flowbot.steps import VERBS
from flowbot.store.keys import KEYS


def test_pages_name_everything() -> None:
    pages = docs.pages()
    assert all(f"(problems/{code}.md)" in pages["errors.md"] for code in codes())
    assert all(f"# {code}\n" in pages[f"problems/{code}.md"] for code in codes())
    assert all(f"## {name}\n" in pages["channels.md"] for name in GATEWAYS)
    assert all(f"`{name}`" in pages["settings.md"] for name in KNOWN)
    assert all(f"`{key.pattern}`" in pages["keys.md"] for key in KEYS)
    assert all(f"## {word}\n" in pages["steps.md"] for word in VERBS)


@pytest.mark.parametrize("word", ["Every step", *VERBS])
def test_the_page_of_steps_shows_every_key_in_an_example(word: str) -> None:
    schema = StepKeys if word == "Every step" else VERBS[word].Schema
    section = docs.pages()["steps.md"].split(f"## {word}\n")[1].split("\n## ")[0]
    examples = "".join(section.split("```")[1::2])
    for key in (field.data_key or name for name, field in schema().fields.items()):
        assert f"| `{key}` |" in section
        assert re.search(rf"\b{key}:", examples), f"{word}: {key}"


def test_check_notices_a_page_that_is_old_or_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docs, "FOLDER", tmp_path / "docs")
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    (tmp_path / "docs" / "keys.md").write_text("old")
    (tmp_path / "docs" / "steps.md").unlink()
    assert docs.main(["--check"]) == 1
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()] == ["docs/keys.md", "docs/steps.md"]


def test_the_page_of_a_problem_shows_what_check_says() -> None:
    page = docs.pages()["problems/F207.md"]
    assert "4 |   greet: {say: hello, next: clsoe}\n       |                             ^^^^^" in page
    assert "= did you mean 'close'?" in page


def test_the_page_of_a_code_that_is_gone_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "FOLDER", tmp_path / "docs")
    assert docs.main([]) == 0
    (tmp_path / "docs" / "problems" / "X999.md").write_text("# X999\n")
    assert docs.stale() == ["problems/X999.md"]
    assert docs.main([]) == 0 and docs.stale() == []


def test_a_cell_may_hold_a_bar() -> None:
    assert docs._table(("a",), [("x | y",)]) == "| a |\n| --- |\n| x \\| y |\n"
