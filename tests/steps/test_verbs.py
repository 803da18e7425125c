"""Every verb's cases, run by one loop; a verb without a case for one of its outcomes fails here.

A case is a flow (`steps`, and what else it needs) and a chat. `bot` lists texts, `key` lists content keys, of what was
sent since the last line; a chat that says nothing about them does not care.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from inspect import cleandoc
from pathlib import Path
from typing import Any

import orjson
import pytest

from flowbot.engine import walk
from flowbot.engine.outline import StepKeys
from flowbot.library.templates import read_templates
from flowbot.library.yaml import read_yaml
from flowbot.model.integration import Action, Integration
from flowbot.model.project import Account
from flowbot.model.template import Template
from flowbot.model.verifier import Verifier
from flowbot.steps import VERBS
from tests.engine.talk import Book, Talk, flow_of

HERE = Path(__file__).parent
STEPS = Path(walk.__file__).parents[1] / "steps"
NOT_VERBS = {"__init__", "base", "choices", "fields", "target"}
TABLE = (  # LANGUAGE section 2: within a step they act in this order
    *("say", "ask", "template", "verify", "call", "set", "labels", "groups", "language", "branch", "split", "wait"),
    *("run", "jump", "handoff", "opt_in", "opt_out", "event", "succeed", "fail"),
)
ACTIONS = {name: Action(name=name, timeout=10_000) for name in ("save", "today")}
ACCOUNT = Account(
    name="acme",
    default_country="CO",
    integrations={name: Integration(name=name, actions=ACTIONS) for name in ("crm", "weather")},
    verifiers={"document": Verifier(name="document"), "age": Verifier(name="age", timeout=20_000, threshold=0.5)},
)
ABOUT = ("case", "chat", "expect", "content", "more", "status")  # keys of a case that are not the flow's
OUTCOMES = {
    "template": {"done", "choice", "invalid", "timeout", "refused"},
    "call": {"ok", "error", "skipped"},
    "ask": {"answered", "choice", "invalid", "timeout"},
    "verify": {"verified", "rejected", "unclear", "expired", "error", "timeout", "skipped"},
    "split": {"choice", "skipped"},
    "wait": {"done", "timeout", "skipped"},
    "handoff": {"closed", "choice", "timeout", "canceled"},
    "run": {"succeeded", "failed", "expired", "skipped"},
}


def _templates() -> list[Template]:
    reads = {file.stem: read_yaml(file.name, file.read_bytes()) for file in sorted((HERE / "templates").glob("*.yaml"))}
    found, problems = read_templates(reads)
    assert not problems, problems
    return list(found.values())


TEMPLATES = _templates()


def _cases() -> list[Any]:
    found = []
    for word in VERBS:
        read = read_yaml(f"{word}.yaml", (HERE / f"{word}.yaml").read_bytes())
        assert read.source is not None and not read.problems, read.problems
        found += [pytest.param(word, case, id=f"{word}-{case['case']}") for case in read.source.data]
    return found


CASES = _cases()


def _talk(case: dict[str, Any]) -> Talk:
    def flow(id: str, keys: dict[str, Any]) -> Any:
        whole = {"flow": id, "languages": ["en"], "start": {"keywords": ["go" if id == "demo" else id]}, **keys}
        return flow_of(orjson.dumps(whole).decode(), case.get("content"), id=id)

    own = {key: item for key, item in case.items() if key not in ABOUT}
    more = (flow(id, keys) for id, keys in case.get("more", {}).items())
    book = Book(flow("demo", own), *more, account=ACCOUNT, templates=TEMPLATES)
    book.statuses.update(case.get("status", {}))
    return Talk(book)


def _play(found: Talk, line: dict[str, Any]) -> list[Any]:
    """The turns that a line of the contact's side makes."""
    if "user" in line:
        return [found.user(line["user"])]
    if "tap" in line:
        return [found.tap(line["tap"])]
    if "image" in line:
        return [found.image(**line["image"])]
    if "place" in line:
        return [found.place()]
    if "operator" in line:
        return [found.operator(**line["operator"])]
    if "answer" in line:
        return [found.answer(**line["answer"])]
    if "event" in line:
        return [found.happen(**line["event"])]
    if "late" in line:  # the contact leaves the step by a word, and then the answer comes
        asked = next(reversed(found.calls.values()))
        found.user(line["late"])
        found.calls[asked.id] = asked
        return [found.answer(call=asked.id)]
    if "answer" in line:
        return [found.answer(**line["answer"])]
    return found.wait(line["wait"])


