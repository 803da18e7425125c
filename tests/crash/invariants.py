"""What must hold after any run: pure functions over the evidence, each returns its violations in words.

The numbers are those of the promises: I1 nothing acknowledged is lost, I2 nothing is applied twice, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LATEST = 30_000  # ms that a timer may be late, with a worker that died at every turn and a lease to wait for
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
    account: str = ""
    said: tuple[str, ...] = ()  # provider ids answered 200, in order
    conversations: tuple[tuple[str, ...], ...] = ()  # the answers of every conversation that came to its end
    applied: tuple[tuple[int, str], ...] = ()  # session version and provider id ("" for no message), in history order
    committed: tuple[str, ...] = ()  # our message ids, in the order of the history
    heard: tuple[str, ...] = ()  # the texts of these
    answers: tuple[tuple[str, ...], ...] = ((),)  # what these have to be: one of these ways
    timers: tuple[tuple[str, int, int, int], ...] = ()  # name, visit, due and applied at (ms), of each that was applied
    pending: tuple[str, ...] = ()  # those that the session waits for and the store does not have, or the other way
    state: str = ""  # the session as it is kept
    again: str = ""  # and as its events make it when they are applied once more
    opted_out: float = float("inf")  # ms when that was committed
    version: int = 0  # of the session


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    people: tuple[Person, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)  # our message id -> state
    reasons: Mapping[str, str] = field(default_factory=dict)  # our message id -> why it failed
    texts: Mapping[str, str] = field(default_factory=dict)  # our message id -> what was committed
    read: tuple[tuple[str, str], ...] = ()  # our message id, and what the provider read in it
    taken: tuple[tuple[str, str], ...] = ()  # (to, our message id) in the order the provider took them
    ambiguous: int = 0  # sends that were taken and not answered
    statuses_lost: int = 0
    statuses_late: int = 0  # that came when the sender no longer waited for them
    hooks: tuple[Hook, ...] = ()
    committed_hooks: frozenset[str] = frozenset()  # of the types the endpoint wants
    business: Mapping[str, tuple[float, ...]] = field(
        default_factory=dict
    )  # our id of what we start -> ms of its claims
    shown: Mapping[str, int] = field(default_factory=dict)  # in the logs, what may not be there -> times
    mixed: tuple[str, ...] = ()  # what of another account's was met
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


def i4_nobody_meets_silence(run: Evidence) -> list[str]:
    """Each was told what the flow says to what it said, in that order, and the provider got those words."""
    wrong = [
        f"{person.number}: was told {person.heard[-6:]}, not {person.answers[0][-6:]}"
        for person in run.people
        if person.heard not in person.answers
    ]
    return wrong + [f"{name}: went out in other words" for name, text in run.read if run.texts.get(name) != text]


def i5_few_duplicates(run: Evidence) -> list[str]:
    """The provider took a message twice only where an ambiguous answer met a lost or late status (0.1 % of grace)."""
    times = Counter(name for _, name in run.taken)
    twice = [f"{name}: taken {count} times" for name, count in times.items() if count > 1]
    extra = sum(times.values()) - len(times)
    allowed = min(run.ambiguous, run.statuses_lost) + run.statuses_late + len(times) // 1000
    return twice if extra > allowed else []


def i6_sent_in_order(run: Evidence) -> list[str]:
    """A contact's messages were first taken in the order in which they were committed."""
    order = list(dict.fromkeys(name for _, name in run.taken))
    wrong = []
    for person in run.people:
        mine, known = set(person.committed), set(order)
        if [name for name in order if name in mine] != [name for name in person.committed if name in known]:
            wrong.append(f"{person.number}: taken in another order than committed")
    return wrong


def i7_no_business_after_opt_out(run: Evidence) -> list[str]:
    """Nothing that the business starts was claimed after the opt-out was committed."""
    return [
        f"{name}: claimed after the opt-out of {person.number}"
        for person in run.people
        for name in person.committed
        if any(at > person.opted_out for at in run.business.get(name, ()))
    ]


def i8_every_end_is_told(run: Evidence) -> list[str]:
    """Every ended process was told to the client, with a valid signature, under one id, with what was answered."""
    wrong = [f"{hook.id}: the signature does not hold" for hook in run.hooks if not hook.signed]
    accepted = {hook.id for hook in run.hooks if hook.accepted}
    ids: dict[str, set[str]] = {}
    told: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for hook in run.hooks:
        if hook.type == "process.succeeded":
            process = str(hook.data.get("process_id"))
            ids.setdefault(process, set()).add(hook.id)
            if hook.id in accepted:
                who = str(hook.data.get("account", "")), str(hook.data["contact"]["phone"]).lstrip("+")
                told.setdefault(who, {})[process] = tuple(str(item) for item in hook.data["answers"].values())
    wrong += [f"{process}: told under {len(names)} ids" for process, names in ids.items() if len(names) > 1]
    for person in run.people:
        heard = Counter(told.get((person.account, person.number), {}).values())
        for answers in (Counter(person.conversations) - heard).elements():
            wrong.append(f"{person.number}: the end of {answers} was never told")
        for answers in (heard - Counter(person.conversations)).elements():
            wrong.append(f"{person.number}: an end {answers} was told that never was")
    wrong += [f"{name}: committed and never accepted" for name in run.committed_hooks - accepted]
    return wrong


def i9_timers_fire_once(run: Evidence) -> list[str]:
    """Each timer was applied at most once, not before its time, and none that a session waits for is missing."""
    wrong = []
    for person in run.people:
        for (name, visit, due), times in Counter(timer[:3] for timer in person.timers).items():
            if times > 1:
                wrong.append(f"{person.number}: {name} of {visit}, due {due}, fired {times} times")
        for name, _, due, at in person.timers:
            if not due <= at <= due + LATEST:
                wrong.append(f"{person.number}: {name} fired {at - due} ms after its time")
        wrong += [f"{person.number}: {one}" for one in person.pending]
    return wrong


def i10_nothing_left(run: Evidence) -> list[str]:
    """Nothing lies anywhere when all is quiet."""
    return [f"{count} left in {where}" for where, count in run.left.items() if count]


def i11_accounts_are_apart(run: Evidence) -> list[str]:
    """Nothing of one account was met by another."""
    return list(run.mixed)


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


def i13_no_secret_is_logged(run: Evidence) -> list[str]:
    """No number, text, token or provider's id (which holds the number) is in any log."""
    return [f"{what}: {times} times in the logs" for what, times in run.shown.items() if times]


def i14_replayed_it_is_the_same(run: Evidence) -> list[str]:
    """A session's events, applied once more to nothing, make the same session."""
    return [f"{one.number}: {one.state} is not {one.again}" for one in run.people if one.state != one.again]


CHECKS: tuple[Callable[[Evidence], list[str]], ...] = (
    i1_nothing_lost,
    i2_nothing_twice,
    i3_in_order,
    i4_every_send_ends,
    i4_nobody_meets_silence,
    i5_few_duplicates,
    i6_sent_in_order,
    i7_no_business_after_opt_out,
    i8_every_end_is_told,
    i9_timers_fire_once,
    i10_nothing_left,
    i11_accounts_are_apart,
    i12_versions_rise_by_one,
    i13_no_secret_is_logged,
    i14_replayed_it_is_the_same,
)


def violations(run: Evidence) -> list[str]:
    """All of them, each with the promise that it breaks."""
    return [f"{check.__name__}: {what}" for check in CHECKS for what in check(run)]
