"""What machines read of `flowbot check`: GitHub's annotations, and SARIF as the standard's 2.1.0 wants it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flowbot.cli.formats import FORMATS, Report
from flowbot.library.codes import codes
from flowbot.model.problem import Problem

FOUND = (
    Problem(
        file="flows/demo.yaml",
        line=4,
        column=24,
        code="F201",
        message="unknown key 'nxt'",
        hint="did you mean 'next'?",
        pointer="/steps/greet/nxt",
        length=3,
    ),
    Problem(file="flows/a,b: 100% sí.yaml", code="Y014", message="not read\r\nat all", level="warning"),
    Problem(file="flows/demo.yaml", line=9, column=1, code="Y015", message="in vain", level="note"),
    Problem(file="flows/demo.yaml", line=9, column=1, code="Y015", message="in vain", level="note"),
)


def report(root: Path, **given: Any) -> Report:
    return Report(**{"root": root / "bot", "here": root, "files": 2, "problems": FOUND, **given})


def test_r146_annotations_are_escaped_and_placed(tmp_path: Path) -> None:
    assert FORMATS["github"](report(tmp_path)).splitlines() == [
        "::error file=bot/flows/demo.yaml,line=4,col=24,endColumn=27,title=flowbot F201"
        "::unknown key 'nxt'%0Adid you mean 'next'?",
        "::warning file=bot/flows/a%2Cb%3A 100%25 sí.yaml,title=flowbot Y014::not read%0D%0Aat all",
        "::notice file=bot/flows/demo.yaml,line=9,col=1,endColumn=2,title=flowbot Y015::in vain",
        "::notice file=bot/flows/demo.yaml,line=9,col=1,endColumn=2,title=flowbot Y015::in vain",
        "2 files: 1 error, 1 warning, 2 notes",
    ]


@pytest.mark.parametrize("message", ["::error::x", "a\n::stop-commands::x", "%0A::error::x"])
def test_a_text_of_the_project_gives_no_command(message: str, tmp_path: Path) -> None:
    problem = Problem(file="a.yaml", line=1, column=1, code="F201", message=message)
    lines = FORMATS["github"](report(tmp_path, problems=(problem,))).splitlines()
    assert len(lines) == 2 and lines[0].startswith("::error file=")


def test_r146_sarif_has_what_the_standard_requires(tmp_path: Path) -> None:
    log = json.loads(FORMATS["sarif"](report(tmp_path)))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "flowbot" and re.match(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == ["F201", "Y014", "Y015"]
    for rule in driver["rules"]:
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert all(rule[name]["text"].strip() for name in ("shortDescription", "fullDescription", "help"))
        assert rule["shortDescription"]["text"] == codes()[rule["id"]].meaning
    assert len(run["results"]) == len(FOUND)
    for result in run["results"]:
        check_result(result, ids)


def check_result(result: dict[str, Any], ids: list[str]) -> None:
    """The rules of the standard that a JSON Schema states, and those between its fields."""
    assert result["level"] in ("none", "note", "warning", "error")
    assert ids[result["ruleIndex"]] == result["ruleId"]
    assert result["message"]["text"].strip()
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
    (location,) = result["locations"]
    place = location["physicalLocation"]
    assert re.fullmatch(r"[A-Za-z0-9/._~%-]+", place["artifactLocation"]["uri"])
    region = place.get("region", {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2})
    assert set(region) == {"startLine", "startColumn", "endLine", "endColumn"}
    assert all(type(number) is int and number >= 1 for number in region.values())
    assert (region["startLine"], region["startColumn"]) < (region["endLine"], region["endColumn"])


def test_sarif_names_places_as_code_scanning_looks_for_them(tmp_path: Path) -> None:
    results = json.loads(FORMATS["sarif"](report(tmp_path)))["runs"][0]["results"]
    places = [one["locations"][0]["physicalLocation"] for one in results]
    assert places[0]["artifactLocation"]["uri"] == "bot/flows/demo.yaml"
    assert places[0]["region"] == {"startLine": 4, "startColumn": 24, "endLine": 4, "endColumn": 27}
    assert places[1]["artifactLocation"]["uri"] == "bot/flows/a%2Cb%3A%20100%25%20s%C3%AD.yaml"
    assert "region" not in places[1]


def test_fingerprints_outlive_an_edit_above_and_differ_between_twins(tmp_path: Path) -> None:
    def prints(problems: tuple[Problem, ...]) -> list[str]:
        results = json.loads(FORMATS["sarif"](report(tmp_path, problems=problems)))["runs"][0]["results"]
        return [one["partialFingerprints"]["flowbotProblem/v1"] for one in results]

    moved = Problem(**{name: getattr(FOUND[0], name) for name in Problem.__slots__} | {"line": 40})
    assert prints((moved,)) == prints(FOUND[:1])
    assert len(set(prints(FOUND))) == len(FOUND)


def test_sarif_of_nothing_is_a_run_without_results(tmp_path: Path) -> None:
    (run,) = json.loads(FORMATS["sarif"](report(tmp_path, problems=())))["runs"]
    assert run["results"] == [] and run["tool"]["driver"]["rules"] == []


def test_a_project_elsewhere_has_a_whole_address(tmp_path: Path) -> None:
    one = report(tmp_path, here=tmp_path / "other")
    assert one.uri("a.yaml") == (tmp_path.resolve() / "bot" / "a.yaml").as_uri()