def _run(case: dict[str, Any]) -> Talk:
    found = _talk(case)
    sent = found.sent(found.user("go"))
    for line in case.get("chat", []):
        if "bot" in line:
            assert [one.text for one in sent] == line["bot"]
        if "key" in line:
            assert [one.key for one in sent] == line["key"]
        if "template" in line:
            assert [one.template.name if one.template else one.text for one in sent] == line["template"]
        if "elsewhere" in line:
            assert [(one.to.number, one.outbound.text) for one in found.elsewhere()] == [tuple(line["elsewhere"])]
        if "choices" in line:
            assert [one.id for one in sent[-1].choices] == line["choices"]
        if "calls" in line:
            calls = zip((dict(one.body) for one in found.calls.values()), line["calls"], strict=True)
            for body, shown in calls:
                assert {name: body[name] for name in shown} == shown
        if not {"bot", "key", "calls", "template", "elsewhere"} & set(line):
            sent = [one for turn in _play(found, line) for one in found.sent(turn)]
    return found


@pytest.mark.parametrize(("word", "case"), CASES)
def test_case(word: str, case: dict[str, Any]) -> None:
    """R038, R039, R041, R043, R044, R047, R048, R049, R057, R075: each names itself in its case."""
    found = _run(case)
    expected = dict(case.get("expect", {}))
    if "hooks" in expected:
        assert found.hook_types == expected.pop("hooks")
    for name in expected.pop("traces", ()):
        assert name in {what for turn in found.turns for what, _ in found.traces(turn)}
    for name, value in expected.pop("contact", {}).items():
        assert found.contact.fields[name] == value
    for name, value in expected.pop("person", {}).items():
        assert getattr(found.contact, name) == (tuple(value) if isinstance(value, list) else value), name
    if "consents" in expected:
        assert found.consents == [tuple(one) for one in expected.pop("consents")]
    for name, value in expected.pop("custom", {}).items():
        assert next(one for one in found.hooks if one.type.startswith("custom.")).data[name] == value
    for name, value in expected.items():
        assert found.ended[name] == value, name
    if "expect" not in case:
        assert found.session.process is None and not found.session.parked, "the chat should reach the end"


def test_every_verb_has_its_file_and_every_file_its_verb() -> None:
    files = {path.stem for path in STEPS.glob("*.py")} - NOT_VERBS
    assert list(VERBS) == [word for word in TABLE if word in VERBS]
    assert files == set(VERBS)


def test_every_outcome_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    drive = walk.go

    def watched(machine: Any, cursor: Any, trigger: str) -> bool:
        step = cursor.judge.live.at
        offered = getattr(step.main, "choices", ()) or getattr(step.main, "weights", ())
        kind = "choice" if trigger in offered else trigger
        for verb in (*step.acts, *([step.main] if step.main else [])):
            act = verb is not step.main
            seen[verb.word].add("done" if act else "timeout" if kind.startswith("timeout") else kind)
        return drive(machine, cursor, trigger)

    monkeypatch.setattr(walk, "go", watched)
    for param in CASES:
        _run(param.values[1])
    for word, verb in VERBS.items():
        needed = OUTCOMES.get(word, {verb.good})
        assert needed <= seen[word], f"{word}: no case for {needed - seen[word]}"


def test_the_example_of_what_any_step_may_have_runs() -> None:
    example = re.search(r"```yaml\n(.*?)```", cleandoc(StepKeys.__doc__ or ""), re.DOTALL)
    assert example
    found = Talk(Book(flow_of(example[1], id="example"), account=replace(ACCOUNT, contact_fields={"document": "text"})))
    found.api("example")
    found.wait("10m")
    found.user("1020304050")
    assert found.ended["status"] == "success" and found.texts(found.turns[-1]) == ["Thank you.", "That was all."]


@pytest.mark.parametrize("word", VERBS)
def test_the_example_in_the_docstring_runs(word: str) -> None:
    """What the docs show starts, and asks or ends."""
    text = (STEPS / f"{word}.py").read_text()
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example, f"{word}.py has no example"
    found = Talk(Book(flow_of(example[1], id="example"), account=ACCOUNT, templates=TEMPLATES))
    if word == "jump":
        found.api("example", inputs={"round": 2})
        assert found.hook_types[:3] == ["process.started", "process.failed", "process.started"]
        return
    found.api("example")
    if word == "handoff":
        found.operator("choose", choice="approve")
    if word == "wait":
        found.wait("2d")
    if word == "verify":
        found.answer("sent")
        found.user("123456")
        found.answer("verified")
    assert any(found.sent(turn) for turn in found.turns), "the example says nothing"
    for answer in ("41", "full", "gladly", "I am coming"):
        if found.session.process:
            found.user(answer)
        if found.calls:
            found.answer("ok", {"status": 200, "degrees": 31})
    assert found.ended["status"] in ("success", "failure")
