"""Rules: what the business sends by itself, and when (LANGUAGE.md, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flowbot.engine.rules import Every, next_run
from flowbot.engine.schedule.zone import instant, wall
from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.model.contact import Identity
from flowbot.model.duration import DAY, HOUR
from flowbot.model.order import ConsentGiven, ContactEdited
from flowbot.model.plan import Plan
from flowbot.model.planning import PlanCanceled, PlanOrdered
from flowbot.model.quick import replace
from flowbot.testing import Chat, moment

BOGOTA = "America/Bogota"
NOW = moment(f"2026-11-20 18:40 {BOGOTA}")
PROJECT = """
accounts:
  acme:
    timezone: America/Bogota
    default_country: CO
    consent: permissive
    office: {mon-fri: ["08:00-18:00"]}
    contact_fields: {due_on: date}
    channels: {main: {gateway: simulator}}
"""
RULES = """
remind_mother:
  event: visit.scheduled
  when: event.kind == 'anc'
  at: {date: event.visit_on, minus: 2d, at: "10:00"}
  template: visit_reminder
  with: {name: "{{ contact.name }}", clinic: "{{ event.clinic }}"}
  max_age: 4d
remind_worker:
  event: visit.scheduled
  at: {date: event.visit_on, minus: 1d, at: "18:00"}
  to: actor
  template: visit_reminder
  with: {name: "{{ subject.name }}", clinic: "{{ event.clinic }}"}
tell_group: {event: visit.moved, to: {group: workers}, start: hello}
in_office: {event: office.told, hours: office, template: visit_reminder, with: {name: x, clinic: y}}
due: {every: {date: contact.due_on, minus: 7d, at: "09:00"}, start: hello}
"""
TEMPLATE = """
category: utility
topic: visits
examples: {name: Ana, clinic: North}
languages:
  en: {body: "Hello {{ name }}, you are expected at {{ clinic }} soon."}
