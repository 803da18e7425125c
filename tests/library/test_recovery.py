"""One run of `check` says everything, behind a mistake of YAML too; and nothing runs from such a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowbot.library.load import load
from flowbot.library.trial import BASE
from tests.library.test_fuzz import FILES

CASES = yaml.safe_load((Path(__file__).parent / "recovery" / "cases.yaml").read_text("utf-8"))
SIGNS = (
    ":",
    ": ",
    "{",
    "}",
    "{{",
    "}}",
    "[",
    "]",
    "#",
    " #",
    "'",
    '"',
    "\t",
    "*",
    "&",
    "!",
    "|",
    "-",
    ",",
    "\n",
    "@",
    "é",
)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in {**BASE, **files}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return root


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_said_of_a_flow_that_is_not_yaml(case: dict[str, Any], tmp_path: Path) -> None:
    library = load(write(tmp_path, {"flows/demo.yaml": case["text"], "content/en/demo.yaml": ""}), {})
    found = [f"{one.line}:{one.column} {one.code}" for one in library.problems if one.file == "flows/demo.yaml"]
    assert found == case["problems"]
    assert "demo" not in library.flows


def test_a_flow_does_not_run_on_words_that_were_guessed(tmp_path: Path) -> None:
    library = load(write(tmp_path, {"content/en/demo.yaml": "hello: Well: hello\n"}), {})
    assert [one.code for one in library.problems] == ["Y001"]
    assert library.flows == {}


def test_accounts_do_not_run_on_a_flowbot_yaml_that_was_guessed(tmp_path: Path) -> None:
    text = BASE["flowbot.yaml"].replace("acme:", "acme:\n    title: Acme: the shop\n    timezon: UTC")
    library = load(write(tmp_path, {"flowbot.yaml": text}), {})
    assert [one.code for one in library.problems] == ["Y001", "P101"]
    assert library.project.accounts == {}
    before = load(write(tmp_path, {}), {})
    write(tmp_path, {"flowbot.yaml": text})
    assert load(tmp_path, {}, before=before).project == before.project


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40), st.sampled_from(("", *SIGNS))), max_size=3
    ),
)
def test_a_file_that_was_cut_and_pasted_badly_is_a_problem_at_most(
    name: str, cuts: list[tuple[float, int, str]]
) -> None:
    text = FILES[name]
    for place, length, pasted in cuts:
        at = int(place * len(text))
        text = text[:at] + pasted + text[at + length * (not pasted) :]
    with tempfile.TemporaryDirectory() as folder:
        library = load(write(Path(folder), {**FILES, name: text}), {})
    for problem in library.problems:
        assert problem.line <= text.count("\n") + 1 or problem.file != name
