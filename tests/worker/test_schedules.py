"""Rules and schedules over a real store: to others, to groups, again and again, once whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.model import codec
from flowbot.model.contact import Identity
from flowbot.model.event import EventReceived
from flowbot.model.order import ContactEdited
from flowbot.model.schedule import Run, Schedule
from flowbot.store import schedules
from flowbot.store.call import Call
from flowbot.worker.loop import Worker

from .world import World

ANA, EVA, ROSA = "573000000001", "573000000003", "573000000005"
FLOW = 'flow: talk\nstart: {api: true}\nsteps: {hi: {say: "Hi {{ contact.name }}.", succeed: {}}}\n'
RULES = """\
to_actor: {event: visit.scheduled, to: actor, start: talk}
to_group: {event: visit.moved, to: {group: workers}, start: talk}
daily: {every: {daily: true, at: "09:00"}, to: {group: workers}, start: talk}
"""
HOUR, DAY = 3_600_000, 86_400_000


def declare(folder: Path, line: str) -> None:
    """One more line of the account's."""
    file = folder / "flowbot.yaml"
    file.write_text(file.read_text().replace("    languages", f"    {line}\n    languages"))


@pytest.fixture
def ruled(world: World) -> World:
    folder = Path(world.folder)
    project = (
        (folder / "flowbot.yaml")
        .read_text()
        .replace("    timezone: UTC\n", "    timezone: UTC\n    consent: permissive\n")
    )
    (folder / "flowbot.yaml").write_text(project)
    (folder / "rules").mkdir()
    (folder / "rules" / "visits.yaml").write_text(RULES)
    world.write(FLOW)
    return world


def join(world: World, *numbers: str) -> None:
    for number in numbers:
        world.say(number, "hello", name=number[-1])
        world.event(number, ContactEdited(nonce=f"g{number}", groups={"workers": True}))


def happen(world: World, name: str, nonce: str, **more: Identity) -> None:
    heed = ("visits.to_actor", "visits.to_group")
    whom = Identity(number=ANA)
    told = EventReceived(nonce=nonce, name=name, entity="v-1", rules=heed, authorized=True, to=whom, **more)
    world.event(ANA, told)


def run(world: World, worker: Worker, rounds: int = 300) -> None:
    """Until nothing is under way any more."""
    for _ in range(rounds):
        worker.schedules.next_look = worker.schedules.next_turn = 0.0
        worker.round()
        under_way = world.store.run(schedules.runs("acme"))
        if not worker.ready and not world.waiting() and not under_way:
            return
    raise AssertionError("it never ends")


def test_the_one_who_entered_it_gets_it(ruled: World) -> None:
    """R113: in the own queue, made a contact if need be."""
    happen(ruled, "visit.scheduled", "1", actor=Identity(number=EVA, name="Eva"))
    run(ruled, ruled.worker())
    assert ruled.said(EVA) == ["Hi Eva."]


