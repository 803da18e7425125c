"""What must hold after any run: pure functions over the evidence, each returns its violations in words.

The numbers are those of docs/promises: I1 nothing acknowledged is lost, I2 nothing is applied twice, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

FINAL = frozenset(("sent", "failed", "suppressed", "expired"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One hook as the client heard it."""

    id: str
    type: str
    data: Mapping[str, Any]
    signed: bool
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One contact: what it said, and what the store says about it."""

    number: str
    said: tuple[str, ...] = ()  # provider ids answered 200, in order
    conversations: tuple[tuple[str, ...], ...] = ()  # the answers of every conversation that came to its end
    applied: tuple[tuple[int, str], ...] = ()  # session version and provider id ("" for no message), in history order
    committed: tuple[str, ...] = ()  # our message ids, in the order of the history
    version: int = 0  # of the session


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    people: tuple[Person, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)  # our message id -> state
    reasons: Mapping[str, str] = field(default_factory=dict)  # our message id -> why it failed
    taken: tuple[tuple[str, str], ...] = ()  # (to, our message id) in the order the provider took them
    ambiguous: int = 0  # sends that were taken and not answered
    statuses_lost: int = 0
    statuses_late: int = 0  # that came when the sender no longer waited for them
    hooks: tuple[Hook, ...] = ()
    committed_hooks: frozenset[str] = frozenset()  # of the types the endpoint wants
    business: Mapping[str, int] = field(default_factory=dict)  # our id of what we start -> its place in `taken`
    opted_out: Mapping[str, int] = field(default_factory=dict)  # number -> place in `taken` at the opt-out's commit
    left: Mapping[str, int] = field(default_factory=dict)  # what still lies somewhere: inbox, outbox, hooks …


def i1_nothing_lost(run: Evidence) -> list[str]:
    """Every inbound answered 200 was applied."""
    return [
        f"{person.number}: {name} was answered 200 and never applied"
        for person in run.people
        for name in person.said
        if name not in {applied for _, applied in person.applied}
    ]


def i2_nothing_twice(run: Evidence) -> list[str]:
    """Each was applied once, however often it was delivered."""
    return [
        f"{person.number}: {name} was applied {times} times"
        for person in run.people
        for name, times in Counter(name for _, name in person.applied if name).items()
        if times > 1
    ]


def i3_in_order(run: Evidence) -> list[str]:
    """A contact's messages were applied in the order in which they were acknowledged."""
    wrong = []
    for person in run.people:
        applied = list(dict.fromkeys(name for _, name in person.applied if name))
        expected = [name for name in person.said if name in set(applied)]
        if [name for name in applied if name in set(expected)] != expected:
            wrong.append(f"{person.number}: applied in another order than said")
    return wrong


def i4_every_send_ends(run: Evidence) -> list[str]:
    """Every committed message reached a final state, and a failure says why."""
    wrong = []
    for person in run.people:
        for name in person.committed:
            state = run.states.get(name, "missing")
            if state not in FINAL:
                wrong.append(f"{name}: is {state}")
            elif state == "failed" and not run.reasons.get(name):
                wrong.append(f"{name}: failed without a reason")
    sent = {name for _, name in run.taken}
    wrong += [
        f"{name}: sent, but no provider took it"
        for name, state in run.states.items()
        if state == "sent" and name not in sent
    ]
    return wrong


def i5_few_duplicates(run: Evidence) -> list[str]:
    """The provider took a message twice only where an ambiguous answer met a lost or late status (0.1 % of grace)."""
    times = Counter(name for _, name in run.taken)
    twice = [f"{name}: taken {count} times" for name, count in times.items() if count > 1]
    extra = sum(times.values()) - len(times)
    allowed = min(run.ambiguous, run.statuses_lost) + run.statuses_late + len(times) // 1000
    return twice if extra > allowed else []


def i6_sent_in_order(run: Evidence) -> list[str]:
    """A contact's messages were first taken in the order in which they were committed."""
    wrong = []
    firsts: dict[str, list[str]] = {}
    for to, name in dict.fromkeys(run.taken):
        firsts.setdefault(to, []).append(name)
    for person in run.people:
        taken = firsts.get(person.number, [])
        known = set(taken)
        if taken != [name for name in person.committed if name in known]:
            wrong.append(f"{person.number}: taken in another order than committed")
    return wrong


def i7_no_business_after_opt_out(run: Evidence) -> list[str]:
    """Nothing that the business starts was taken after the opt-out was committed."""
    by_name = {name: to for to, name in run.taken}
    return [
        f"{name}: taken after the opt-out of {by_name[name]}"
        for name, place in run.business.items()
        if name in by_name and place >= run.opted_out.get(by_name[name], len(run.taken))
    ]


def i8_every_end_is_told(run: Evidence) -> list[str]:
    """Every ended process was told to the client, with a valid signature, under one id, with what was answered."""
    wrong = [f"{hook.id}: the signature does not hold" for hook in run.hooks if not hook.signed]
    accepted = {hook.id for hook in run.hooks if hook.accepted}
    ids: dict[str, set[str]] = {}
    told: dict[str, dict[str, tuple[str, ...]]] = {}
    for hook in run.hooks:
        if hook.type == "process.succeeded":
            process = str(hook.data.get("process_id"))
            ids.setdefault(process, set()).add(hook.id)
            if hook.id in accepted:
                number = str(hook.data["contact"]["phone"]).lstrip("+")
                told.setdefault(number, {})[process] = tuple(str(item) for item in hook.data["answers"].values())
    wrong += [f"{process}: told under {len(names)} ids" for process, names in ids.items() if len(names) > 1]
    for person in run.people:
        heard = Counter(told.get(person.number, {}).values())
        for answers in (Counter(person.conversations) - heard).elements():
            wrong.append(f"{person.number}: the end of {answers} was never told")
        for answers in (heard - Counter(person.conversations)).elements():
            wrong.append(f"{person.number}: an end {answers} was told that never was")
    wrong += [f"{name}: committed and never accepted" for name in run.committed_hooks - accepted]
    return wrong


def i10_nothing_left(run: Evidence) -> list[str]:
    """Nothing lies anywhere when all is quiet."""
    return [f"{count} left in {where}" for where, count in run.left.items() if count]


def i12_versions_rise_by_one(run: Evidence) -> list[str]:
    """A session's version rises by one per applied event."""
    wrong = []
    for person in run.people:
        versions = [version for version, _ in person.applied]
        if versions != list(range(1, len(versions) + 1)):
            wrong.append(f"{person.number}: versions {versions}")
        if person.version != len(versions):
            wrong.append(f"{person.number}: session at {person.version} after {len(versions)} events")
    return wrong


CHECKS: tuple[Callable[[Evidence], list[str]], ...] = (
    i1_nothing_lost,
    i2_nothing_twice,
    i3_in_order,
    i4_every_send_ends,
    i5_few_duplicates,
    i6_sent_in_order,
    i7_no_business_after_opt_out,
    i8_every_end_is_told,
    i10_nothing_left,
    i12_versions_rise_by_one,
)


def violations(run: Evidence) -> list[str]:
    """All of them, each with the promise that it breaks."""
    return [f"{check.__name__}: {what}" for check in CHECKS for what in check(run)]
