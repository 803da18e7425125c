"""What the compiler refuses, where it says so, and what it makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from flowbot.engine.call_check import Takes
from flowbot.engine.compiler import Facts, compile_flow, from_bundle
from flowbot.errors import ParseError
from flowbot.library.yaml import read_yaml
from flowbot.model.problem import Problem, Source
from tests.engine.talk import compiled, flow_of

MISTAKES = read_yaml("mistakes.yaml", (Path(__file__).parent / "mistakes.yaml").read_bytes())
assert MISTAKES.source is not None and not MISTAKES.problems, MISTAKES.problems
KNOWN = Facts(
    flows=["demo"],
    contact_fields=["city"],
    config={"acme": ["phone"]},
    channels=["main"],
    verifiers=["document"],
    templates=["come_back"],
    actions={"crm.save": Takes(frozenset({"id"}), frozenset({"id", "name"}))},
)


@pytest.mark.parametrize("case", MISTAKES.source.data, ids=lambda case: case["why"])
def test_mistake(case: dict[str, Any]) -> None:
    """R001, R002, R004, R005, R074: all mistakes are found at once, each at its place, and nothing beside."""
    made = compiled(orjson.dumps(case["flow"]).decode(), known=KNOWN)
    left = list(made.problems)
    for code, pointer, part in case["says"]:
        found = [one for one in left if _is(one, code, pointer, part)]
        assert found, f"{code} {pointer} {part!r} is not among {[(p.code, p.pointer, p.message, p.hint) for p in left]}"
        left.remove(found[0])
    assert not left
    level = case.get("level", "error")
    assert {one.level for one in made.problems} == {level}
    assert (made.flow is None) == (level == "error")


def _is(problem: Problem, code: str, pointer: str, part: str) -> bool:
    return problem.code == code and problem.pointer == pointer and part in f"{problem.message} {problem.hint}"


@pytest.mark.parametrize(
    ("text", "line"),
    [("flow: demo\ntitle: Empty\n", 1), ("flow: demo\nsteps: {}\n", 2), ("flow: demo\nsteps:\n  hi: {say: Hi.}\n", 3)],
)
def test_a_flow_without_steps_or_without_an_end_is_refused_by_file_line_and_name(text: str, line: int) -> None:
    """R001"""
    made = compiled(text)
    assert made.flow is None
    (problem,) = made.problems
    assert (problem.file, problem.line, problem.level) == ("flows/demo.yaml", line, "error")
    assert "'demo'" in problem.message


def test_the_place_of_a_mistake() -> None:
    """R002: file, line and column, the step by its pointer, and the target that is not there."""
    made = compiled(
        """
        flow: demo
        steps:
          hello: {say: Hello., next: by}
          bye: {succeed: {}}
        """
    )
    problem = made.problems[0]
    assert (problem.file, problem.line, problem.column, problem.length) == ("flows/demo.yaml", 4, 30, 2)
    assert problem.pointer == "/steps/hello/next" and "'by'" in problem.message


@pytest.mark.parametrize("data", [None, [], "text", 3, {"steps": None}, {"steps": {}}, {"steps": {1: {"fail": "x"}}}])
def test_what_is_no_flow_is_a_problem_and_no_exception(data: Any) -> None:
    made = compile_flow(Source(file="flows/demo.yaml", text="", data=data), {})
    assert made.flow is None and made.problems


FLOW = """
    flow: demo
    languages: [es, en]
    inputs: {age: {type: integer}}
    anytime: {help: {say: help_text}}
    steps:
      name: {ask: name_text, retry: {then: bye}}
      plan: {ask: plan_text, choices: {basic: bye, full: {fail: x}}, retry: {then: bye}}
      bye: {succeed: {n: "{{ answers.name }}"}}
