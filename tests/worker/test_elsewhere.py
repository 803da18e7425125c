"""A flow's template to another number: into the other's partition, once, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot import crash
from flowbot.model.order import ConsentGiven
from flowbot.store import outbox

from .world import PROJECT, World

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


def agree(told: World, number: str, way: str = "in", topic: str = "visits") -> None:
    assert told.event(number, ConsentGiven(nonce=f"{way}{next(told.count)}", topic=topic, change=way))


def anyone(told: World) -> None:
    project = PROJECT.replace("  acme:\n", "  acme:\n    consent: permissive\n", 1)
    (Path(told.folder) / "flowbot.yaml").write_text(project)


def test_it_goes_out_to_the_other_whose_conversation_is_untouched(told: World) -> None:
    told.say(EVA, "hello")
    agree(told, EVA)
    told.say(ANA, "start")
    told.settle(told.worker())
    assert told.said(ANA) == ["Thank you"] and told.said(EVA) == ["Hello Eva, it is today."]
    (out,) = told.history(EVA, "out")
    assert out["purpose"] == "business" and out["outbound"]["template"]["name"] == "visit_today"
    assert told.session(EVA).process is None and told.session(EVA).version == 3
    assert EVA not in str(told.history(ANA)), "the other's number is no part of this one's history"


def claimed(told: World, number: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The texts that leave now, and what ended instead: its state and code."""
    found = told.store.run(outbox.claim(told.partition(number), "r", "acme/main", tokens=10))
    ended = [told.store.run(outbox.read(id)) for id, _ in found.ended]
    mine = [one.entry for one in found.claimed if one.entry.contact_id == told.contact_id(number)]
    return [one.outbound.text for one in mine], [(one["state"], one["code"]) for one in ended]


@pytest.mark.parametrize("way", ["never", "took it back", "of another topic"])
def test_where_consent_is_strict_it_goes_to_nobody_who_has_not_opted_in(told: World, way: str) -> None:
    """R086, I7: another's flow does not speak for the contact."""
    told.say(EVA, "hello")
    if way != "never":
        agree(told, EVA, topic="visits" if way == "took it back" else "offers")
    if way == "took it back":
        agree(told, EVA, "out")
    told.say(ANA, "start")
    told.settle(told.worker())
    assert told.said(ANA) == ["Thank you"] and told.said(EVA) == []
    assert any(one["what"] == "not_sent" for one in told.history(EVA, "trace"))


@pytest.mark.parametrize(("topic", "code"), [("visits", "opted_out"), ("utility", "opted_out"), ("offers", "")])
def test_who_opts_out_while_it_waits_to_be_sent_does_not_get_it(told: World, topic: str, code: str) -> None:
    """R086, R088, I7: the claim looks again, at the topic and at the category, and says why."""
    told.say(EVA, "hello")
    agree(told, EVA)
    told.say(ANA, "start")
    told.settle(told.worker())
    agree(told, EVA, "out", topic)
    told.settle(told.worker())
    left, ended = claimed(told, EVA)
    assert (left, ended) == (([], [("suppressed", code)]) if code else (["Hello Eva, it is today."], []))


def test_who_was_never_heard_of_becomes_a_contact(told: World) -> None:
    anyone(told)
    told.say(ANA, "start")
    told.settle(told.worker())
    assert told.said(EVA) == ["Hello Eva, it is today."] and told.contact(EVA).number == EVA


def test_it_arrives_once_when_the_worker_dies_in_between(told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    anyone(told)
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
