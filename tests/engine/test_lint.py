"""The linter's rules over small projects; the cases are data, in lint/."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowbot.engine.lint import GRAVE, REMARKS
from flowbot.library.load import load

CASES = Path(__file__).parent / "lint"
GRAPH = yaml.safe_load((CASES / "graph.yaml").read_text("utf-8"))
LIMITS = yaml.safe_load((CASES / "limits.yaml").read_text("utf-8"))
ANSWERS = yaml.safe_load((CASES / "answers.yaml").read_text("utf-8"))
HEARD = yaml.safe_load((CASES / "heard.yaml").read_text("utf-8"))
SILENCE = yaml.safe_load((CASES / "silence.yaml").read_text("utf-8"))
PASSED = yaml.safe_load((CASES / "passed.yaml").read_text("utf-8"))
WINDOWS = yaml.safe_load((CASES / "windows.yaml").read_text("utf-8"))
WORDS = yaml.safe_load((CASES / "words.yaml").read_text("utf-8"))
WINDOW_CODES = ("F235", "F236")
TEMPLATE = """\
category: utility
languages: {en: {body: Your order has left., continue: Show me, cancel: Not now}}
"""
PROJECT = "accounts: {acme: {languages: [en], channels: {main: {gateway: simulator}}}}\n"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in {"flowbot.yaml": PROJECT, **files}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


@pytest.mark.parametrize("case", GRAPH, ids=lambda case: case["name"])
def test_where_a_flow_can_get(case: dict[str, Any], tmp_path: Path) -> None:
    head = f"start: {{api: true}}\n{case.get('head', 'title: Demo')}\nsteps:\n"
    write(tmp_path, {"flows/demo.yaml": head + textwrap.indent(case["steps"], "  ")})
    problems = load(tmp_path, {}).problems
    assert not [one for one in problems if one.level == "error" and not one.code.startswith("F25")]
    found = [f"{one.line - 3}:{one.column} {one.code} {one.level}" for one in problems if one.code.startswith("F25")]
    assert sorted(found) == sorted(case["problems"])


@pytest.mark.parametrize("case", WORDS, ids=lambda case: case["name"])
def test_words_and_starts(case: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, case["files"])
    said = [one for one in load(tmp_path, {}).problems if one.code not in ("F231", "F235")]
    assert [f"{one.file}:{one.line} {one.code}" for one in said] == case["problems"]


@pytest.mark.parametrize("case", LIMITS, ids=lambda case: case["name"])
def test_what_a_message_holds(case: dict[str, Any], tmp_path: Path) -> None:
    long = "x" * case.get("long", 0)
    accounts = textwrap.indent(case.get("accounts", "a: {channels: {main: {gateway: simulator}}}"), "  ")
    languages = json.dumps(case.get("languages", ["en"]))
    head = f"languages: {languages}\nstart: {{api: true}}\n{case.get('more', '')}\nsteps:\n"
    files = {
        "flowbot.yaml": f"accounts:\n{accounts}\n",
        "flows/demo.yaml": f"{head}  {case['steps'].replace('LONG', long)}\n  c: {{say: Bye., succeed: {{}}}}\n",
        "content/en/demo.yaml": case["words"].replace("LONG", long),
        **({"content/es/demo.yaml": case["es"]} if "es" in case else {}),
    }
    write(tmp_path, files)
    problems = [one for one in load(tmp_path, {"T": "x"}).problems if one.file not in ("flowbot.yaml",)]
    places = {"flows/demo.yaml": "flow", "content/es/demo.yaml": "es {}", "content/en/demo.yaml": "{}"}
    said = [(f"{places[one.file].format(one.line)} {one.code} {one.level}", one.message) for one in problems]
    said = [one for one in said if one[0].split()[-2] not in ("C409", "F231", "F235")]
    assert sorted(place for place, _ in said) == sorted(place for place, _ in case["says"]), said
    for place, part in case["says"]:
        assert any(part in message for where, message in said if where == place), said


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case["name"])
def test_what_is_read(case: dict[str, Any], tmp_path: Path) -> None:
    head = f"start: {{api: true}}\n{case.get('more', 'title: Demo')}\nsteps:\n"
    words = {"content/en/demo.yaml": case["words"]} if "words" in case else {}
    write(tmp_path, {"flows/demo.yaml": head + textwrap.indent(case["steps"], "  "), **words})
    said = [
        (f"{'words ' * (one.file != 'flows/demo.yaml')}{one.line - 3 * (one.file == 'flows/demo.yaml')}", one)
        for one in load(tmp_path, {}).problems
        if one.code.startswith(("E30", "F22"))
    ]
    assert sorted(f"{place} {one.code} {one.level}" for place, one in said) == sorted(one[0] for one in case["says"])
    for place, part in case["says"]:
        told = [f"{one.message} {one.hint}" for at, one in said if f"{at} {one.code} {one.level}" == place]
        assert any(part in text for text in told), told


@pytest.mark.parametrize("case", SILENCE, ids=lambda case: case["name"])
def test_what_is_said_of_silence(case: dict[str, Any], tmp_path: Path) -> None:
    head = f"start: {{api: true}}\n{case.get('more', 'title: Demo')}\nsteps:\n"
    write(tmp_path, {"flows/demo.yaml": head + textwrap.indent(case["steps"], "  ")})
    said = [
        (f"{one.line - 3} {one.level}", one.message)
        for one in load(tmp_path, {}).problems
        if one.code in ("F231", "F237")
    ]
    assert [place for place, _ in said] == [place for place, _ in case["says"]]
    assert all(part in message for (_, part), (_, message) in zip(case["says"], said, strict=True))


@pytest.mark.parametrize("case", WINDOWS, ids=lambda case: case["name"])
def test_what_is_said_when_the_window_may_be_closed(case: dict[str, Any], tmp_path: Path) -> None:
    """R014, R015."""
    number = 'gateway: twilio, account_sid: AC0, auth_token: "${env:T}", number: "+14155238886"'
    channel = case.get("channel", number)
    files = {
        "flowbot.yaml": f"accounts: {{acme: {{languages: [en], channels: {{main: {{{channel}}}}}}}}}\n",
        "flows/demo.yaml": f"start: {case['start']}\nsteps:\n{textwrap.indent(case['steps'], '  ')}",
        "content/en/demo.yaml": case.get("words", "hello: {text: Hello., outside: {template: order_update}}\n"),
        "content/templates/order_update.yaml": case.get("template", TEMPLATE),
    }
    write(tmp_path, files)
    problems = load(tmp_path, {"T": "x"}).problems
    assert [one.code for one in problems if one.level == "error"] == ["E301"] * ("words" in case), problems
    said = [(f"{one.line - 2}:{one.column} {one.code}", one.message) for one in problems if one.code in WINDOW_CODES]
    assert [place for place, _ in said] == [place for place, _ in case["says"]], said
    assert all(part in message for (_, part), (_, message) in zip(case["says"], said, strict=True))


@pytest.mark.parametrize(
    ("start", "greet", "said"),
    [
        ("{keywords: [hi]}", "Hello.", ["rules/visits.yaml:1:41 warning"]),
        ("{keywords: [hi], template: order_update}", "Hello.", []),
        ("{keywords: [hi]}", "hello", []),
    ],
)
def test_r014_a_rule_starts_a_flow_by_a_template(start: str, greet: str, said: list[str], tmp_path: Path) -> None:
    """R014: contacts may start it too, and still it is the business that writes first."""
    number = 'gateway: twilio, account_sid: AC0, auth_token: "${env:T}", number: "+14155238886"'
    files = {
        "flowbot.yaml": f"accounts: {{acme: {{languages: [en], channels: {{main: {{{number}}}}}}}}}\n",
        "flows/demo.yaml": f"start: {start}\nsteps:\n  greet: {{say: {greet}, succeed: {{}}}}\n",
        "content/en/demo.yaml": "hello: {text: Hello., outside: {template: order_update}}\n",
        "content/templates/order_update.yaml": TEMPLATE,
        "rules/visits.yaml": "remind: {event: visit.scheduled, start: demo}\n",
    }
    write(tmp_path, files)
    found = [one for one in load(tmp_path, {"T": "x"}).problems if one.code == "F235"]
    assert [f"{one.file}:{one.line}:{one.column} {one.level}" for one in found] == said


@pytest.mark.parametrize("case", HEARD, ids=lambda case: case["name"])
def test_what_is_heard_as_something_else(case: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, case["files"])
    said = {
        f"{one.file}:{one.line}:{one.column} {one.code} {one.level}": one.message
        for one in load(tmp_path, {}).problems
        if one.code.startswith("K50")
    }
    assert sorted(said) == sorted(place for place, _ in case["says"])
    for place, part in case["says"]:
        assert part in said[place]


def test_r146_a_file_that_is_too_large_for_a_gateway_in_use(tmp_path: Path) -> None:
    """R146, R092: the narrowest of the gateways counts."""
    keys = 'phone_number_id: "1", access_token: "${env:T}", app_secret: "${env:T}", verify_token: "${env:T}"'
    channels = f"{{main: {{gateway: simulator}}, b: {{gateway: cloud_api, {keys}}}}}"
    files = {
        "flowbot.yaml": f"accounts: {{acme: {{channels: {channels}}}}}\n",
        "flows/demo.yaml": "start: {api: true}\nsteps: {greet: {say: hello, succeed: {}}}\n",
        "content/en/demo.yaml": "hello: {image: a.jpg}\n",
    }
    write(tmp_path, files)
    file = tmp_path / "content" / "media" / "a.jpg"
    file.parent.mkdir()
    for size, said in (
        (5 * 1024 * 1024, []),
        (5 * 1024 * 1024 + 1, ["a.jpg has 5.1 MB; cloud_api takes 5.0 MB as image"]),
    ):
        with file.open("wb") as opened:
            opened.truncate(size)
        assert [one.message for one in load(tmp_path, {"T": "x"}).problems if one.code == "C419"] == said


@pytest.mark.parametrize("case", PASSED, ids=lambda case: case["name"])
def test_what_is_passed_to_another_flow(case: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, case["files"])
    said = [one for one in load(tmp_path, {}).problems if one.code == "F240"]
    assert [f"{one.file}:{one.line}:{one.column}" for one in said] == [place for place, _ in case["says"]]
    assert all(part in one.message for one, (_, part) in zip(said, case["says"], strict=True))


def test_r002_two_steps_of_one_id_are_refused_by_that_id(tmp_path: Path) -> None:
    """R002: the second would have taken the first one's place."""
    steps = "steps:\n  ask_name: {say: A}\n  other: {say: B, succeed: {}}\n  ask_name: {say: C, succeed: {}}\n"
    write(tmp_path, {"flows/demo.yaml": f"start: {{keywords: [hi]}}\n{steps}"})
    loaded = load(tmp_path, {})
    (problem,) = [one for one in loaded.problems if one.level == "error"]
    assert (problem.file, problem.line, problem.code) == ("flows/demo.yaml", 5, "Y002")
    assert "ask_name" in problem.message and "demo" not in loaded.flows


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("  a: {say: C, succeed: {}}\n", ["5 Y002"]),  # what stands last is what the step before it leads to
        ("  a: {say: C, next: d}\n  d: {say: D}\n", ["5 Y002", "6 F208"]),
    ],
)
def test_r002_a_step_given_twice_draws_no_other_finding(last: str, said: list[str], tmp_path: Path) -> None:
    """R002, R001"""
    steps = f"steps:\n  a: {{say: A}}\n  b: {{say: B}}\n{last}"
    write(tmp_path, {"flows/demo.yaml": f"start: {{keywords: [hi]}}\n{steps}"})
    assert [f"{one.line} {one.code}" for one in load(tmp_path, {}).problems] == said


def test_a_long_chain_of_steps_is_linted_without_recursion(tmp_path: Path) -> None:
    steps = "".join(f"  s{number}: {{say: Step., next: s{number + 1}}}\n" for number in range(3000))
    write(tmp_path, {"flows/demo.yaml": f"start: {{keywords: [hi]}}\nsteps:\n{steps}  s3000: {{succeed: {{}}}}\n"})
    assert load(tmp_path, {}).problems == ()


def test_every_rule_says_what_it_looks_for() -> None:
    assert all(rule.__doc__ for rule in (*GRAVE, *REMARKS))
