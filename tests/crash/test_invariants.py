"""The checks must find what they look for: each case breaks one promise by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.crash.invariants import CHECKS, LATEST, Evidence, Hook, Person, violations

ANA = Person(
    number="573000000001",
    said=("a", "b", "c"),
    conversations=(("one", "two"),),
    applied=((1, "a"), (2, "b"), (3, "c")),
    committed=("m1", "m2"),
    heard=("Hello", "Bye"),
    answers=(("Hello", "Bye"), ("Hello",)),
    timers=(("wake", 3, 1000, 1200),),
    state="s",
    again="s",
    version=3,
)
END = Hook(
    id="h1",
    type="process.succeeded",
    data={"process_id": "p1", "contact": {"phone": "+573000000001"}, "answers": {"x": "one", "y": "two"}},
    signed=True,
    accepted=True,
)
FINE = Evidence(
    people=(ANA,),
    states={"m1": "sent", "m2": "failed"},
    reasons={"m2": "131026"},
    texts={"m1": "Hello", "m2": "Bye"},
    read=(("m1", "Hello"),),
    taken=(("573000000001", "m1"),),
    hooks=(END,),
    committed_hooks=frozenset({"h1"}),
)


def ana(**changes: object) -> Evidence:
    return replace(FINE, people=(replace(ANA, **changes),))  # type: ignore[arg-type]


BROKEN: dict[str, list[Evidence]] = {
    "i1_nothing_lost": [ana(applied=((1, "a"), (2, "b")), version=2)],
    "i2_nothing_twice": [ana(applied=((1, "a"), (2, "b"), (3, "c"), (4, "a")), version=4)],
    "i3_in_order": [ana(applied=((1, "b"), (2, "a"), (3, "c")))],
    "i4_every_send_ends": [
        replace(FINE, states={"m1": "sent"}),
        replace(FINE, states={"m1": "sent", "m2": "unknown"}),
        replace(FINE, reasons={}),
        replace(FINE, states={"m1": "sent", "m2": "sent"}),
    ],
    "i5_few_duplicates": [replace(FINE, taken=FINE.taken * 2), replace(FINE, taken=FINE.taken * 3, ambiguous=9)],
    "i6_sent_in_order": [replace(FINE, taken=(("573000000001", "m2"), ("573000000001", "m1")))],
    "i4_nobody_meets_silence": [
        ana(heard=("Hello",), answers=(("Hello", "Bye"),)),
        ana(heard=("Hello", "Bye", "Bye")),
        ana(heard=("Bye", "Hello")),
        replace(FINE, read=(("m1", "Bye"),)),
    ],
    "i7_no_business_after_opt_out": [replace(ana(opted_out=5), business={"m1": (4, 6)})],
    "i8_every_end_is_told": [
        replace(FINE, hooks=()),
        replace(FINE, hooks=(replace(END, signed=False),)),
        replace(FINE, hooks=(replace(END, accepted=False),)),
        replace(FINE, hooks=(END, replace(END, id="h2"))),
        replace(FINE, committed_hooks=frozenset({"h1", "h9"})),
        ana(conversations=()),
    ],
    "i9_timers_fire_once": [
        ana(timers=ANA.timers * 2),
        ana(timers=(("wake", 3, 1000, 999),)),
        ana(timers=(("wake", 3, 1000, 1001 + LATEST),)),
        ana(pending=("expire of 4 is due at 9, and kept for None",)),
    ],
    "i11_accounts_are_apart": [replace(FINE, mixed=("573000000001 is one contact in two accounts",))],
    "i13_no_secret_is_logged": [replace(FINE, shown={"573000000001": 1})],
    "i14_replayed_it_is_the_same": [ana(again="t")],
    "i10_nothing_left": [replace(FINE, left={"inbox": 1})],
    "i12_versions_rise_by_one": [ana(version=4), ana(applied=((1, "a"), (3, "b"), (4, "c")), version=3)],
}


def test_a_fine_run_breaks_nothing() -> None:
    assert violations(FINE) == []


def test_a_duplicate_is_allowed_where_an_answer_and_a_status_were_lost() -> None:
    assert violations(replace(FINE, taken=FINE.taken * 2, ambiguous=1, statuses_lost=1)) == []
    assert violations(replace(FINE, taken=FINE.taken * 2, statuses_late=1)) == []


@pytest.mark.parametrize(("promise", "run"), [(name, run) for name, runs in BROKEN.items() for run in runs])
def test_each_check_finds_its_violation(promise: str, run: Evidence) -> None:
    assert promise in {found.split(":")[0] for found in violations(run)}


def test_every_check_has_a_case() -> None:
    assert {check.__name__ for check in CHECKS} == set(BROKEN)