def test_all_of_a_group_get_it_once(ruled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R103: also when the worker dies in the middle of the group; who is in none gets nothing."""
    join(ruled, EVA, ROSA)
    happen(ruled, "visit.moved", "1")
    worker = ruled.worker()
    advance, given = schedules.advance, []

    def dies(account: str, name: str, what: bytes) -> object:
        given.append(name)
        if len(given) == 1:
            raise RuntimeError("the power is gone")
        return advance(account, name, what)

    monkeypatch.setattr(schedules, "advance", dies)
    monkeypatch.setattr("flowbot.worker.schedules.SLICE", 1)
    for _ in range(3):
        try:
            run(ruled, worker)
            break
        except RuntimeError:
            worker = ruled.worker()
    assert ruled.said(EVA) == ["Hi 3."] and ruled.said(ROSA) == ["Hi 5."] and ruled.said(ANA) == []


def test_a_rule_comes_again_and_again(ruled: World) -> None:
    """R114: its next time is set with its run, in one; two workers that see it start it once."""
    join(ruled, EVA)
    worker = ruled.worker()
    run(ruled, worker)
    ((name, at),) = ruled.store.run(schedules.planned("acme"))
    assert name.startswith("rule:visits.daily#")
    assert at > worker.now() and at % DAY == 9 * HOUR
    now = worker.now()
    ruled.store.run(schedules.drop("acme", name))
    ruled.store.run(schedules.plan("acme", name, now - 1))
    live = worker.parts.shelf.current()
    for _ in range(2):  # the second has seen the same time, and comes too late
        worker.schedules._begin(live, live.account("acme"), name, now - 1, now)
    assert len(ruled.store.run(schedules.runs("acme"))) == 1
    assert ruled.store.run(schedules.planned("acme")) == [(name, at)]
    run(ruled, worker)
    assert ruled.said(EVA) == ["Hi 3."]


def test_a_rule_that_is_gone_has_no_next_time(ruled: World) -> None:
    run(ruled, ruled.worker())
    (Path(ruled.folder) / "rules" / "visits.yaml").unlink()
    run(ruled, ruled.worker("w#2"))
    assert ruled.store.run(schedules.planned("acme")) == []


def test_what_comes_too_late_is_left_out(ruled: World) -> None:
    """R105: everything stood still for a week: the rule goes on with its next time."""
    worker = ruled.worker()
    run(ruled, worker)
    ((name, at),) = ruled.store.run(schedules.planned("acme"))
    live = worker.parts.shelf.current()
    worker.schedules._begin(live, live.account("acme"), name, at, at + 7 * DAY + HOUR)
    assert ruled.store.run(schedules.runs("acme")) == {}
    assert ruled.store.run(schedules.planned("acme")) == [(name, at + 8 * DAY)]


def test_a_clients_schedule_to_a_group_and_to_one(ruled: World) -> None:
    """R115: executed at its time; the same order again changes nothing."""
    join(ruled, EVA)
    send = {"flow": "talk", "values": {}}
    worker = ruled.worker()
    run(ruled, worker)
    now = worker.now()
    for id, whom in (("sa_1", {"group": "workers"}), ("sa_2", {"to": ROSA})):
        one = Schedule(id=id, account="acme", at=now - 1, channel="main", send=send, authorized=True, **whom)
        assert ruled.store.run(schedules.add("acme", id, now - 1, codec.encode(one)))
        assert not ruled.store.run(schedules.add("acme", id, now - 1, codec.encode(one)))
    run(ruled, worker)
    assert ruled.said(EVA) == ["Hi 3."] and ruled.said(ROSA) == ["Hi ."]
    states = [codec.decode(Schedule, raw).state for raw in ruled.store.run(schedules.records("acme")).values()]
    assert states == ["executed", "executed"]
    assert [name for name, _ in ruled.store.run(schedules.planned("acme")) if name.startswith("sa_")] == []


def test_replies_come_before_a_group(ruled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R104: a run waits while much of the account's waits."""
    join(ruled, EVA)
    worker = ruled.worker()
    run(ruled, worker)
    monkeypatch.setattr("flowbot.worker.schedules.ROOM", 0)
    ruled.say(ANA, "hello")
    live = worker.parts.shelf.current()
    under_way = Run(id="r", at=worker.now(), schedule="sa_1", group="workers", send={"flow": "talk", "values": {}})
    assert not worker.schedules._go_on(live, live.account("acme"), codec.encode(under_way))
    assert ruled.store.run(schedules.runs("acme")) == {}, "nothing was given, nothing noted"
    assert ruled.said(EVA) == []


def test_a_deleted_rule_by_days_takes_its_plans_along(ruled: World) -> None:
    """R114: a rule by a contact's own day that is written later reaches who is there already."""
    folder = Path(ruled.folder)
    declare(folder, "contact_fields: {due_on: date}")
    ruled.say(ANA, "hello")
    ruled.event(ANA, ContactEdited(nonce="1", fields={"due_on": "2999-01-01"}))
    run(ruled, ruled.worker())
    assert ruled.contact(ANA).plans == ()
    days = "due: {every: {date: contact.due_on, minus: 7d}, start: talk}\n"
    (folder / "rules" / "days.yaml").write_text(days)
    worker = ruled.worker("w#2")
    run(ruled, worker)
    assert [one.rule for one in ruled.contact(ANA).plans] == ["days.due"]


def test_one_that_cannot_be_read_holds_up_no_other_and_no_worker(ruled: World) -> None:
    """R107."""
    join(ruled, EVA)
    worker = ruled.worker()
    run(ruled, worker)
    now, send = worker.now(), {"flow": "talk", "values": {}}
    odd = Schedule(id="sa_1", account="acme", every={"weekly": "mon"}, group="workers", send=send)
    sound = Schedule(id="sa_2", account="acme", at=now - 1, group="workers", send=send, authorized=True)
    for at, one in ((now - 2, odd), (now - 1, sound)):
        ruled.store.run(schedules.add("acme", one.id, at, codec.encode(one)))
    ruled.store.run(schedules.start("acme", "r", b"no run"))
    ruled.say(ROSA, "hello")
    for _ in range(60):
        worker.schedules.next_look = worker.schedules.next_turn = 0.0
        worker.round()
    assert ruled.said(EVA) == ["Hi 3."]
    assert ruled.contact(ROSA).last_seen_at


def test_of_many_accounts_each_has_its_turn_and_no_look_asks_for_all(
    ruled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns run between two looks: a thousand accounts' in one go would keep replies waiting."""
    monkeypatch.setattr("flowbot.worker.schedules.PIECE", 2)
    text = (Path(ruled.folder) / "flowbot.yaml").read_text()
    more = "".join(f"  a{n}:\n    languages: [en]\n    channels: {{main: {{gateway: simulator}}}}\n" for n in range(5))
    (Path(ruled.folder) / "flowbot.yaml").write_text(text + more)
    worker = ruled.worker()
    asked: list[str] = []
    due = schedules.due

    def noted(account: str, now: int) -> Call[schedules.Due]:
        asked.append(account)
        return due(account, now)

    monkeypatch.setattr(schedules, "due", noted)
    worker.round()
    asked.clear()
    for _ in range(3):
        worker.schedules.next_look = worker.schedules.next_turn = 0.0
        before = len(asked)
        worker.round()
        assert len(asked) - before <= 2
    assert len(set(asked)) == 6
    worker.schedules.next_look = 0.0
    before = len(asked)
    worker.round()
    assert len(asked) == before, "the next ones are looked at in a while"
