"""`flowbot test --coverage`, R141; the cases are in coverage.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.model.duration import parse_duration
from flowbot.testing import Chat, moment
from flowbot.transcript.coverage import Coverage, coverage
from flowbot.transcript.watch import Trail, watched

PROJECT = "accounts: {acme: {languages: [en], channels: {web: {gateway: simulator}}}}\n"
GROUPS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "coverage.yaml").read_text())
CASES = [(group["flow"], case) for group in GROUPS for case in group["chats"]]


def project(root: Path, flow: str, **others: str) -> Library:
    (root / "flows").mkdir()
    for name, text in others.items():
        (root / "flows" / f"{name}.yaml").write_text(text)
    (root / "flowbot.yaml").write_text(PROJECT)
    (root / "flows" / "demo.yaml").write_text(flow)
    library = load(root, {})
    assert [one for one in library.problems if one.level == "error"] == []
    return library


def play(library: Library, trail: Trail, lines: list[Any]) -> None:
    chat = Chat(library, "acme", "web", now=moment("2026-11-20 12:00"))
    for line in lines:
        if line == "api":
            chat.start("demo")
        elif line == "Eva":
            chat.introduce(name="Eva")
        elif isinstance(line, dict) and "wait" in line:
            chat.wait(parse_duration(line["wait"]))
        else:
            chat.user(line)
    trail.follow(chat.traces)


def held(library: Library, trail: Trail) -> Coverage:
    source = library.made["demo"].read.source
    assert source is not None
    return coverage(library.flows["demo"], source, trail)


@pytest.mark.parametrize(("flow", "case"), CASES, ids=[case["name"] for _, case in CASES])
def test_what_is_never_reached(tmp_path: Path, flow: str, case: dict[str, Any]) -> None:
    library = project(tmp_path, flow)
    twin, trail = watched(library)
    for lines in case["chats"]:
        play(twin, trail, lines)
    found = held(library, trail)
    missed = [" ".join(filter(None, (str(one.line), one.step, one.outcome))) for one in found.missed]
    assert missed == case["missed"]
    assert {"reached": found.reached, "of": len(found.goals)} == {
        "reached": case.get("reached", len(found.goals) - len(missed)),
        "of": case.get("of", len(found.goals)),
    }


def test_the_librarys_own_flows_are_not_watched(tmp_path: Path) -> None:
    library = project(tmp_path, GROUPS[0]["flow"])
    twin, trail = watched(library)
    play(library, Trail(), ["hi", "tea", "home"])
    assert trail.ways == set()
    assert {id: flow.version for id, flow in twin.flows.items()} == {"demo": library.flows["demo"].version}


def test_a_flow_within_a_flow_is_followed(tmp_path: Path) -> None:
    outer = "flow: demo\nlanguages: [en]\nstart: {messages: [hi]}\nsteps:\n  inner: {run: sub}\n  bye: {succeed: {}}\n"
    sub = "flow: sub\nlanguages: [en]\nsteps:\n  age: {ask: Age?}\n  done: {succeed: {}}\n"
    library = project(tmp_path, outer, sub=sub)
    twin, trail = watched(library)
    play(twin, trail, ["hi"])
    assert trail.steps == {("demo", "inner"), ("sub", "age")}
    play(twin, trail, ["hi", "7"])
    assert trail.steps == {("demo", "inner"), ("demo", "bye"), ("sub", "age"), ("sub", "done")}


def test_the_command_names_them_and_holds_a_threshold(tmp_path: Path) -> None:
    flow = "flow: demo\nlanguages: [en]\nstart: {messages: [hi]}\nsteps:\n  age: {ask: Age?, choices: [old, young]}\n"
    project(tmp_path, flow + "  bye: {succeed: {}}\n")
    test = tmp_path / "flows" / "demo.test.yaml"
    test.write_text("tests:\n  - test: x\n    chat: [{user: hi}, {bot: age}, {user: old}]\n")

    def run(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(program, ["test", str(tmp_path), *options], obj={})
        return result.exit_code, result.output

    assert run("--coverage") == (
        0,
        "flows/demo.yaml:5: age outcome young is never reached\ndemo: 3 of 4 reached\ncoverage: 75.0 %\n\n"
        "1 passed, 0 failed\n",
    )
    assert [run("--at-least", limit)[0] for limit in ("75", "75.1")] == [0, 1]
    code, output = run("--coverage", "--json")
    assert code == 0
    assert json.loads(output)["coverage"] == {
        "percent": 75.0,
        "flows": [
            {
                "flow": "demo",
                "file": "flows/demo.yaml",
                "reached": 3,
                "of": 4,
                "missed": [{"step": "age", "outcome": "young", "line": 5}],
            }
        ],
    }