"""
HELLO = 'flow: hello\nstart: {api: true}\nsteps: {hi: {say: "Hello {{ contact.name }}.", succeed: {}}}\n'


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root: Path = tmp_path_factory.mktemp("rules")
    for name, text in {
        "flowbot.yaml": PROJECT,
        "rules/visits.yaml": RULES,
        "content/templates/visit_reminder.yaml": TEMPLATE,
        "flows/hello.yaml": HELLO,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    found = load(root, {})
    assert found.sound, found.problems
    return found


@pytest.fixture
def ana(library: Library) -> Iterator[Chat]:
    chat = Chat(library, "acme", "main", now=NOW, name="Ana")
    chat.introduce(name="Ana")
    yield chat
    for plan in chat.contact.plans:  # whatever else a test shows: what has ended has no timer any more
        assert (plan.state == "scheduled") == ((plan.timer, 0) in chat.timers)


def visit(on: str = "2026-11-30", **more: str) -> dict[str, str]:
    return {"visit_on": on, "kind": "anc", "clinic": "North", **more}


def plans(chat: Chat, rule: str = "visits.remind_mother") -> list[Plan]:
    return [one for one in chat.contact.plans if one.rule == rule]


def texts(chat: Chat) -> list[str]:
    return [said.outbound.text for said in chat.messages]


def at(chat: Chat) -> str:
    return str(wall(chat.messages[-1].at, ZoneInfo(BOGOTA)))


def test_a_rule_goes_by_an_event_and_each_has_its_own_time(ana: Chat) -> None:
    """R108: two rules of one event, for the subject and for who entered it, each at the time that it tells."""
    assert ana.happen("visit.scheduled", visit(), entity="v-17", actor="573009998877") == []
    assert str(wall(plans(ana)[0].at, ZoneInfo(BOGOTA))) == "2026-11-28 10:00:00"
    assert [(one.rule, one.to) for one in ana.told] == [("visits.remind_worker", Identity(number="573009998877"))]
    ana.wait_until(moment(f"2026-11-28 09:59 {BOGOTA}"))
    assert texts(ana) == []
    ana.wait_until(moment(f"2026-11-28 10:00 {BOGOTA}"))
    assert texts(ana) == ["Hello Ana, you are expected at North soon."]
    assert plans(ana)[0].state == "executed"


def test_the_one_who_entered_it_is_told_of_the_subject(ana: Chat, library: Library) -> None:
    """R113: to the actor, by the actor's own clock, with the subject's name."""
    ana.happen("visit.scheduled", visit(), entity="v-17", actor="573009998877")
    worker = Chat(library, "acme", "main", now=NOW, number="573009998877", name="Rosa")
    worker.introduce(name="Rosa", timezone="America/Sao_Paulo")
    worker.apply(replace(ana.told[0], forward=False))
    worker.wait(30 * DAY)
    assert texts(worker) == ["Hello Ana, you are expected at North soon."]
    assert str(wall(worker.messages[-1].at, ZoneInfo("America/Sao_Paulo"))) == "2026-11-29 18:00:00"


def test_what_should_not_be_sent_is_not_queued(ana: Chat) -> None:
    """R109: `when` says no: nothing is queued; a time that cannot be told is an error that can be seen."""
    ana.happen("visit.scheduled", visit(kind="dental"), entity="v-1")
    assert plans(ana) == []
    ana.happen("visit.scheduled", {"kind": "anc", "clinic": "North"}, entity="v-2")
    assert [(one.state, one.why) for one in plans(ana)] == [("failed", "it cannot tell its time: the date is not set")]
    assert ana.timers == {}


def test_the_same_entity_again_moves_what_is_unsent(ana: Chat) -> None:
    """R110: re-saved before the send, the same message is moved; after it, it is not sent again."""
    ana.happen("visit.scheduled", visit(), entity="v-17")
    ana.happen("visit.scheduled", visit("2026-12-05", clinic="South"), entity="v-17")
    assert len(plans(ana)) == 1
    ana.wait_until(moment(f"2026-12-03 09:59 {BOGOTA}"))
    assert texts(ana) == []
    ana.wait(HOUR)
    assert (texts(ana), at(ana)) == (["Hello Ana, you are expected at South soon."], "2026-12-03 10:00:00")
    ana.happen("visit.scheduled", visit("2026-12-20"), entity="v-17")
    ana.wait(60 * DAY)
    assert len(texts(ana)) == 1


def test_an_entity_that_is_gone_cancels_what_is_unsent(ana: Chat) -> None:
    """R111: with the subject, and with whoever else has it."""
    ana.happen("visit.scheduled", visit(), entity="v-17", actor="573009998877")
    ana.happen("visit.scheduled", visit(), entity="v-18")
    ana.happen("visit.deleted", entity="v-17")
    assert [one.state for one in plans(ana)] == ["canceled", "scheduled"]
    assert [(one.gone, one.entity) for one in ana.told] == [(False, "visit:v-17"), (True, "visit:v-17")]
    ana.wait(30 * DAY)
    assert len(texts(ana)) == 1


def test_somebody_else_is_responsible_now(ana: Chat) -> None:
    """R113: who had it before is not reminded any more."""
    ana.happen("visit.scheduled", visit(), entity="v-17", actor="573009998877")
    ana.happen("visit.scheduled", visit(), entity="v-17", actor="573001110000")
    assert [(one.gone, one.to.number) for one in ana.told if one.to] == [
        (False, "573009998877"),
        (True, "573009998877"),
        (False, "573001110000"),
    ]


def test_values_are_those_of_the_time_of_the_send(ana: Chat) -> None:
    """R112: a name that was mended meanwhile is the one that is said; `when` is asked again."""
    ana.happen("visit.scheduled", visit(), entity="v-17")
    ana.apply(ContactEdited(nonce="n", texts={"name": "Ana María"}))
    ana.wait(30 * DAY)
    assert texts(ana) == ["Hello Ana María, you are expected at North soon."]


def test_what_is_too_old_does_not_go_out(ana: Chat) -> None:
    """R105: a message that was due more than four days ago; one that is a day late goes at once."""
    ana.happen("visit.scheduled", visit("2026-11-10"), entity="v-1")
    assert [(one.state, one.why) for one in plans(ana)] == [("expired", "its time was too long ago")]
    ana.happen("visit.scheduled", visit("2026-11-21"), entity="v-2")
    ana.wait(0)
    assert len(texts(ana)) == 1


def test_a_timer_that_comes_a_week_late_sends_nothing(ana: Chat) -> None:
    """R105: everything stood still for longer than the message is worth."""
    ana.happen("visit.scheduled", visit(), entity="v-17")
    due = min(ana.timers.values())
    ana.now = due + 5 * DAY
    ana._fire(due)
    assert (texts(ana), plans(ana)[0].state) == ([], "expired")


def test_who_has_opted_out_is_not_sent_it_and_that_is_recorded(ana: Chat) -> None:
    """R088: of the template's topic."""
    ana.happen("visit.scheduled", visit(), entity="v-17")
    ana.apply(ConsentGiven(nonce="n", topic="visits", change="out"))
    ana.wait(30 * DAY)
    assert (texts(ana), plans(ana)[0].state) == ([], "skipped")
    assert "opted out of visits" in plans(ana)[0].why


def test_it_waits_for_the_office(ana: Chat) -> None:
    """R142: Friday at 18:40: it goes on Monday at eight."""
    ana.happen("office.told")
    ana.wait(3 * DAY)
    assert at(ana) == "2026-11-23 08:00:00"