"""
WORDS = {"es": {"name_text": "¿Tu nombre?", "help_text": "Ayuda."}, "en": {"plan_text": "Which plan?"}}


def test_the_version_is_the_hash_of_the_meaning() -> None:
    """R012: layout and comments do not count; steps, their order, and words do."""
    same = flow_of(
        FLOW.replace("    steps:", "    # a comment\n\n    steps:").replace(
            "{ask: name_text, retry", "{ask:   name_text, retry"
        ),
        WORDS,
    )
    first = flow_of(FLOW, WORDS)
    assert first.version == same.version
    other = {**WORDS, "es": {**WORDS["es"], "name_text": "¿Cómo te llamas?"}}
    assert flow_of(FLOW, other).version != first.version
    assert flow_of(FLOW.replace("fail: x", "fail: y"), WORDS).version != first.version
    above, name, plan, below = FLOW.partition("      name:")[0], *FLOW.splitlines(keepends=True)[6:8], "      bye:"
    moved = above + plan + name + below + FLOW.partition(below)[2]
    assert flow_of(moved, WORDS).version != first.version and sorted(moved) == sorted(FLOW)


def test_a_bundle_makes_the_same_flow() -> None:
    """R018: exported and imported, a flow is equal: its version, its steps, its words."""
    first = flow_of(FLOW, WORDS)
    again = from_bundle(first.bundle())
    assert again.version == first.version and again.bundle() == first.bundle()
    assert again.languages == first.languages and list(again.steps) == list(first.steps)
    assert again.content.lookup("name_text", "es") is not None


@pytest.mark.parametrize(
    "damaged", [b"", b"{}", b"[]", b"nonsense", b'{"flow":"demo","data":{},"content":{},"languages":[]}']
)
def test_a_damaged_bundle_is_a_parse_error(damaged: bytes) -> None:
    with pytest.raises(ParseError):
        from_bundle(damaged)


def test_a_text_in_place_has_the_steps_id_as_its_key() -> None:
    flow = flow_of(
        """
        flow: demo
        languages: [en]
        steps:
          hello: {say: [Hello!, How are you?], ask: "Your name?", retry: {say: "Again!", then: bye}}
          bye: {say: Bye!, succeed: {}}
        """
    )
    assert set(flow.places) == {"hello", "hello.say_1", "hello.say_2", "hello.retry", "bye"}
    assert flow.places["hello"] == ("steps", "hello", "ask")
    assert flow.content.lookup("bye", "en").bubbles[0][0].text.render({}) == "Bye!"


def test_labels_of_a_question_in_place_come_from_content() -> None:
    flow = flow_of(
        """
        flow: demo
        languages: [en]
        steps:
          plan: {ask: "Which plan?", choices: [basic, full], retry: {then: bye}}
          bye: {succeed: {}}
        """,
        {"en": {"plan": {"choices": {"basic": "The basic one"}}}},
    )
    titles = [one.title for one in flow.content.options("plan", "en", ("basic", "full"), {})]
    assert titles == ["The basic one", "Full"]


def test_the_first_step_is_the_start() -> None:
    """R001"""
    flow = flow_of(FLOW, WORDS)
    assert flow.first == "name" and flow.machine.initial == "name"


def test_a_machine_of_two_hundred_steps_is_made_in_no_time() -> None:
    """auto_transitions would make forty thousand of them."""
    steps = {f"s{n}": {"say": "hello_text"} for n in range(200)}
    flow = flow_of(orjson.dumps({"steps": {**steps, "bye": {"succeed": {}}}}).decode())
    assert len(flow.machine.states) == 202
    assert sum(len(ways) for event in flow.machine.events.values() for ways in event.transitions.values()) < 500
    assert all(
        not isinstance(condition.func, str)
        for event in flow.machine.events.values()
        for ways in event.transitions.values()
        for way in ways
        for condition in way.conditions
    )


def test_a_question_expires_after_two_hours_unless_the_settings_say_otherwise() -> None:
    """R074: also in a flow with other settings."""
    steps = "steps: {a: {ask: A?}, b: {succeed: {}}}"
    for settings, minutes in (("", 120), ("settings: {timezone: UTC}", 120), ("settings: {expires_after: 24h}", 1440)):
        assert flow_of(f"flow: demo\n{settings}\n{steps}").settings.expires_after == minutes * 60_000
