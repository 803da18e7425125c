"""A photo that answers a question with bounds about its bytes is fetched and looked at before it counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowbot.model.codec import to_plain
from flowbot.model.event import CallAnswered
from flowbot.model.inbound import Media
from tests.engine.talk import Talk, talk

FLOW = """
    languages: [en]
    start: {keywords: [go]}
    steps:
      photo:
        ask: A photo, please.
        expect: image
        with: {formats: [jpeg], max_mb: 5, min_width: 300, sharp: true}
        retry: {times: 2, then: {fail: no_photo}}
      done: {say: "Thank you, {{ answers.photo.width }} wide.", succeed: {}}
"""
TOLD = Media(kind="image", id="m1", mime="image/jpeg")
SEEN = replace(TOLD, looked=True, size=9000, width=800, height=600, sharpness=300.0)


def begun(flow: str = FLOW) -> Talk:
    found = talk(flow)
    found.user("go")
    return found


def send(found: Talk, media: Media = TOLD) -> str:
    """The id of the call that looks at it; "" when nobody does."""
    found.inbound(media.kind, media=media)
    return next(reversed(found.calls), "")


def tell(found: Talk, call: str, media: Media | None = SEEN, outcome: str = "ok", **more: Any) -> None:
    asked = found.calls.pop(call)
    result = {"media": to_plain(media)} if media is not None else {}
    said = CallAnswered(call=call, kind="look", visit=asked.visit, outcome=outcome, result=result, **more)
    found.apply(said)


def test_it_is_looked_at_and_then_counts() -> None:
    """R092: its type is what its content says, its size what it has."""
    found = begun()
    call = send(found)
    asked = found.calls[call]
    assert (asked.kind, asked.body) == ("look", {"media": to_plain(TOLD)}) and found.sent() == []
    assert found.step == "photo" and ("looking", "image") in found.traces()
    tell(found, call)
    assert found.texts() == ["Thank you, 800 wide."] and found.ended["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mime": "image/png"}, "image.format"),
        ({"mime": "application/pdf"}, "image"),
        ({"mime": ""}, "image"),
        ({"size": 6_000_000}, "image.large"),
        ({"width": 200}, "image.small"),
        ({"sharpness": 20.0}, "image.blurred"),
        ({"damaged": True}, "image.damaged"),
    ],
)
def test_what_it_really_is_is_refused(change: dict[str, Any], code: str) -> None:
    found = begun()
    tell(found, send(found), replace(SEEN, **change))
    assert ("refused", code) in found.traces() and found.step == "photo" and found.sent()
    tell(found, send(found, replace(TOLD, id="m2")))
    assert found.ended["outcome"] == "succeeded"


@pytest.mark.parametrize(("media", "reason"), [(TOLD, "gone"), (None, "timeout")])
def test_one_that_nobody_could_look_at_is_asked_for_again(media: Media | None, reason: str) -> None:
    found = begun()
    tell(found, send(found), media, "error", reason=reason)
    assert ("refused", "image.damaged") in found.traces() and found.step == "photo"


@pytest.mark.parametrize(("most", "told"), [("max_mb: 5", "5 MB"), ("max_mb: 90", "25 MB"), ("sharp: true", "25 MB")])
def test_one_that_is_too_large_to_be_fetched_is_told_so(most: str, told: str) -> None:
    """Sent again it would be as large; more than we fetch at all, nobody is promised."""
    found = begun(FLOW.replace("formats: [jpeg], max_mb: 5, min_width: 300, sharp: true", most))
    tell(found, send(found), TOLD, "error", reason="too_big")
    assert ("refused", "image.large") in found.traces() and found.step == "photo"
    assert found.texts()[0] == f"This photo is too large. Please send one of at most {told}."


def test_a_look_that_never_ends_is_given_up() -> None:
    found = begun()
    send(found)
    found.wait("1m")
    assert ("refused", "image.damaged") in [trace for turn in found.turns for trace in found.traces(turn)]
    assert found.step == "photo"


def test_the_contact_is_heard_meanwhile() -> None:
    """The question stays open: a word, or another photo; what comes of the first is then too late."""
    found = begun()
    first = send(found)
    found.user("I have none")
    assert ("refused", "image") in found.traces()
    second = send(found, replace(TOLD, id="m2"))
    tell(found, second)
    assert found.ended["outcome"] == "succeeded"
    assert first not in found.calls, "nobody waits for it any more"
    found.apply(CallAnswered(call=first, kind="look", visit=1, outcome="ok", result={"media": to_plain(SEEN)}))
    assert found.traces() == [("late", "look")] and found.sent() == []


@pytest.mark.parametrize(
    ("bounds", "media"),
    [
        ("with: {formats: [jpeg], max_mb: 5, min_width: 300, sharp: true}", SEEN),
        ("save: photo", TOLD),
        ("with: {formats: [jpeg], max_mb: 5, min_width: 300, sharp: true}", Media(kind="video", id="v")),
    ],
    ids=["looked at already", "no bounds", "no photo"],
)
def test_nobody_looks_in_vain(bounds: str, media: Media) -> None:
    found = begun(FLOW.replace("with: {formats: [jpeg], max_mb: 5, min_width: 300, sharp: true}", bounds))
    assert send(found, media) == "" and found.sent()
