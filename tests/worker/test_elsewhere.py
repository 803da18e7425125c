"""A flow's template to another number: into the other's partition, once, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot import crash

from .world import World

ANA, EVA = "573000000001", "573000000003"
FLOW = """\
flow: talk
start: {keywords: [start]}
steps:
  tell: {template: visit_today, with: {name: Eva}, to: "+573000000003"}
  done: {say: Thank you, succeed: {}}
"""
TEMPLATE = """\
category: utility
topic: visits
examples: {name: Ana}
languages: {en: {body: "Hello {{ name }}, it is today."}}
"""


@pytest.fixture
def told(world: World) -> World:
    folder = Path(world.folder) / "content" / "templates"
    folder.mkdir(parents=True)
    (folder / "visit_today.yaml").write_text(TEMPLATE)
    world.write(FLOW)
    return world


def test_it_goes_out_to_the_other_whose_conversation_is_untouched(told: World) -> None:
    told.say(EVA, "hello")
    told.say(ANA, "start")
    told.settle(told.worker())
    assert told.said(ANA) == ["Thank you"] and told.said(EVA) == ["Hello Eva, it is today."]
    (out,) = told.history(EVA, "out")
    assert out["purpose"] == "business" and out["outbound"]["template"]["name"] == "visit_today"
    assert told.session(EVA).process is None and told.session(EVA).version == 2
    assert EVA not in str(told.history(ANA)), "the other's number is no part of this one's history"


def test_who_was_never_heard_of_becomes_a_contact(told: World) -> None:
    told.say(ANA, "start")
    told.settle(told.worker())
    assert told.said(EVA) == ["Hello Eva, it is today."] and told.contact(EVA).number == EVA


def test_it_arrives_once_when_the_worker_dies_in_between(told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told.say(ANA, "start")
    worker = told.worker()
    seen: list[str] = []

    def point(name: str) -> None:
        seen.append(name)
        if seen.count("worker.before_commit") == 2 and name == "worker.before_commit":
            raise RuntimeError("died")

    monkeypatch.setattr(crash, "point", point)
    with pytest.raises(RuntimeError):
        for _ in range(5):
            worker.round()
    monkeypatch.undo()
    told.settle(told.worker("w#2"))
    assert told.said(EVA) == ["Hello Eva, it is today."] and told.said(ANA) == ["Thank you"]
