"""What a turn asks for becomes one commit, the same one each time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import orjson

from flowbot.engine.turn import Turn
from flowbot.model import codec, ids
from flowbot.model.contact import Contact, Identity
from flowbot.model.effect import (
    CancelTimer,
    Effect,
    EmitHook,
    RecordConsent,
    RecordTrace,
    SaveProcess,
    SendMessage,
    SetTimer,
)
from flowbot.model.event import MessageReceived
from flowbot.model.hook import Hook
from flowbot.model.inbound import Inbound, Media
from flowbot.model.outbound import Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.session import Process, Session
from flowbot.model.template import Filled
from flowbot.store import history
from flowbot.store.turns import Commit
from flowbot.worker.plan import _ADD, DAY, Place, Standing, plan

NOW = 1_795_000_000_000
CHANNEL = Channel(account="acme", name="main", gateway="cloud_api")
PLACE = Place(partition=7, owner="w#1", epoch=3, entry_id="1-1", now=NOW)
SESSION = Session(account="acme", channel="main", contact_id="c1", version=4, last_inbound_at=NOW)
CONTACT = Contact(id="c1", account="acme", number="573001112233", reply_to="573001112233", sequence=10)
BEFORE = Standing(session=SESSION, contact=CONTACT)
EVENT = MessageReceived(inbound=Inbound(id="wamid.1", sender=Identity(number="573001112233"), kind="text", text="hi"))


def planned(*effects: Effect, **session: object) -> Commit:
    after = replace(SESSION, version=5, **session)  # type: ignore[arg-type]
    return plan(PLACE, CHANNEL, BEFORE, EVENT, Turn(session=after, contact=CONTACT, effects=effects))[0]


def recorded(commit: Commit, *kinds: str) -> list[Any]:
    return [
        orjson.loads(body)
        for names, records in commit.history
        for kind, body in history.apart(names, records)
        if kind in kinds
    ]


def test_the_same_turn_makes_the_same_commit() -> None:
    effects = (SendMessage(outbound=Outbound(text="a")), EmitHook(type="custom.x", data={"flow": "f"}))
    assert planned(*effects) == planned(*effects)


def test_the_history_marks_what_answered_a_sensitive_question() -> None:
    """Whoever shows it may leave the words out; the event stays whole, for the same state comes of it again."""
    shown = recorded(planned(), "in")
    hidden = planned(RecordTrace(step="pin", what="answered", detail="•••", facts={"hidden": True}))
    marked = recorded(hidden, "in")
    assert ["hidden" in one for one in (*shown, *marked)] == [False, True]
    assert marked[0]["event"] == shown[0]["event"]


def test_every_message_has_an_id_of_its_own_that_carries_the_partition() -> None:
    commit = planned(SendMessage(outbound=Outbound(text="a")), SendMessage(outbound=Outbound(text="a")))
    first, second = commit.messages
    assert first.id != second.id
    assert ids.split(first.id)[:2] == ("ms", 7)


def test_a_message_goes_to_the_id_that_this_channel_heard() -> None:
    """R155"""
    send = SendMessage(outbound=Outbound(text="a"))
    assert [one.to for one in planned(send, reply_to="ecb9@tunnel.msging.net").messages] == ["ecb9@tunnel.msging.net"]
    assert [one.to for one in planned(send).messages] == ["573001112233"]


def test_a_hand_over_tells_a_provider_that_has_bots_of_its_own() -> None:
    options = {"router_key": "R", "handover_bot": "desk", "handover_flow": "f", "handover_state": "b"}
    channel = Channel(account="acme", name="main", gateway="blip", options=options)
    effects = (SendMessage(outbound=Outbound(text="a")), EmitHook(type="session.handed_off", data={}))
    turn = Turn(session=replace(SESSION, version=5), contact=CONTACT, effects=effects)
    messages = plan(PLACE, channel, BEFORE, EVENT, turn)[0].messages
    assert [one.outbound.kind for one in messages] == ["text", "handover", "handover"]
    assert len({one.id for one in messages}) == 3
    assert [one.outbound.kind for one in planned(*effects).messages] == ["text"]


def test_another_event_or_another_version_makes_other_ids() -> None:
    send = SendMessage(outbound=Outbound(text="a"))
    later = replace(BEFORE, session=replace(SESSION, version=5))
    turn = Turn(session=replace(SESSION, version=6), contact=CONTACT, effects=(send,))
    other, _ = plan(PLACE, CHANNEL, later, EVENT, turn)
    assert other.messages[0].id != planned(send).messages[0].id


def test_a_message_is_fitted_before_the_commit() -> None:
    choices = tuple(Choice(id=f"c{n}", title=f"Choice {n}") for n in range(5))
    (entry,) = planned(SendMessage(outbound=Outbound(text="Which?", choices=choices, visit=3))).messages
    assert entry.outbound.kind == "list"
    long = planned(SendMessage(outbound=Outbound(text="word " * 2000))).messages
    assert len(long) > 1 and all(len(one.outbound.text) <= 4096 for one in long)


def test_r008_what_grew_too_long_goes_out_whole_and_the_trace_says_so() -> None:
    """R008."""
    long = Outbound(text="word " * 2000, key="terms")
    commit = planned(SendMessage(outbound=long), SendMessage(outbound=Outbound(text="a", key="short")))
    assert " ".join(one.outbound.text for one in commit.messages).split() == [*["word"] * 2000, "a"]
    traces = recorded(commit, "trace")
    assert [one["detail"] for one in traces if one["what"] == "too_long"] == ["terms"]


def test_a_message_goes_to_the_id_as_received_and_expires_with_the_window() -> None:
    (entry,) = planned(SendMessage(outbound=Outbound(text="a"), purpose="reply")).messages
    assert (entry.to, entry.lane, entry.purpose, entry.policy) == ("573001112233", "r", "reply", "resend")
    assert (entry.created_at, entry.expires_at) == (NOW, NOW + DAY)
    (template,) = planned(
        SendMessage(outbound=Outbound(kind="template", template=Filled(name="x", language="es")))
    ).messages
    assert template.expires_at == 0


def test_the_last_word_on_a_timer_counts() -> None:
    member = "c1|acme/main|expire|2"
    assert planned(SetTimer(name="expire", visit=2, at=9), CancelTimer(name="expire", visit=2)).timers_set == ()
    again = planned(CancelTimer(name="expire", visit=2), SetTimer(name="expire", visit=2, at=9))
    assert (again.timers_set, again.timers_cancel) == (((member, 9),), ())


def test_a_simulated_clock_is_reckoned_back() -> None:
    commit = planned(SetTimer(name="expire", visit=2, at=NOW + 5_000), skew=2_000)
    assert commit.timers_set == (("c1|acme/main|expire|2", NOW + 3_000),)


def test_hooks_are_numbered_per_contact_and_hold_what_the_client_gets() -> None:
    data = {"process_id": "pr_7_x", "reason": None}
    commit = planned(EmitHook(type="process.started", data=data), EmitHook(type="process.failed", data=data))
    hooks = [codec.decode(Hook, body) for _, _, body in commit.hooks]
    assert [hook.data["sequence"] for hook in hooks] == [11, 12]
    assert hooks[0].data["reason"] is None
    assert [hook.id for hook in hooks] == [name for name, _, _ in commit.hooks]
    assert commit.contact is not None
    assert codec.decode(Contact, commit.contact).sequence == 12


def test_the_contact_is_written_only_when_it_changed_or_is_new() -> None:
    assert planned().contact is None
    turn = Turn(session=replace(SESSION, version=5), contact=CONTACT)
    assert plan(PLACE, CHANNEL, replace(BEFORE, known=False), EVENT, turn)[0].contact is not None


def test_history_shows_the_event_its_version_and_what_it_led_to() -> None:
    trace = RecordTrace(step="hello", what="said")
    commit = planned(trace, SendMessage(outbound=Outbound(text="a")))
    assert [kinds for kinds, _ in commit.history] == ["in,trace,out"]
    heard, _, sent = recorded(commit, "in", "trace", "out")
    assert heard["version"] == 5
    assert heard["event"]["inbound"]["id"] == "wamid.1"
    assert sent["id"] == commit.messages[0].id


def test_history_keeps_of_a_hidden_message_that_it_came_and_not_what_it_said() -> None:
    body = orjson.dumps({"v": 1, "k": "message", "inbound": {"text": "123456"}})
    media = Media(kind="image", id="m", caption="123456")
    event = MessageReceived(inbound=replace(EVENT.inbound, text="123456", media=media))
    turn = Turn(session=replace(SESSION, version=5), contact=CONTACT, hidden=True)
    commit, _ = plan(replace(PLACE, body=body), CHANNEL, BEFORE, event, turn)
    assert b"123456" not in b"".join(record for _, record in commit.history)
    shown = orjson.loads(commit.history[0][1])["event"]["inbound"]
    assert (shown["id"], shown["kind"], shown["text"]) == ("wamid.1", "text", "•••")


def test_sessions_are_counted_by_flow_version() -> None:
    process = Process(id="pr_7_x", flow="f", flow_version="v1")
    assert planned(process=process).versions == {"v1": 1}
    standing = replace(BEFORE, session=replace(SESSION, process=process))
    ended = Turn(session=replace(SESSION, version=5), contact=CONTACT)
    assert plan(PLACE, CHANNEL, standing, EVENT, ended)[0].versions == {"v1": -1}


def test_processes_and_consent_are_part_of_the_commit() -> None:
    commit = planned(
        SaveProcess(process_id="pr_7_x", data={"state": "open"}),
        SaveProcess(process_id="pr_7_x", data={"state": "succeeded"}),
        RecordConsent(topic="all", change="out", method="word"),
    )
    assert commit.processes == (("pr_7_x", b'{"state":"succeeded"}'),)
    assert commit.consent[0][:2] == ("all", "out")


def test_every_effect_has_its_place_in_the_plan() -> None:
    assert set(_ADD) == set(get_args(Effect))