def test_a_group_gets_it_when_its_time_has_come(ana: Chat) -> None:
    """R113: to a group; each of it has a plan of the own, due at once."""
    ana.happen("visit.moved", entity="v-17")
    ana.wait(0)
    (told,) = ana.told
    assert (told.group, told.forward, told.subject["name"]) == ("workers", True, "Ana")
    member = Chat(ana.book, "acme", "main", now=ana.now, number="573005550000", name="Rosa")
    member.apply(replace(told, forward=False, group=""))
    member.wait(0)
    assert texts(member) == ["Hello Rosa."]
    member.apply(replace(told, forward=False, group="", nonce="again"))
    member.wait(DAY)
    assert texts(member) == ["Hello Rosa."]


def test_a_day_of_the_contact_moves_with_its_record(ana: Chat) -> None:
    """R114: `every: {date: contact.due_on}`: planned as soon as the day is known, and moved with it."""
    ana.apply(ContactEdited(nonce="1", fields={"due_on": "2026-12-20"}))
    ana.apply(ContactEdited(nonce="2", fields={"due_on": "2026-12-24"}))
    assert [one.state for one in plans(ana, "visits.due")] == ["canceled", "scheduled"]
    ana.wait(60 * DAY)
    assert (texts(ana), at(ana)) == (["Hello Ana."], "2026-12-17 09:00:00")
    ana.apply(ContactEdited(nonce="3", labels={"x": True}))
    ana.wait(60 * DAY)
    assert len(texts(ana)) == 1


def test_a_clients_own_plan_is_carried_out_or_canceled(ana: Chat) -> None:
    """R115: scheduled, then executed, or canceled before its time; the same order again changes nothing."""
    send = {"template": "visit_reminder", "values": {"name": "{{ contact.name }}", "clinic": "East"}}
    order = PlanOrdered(nonce="1", plan="p1", at=NOW + HOUR, send=send)
    ana.apply(order)
    ana.apply(order)
    ana.apply(PlanOrdered(nonce="2", plan="p2", at=NOW + HOUR, send={"flow": "hello", "values": {}}))
    ana.apply(PlanCanceled(nonce="3", plan="p2", by="crm"))
    assert {one.id: one.state for one in ana.contact.plans} == {"p1": "scheduled", "p2": "canceled"}
    ana.wait(DAY)
    assert texts(ana) == ["Hello Ana, you are expected at East soon."]
    ana.apply(order)
    ana.wait(DAY)
    assert len(texts(ana)) == 1


def test_a_rule_that_is_gone_sends_nothing(ana: Chat, library: Library) -> None:
    ana.happen("visit.scheduled", visit(), entity="v-17")
    kept, library._rules["acme"] = library._rules["acme"], ()
    try:
        ana.wait(30 * DAY)
    finally:
        library._rules["acme"] = kept
    assert (texts(ana), plans(ana)[0].why) == ([], "the rule is gone")


MADRID = ZoneInfo("Europe/Madrid")
RUNS = [  # what, after, and the runs that follow, by the clock there
    (Every(at=(9, 0)), "2026-02-27 09:00", ["2026-02-28 09:00", "2026-03-01 09:00"]),
    (Every(weekdays=(0, 1, 2, 3, 4)), "2026-11-20 10:00", ["2026-11-23 09:00", "2026-11-24 09:00"]),
    (Every(weekdays=(0, 3)), "2026-11-23 09:00", ["2026-11-26 09:00", "2026-11-30 09:00"]),
    (Every(days=(31,)), "2026-01-31 09:00", ["2026-02-28 09:00", "2026-03-31 09:00", "2026-04-30 09:00"]),
    (Every(days=(1, 15)), "2026-12-15 09:00", ["2027-01-01 09:00", "2027-01-15 09:00"]),
    (Every(hours=6, at=(0, 30)), "2026-11-20 07:00", ["2026-11-20 12:30", "2026-11-20 18:30", "2026-11-21 00:30"]),
    (Every(at=(2, 30)), "2026-03-28 12:00", ["2026-03-29 03:00", "2026-03-30 02:30"]),  # the gap of spring
    (Every(at=(2, 30)), "2026-10-24 12:00", ["2026-10-25 02:30", "2026-10-26 02:30"]),  # the fold of autumn: once
    (Every(hours=1), "2026-10-25 01:30", ["2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 03:00"]),
    (Every(hours=1), "2026-03-29 01:30", ["2026-03-29 03:00", "2026-03-29 04:00"]),
    (Every(days=(29,), at=(8, 0)), "2028-01-30 00:00", ["2028-02-29 08:00", "2028-03-29 08:00"]),
    (Every(on=datetime(2026, 12, 1).date()), "2026-11-20 12:00", ["2026-12-01 09:00", ""]),  # noqa: DTZ001
]


@pytest.mark.parametrize(("every", "after", "expected"), RUNS)
def test_the_next_run(every: Every, after: str, expected: list[str]) -> None:
    """R114: over the end of a month, and over the clock's changes."""
    now = instant(datetime.fromisoformat(after), MADRID)
    for told in expected:
        found = next_run(every, now, MADRID)
        assert (f"{wall(found, MADRID):%Y-%m-%d %H:%M}" if found else "") == told
        if found is None:
            return
        assert found > now
        now = found
