"""What goes to many, or again and again: one worker looks after each account's, a bounded piece of work at a time.

A run is taken in one script with the schedule's next time; what it means for each contact goes into that contact's own
inbox, under an id made of run and contact. So a crash anywhere repeats a little, and nobody gets it twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from ..engine.answers.phone import parse
from ..engine.rules import Rule, next_run
from ..engine.rules.names import names
from ..engine.timezone import zone
from ..errors import FlowbotError, StoreError
from ..library.library import Library
from ..library.live import Live
from ..library.recurrence import every_of
from ..model import codec, event, ids
from ..model.contact import Contact, Identity
from ..model.event import Event
from ..model.plan import Plan, plan_id
from ..model.planning import PlanOrdered, RuleMet, RulesChanged
from ..model.project import Account
from ..model.quick import replace
from ..model.schedule import Run, Schedule
from ..store import group_sends, identity, inbox, schedules, sessions
from ..store.client import Store
from .audience import page

EVERY, CROWDED = 1.0, 0.05  # seconds between two looks at an account; and while a run waits for room
PIECE, LEAST = 100, 0.25  # accounts that are looked at in one go, and seconds until the next ones: turns run in between
SLICE = 200  # contacts of one run in one piece
ROOM = 50  # events of an account that may wait in a partition before a run goes on: replies come first
RULE, DAYS = "rule:", "days:"
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Round:
    """The accounts that a worker looks after, each in its turn: there may be thousands."""

    library: Library | None = None
    held: frozenset[int] = frozenset()
    mine: dict[str, Account] = field(default_factory=dict)
    left: list[Account] = field(default_factory=list)  # that had no turn yet in this round, the next one last

    def of(self, library: Library, held: Collection[int], partitions: int) -> dict[str, Account]:
        """Those whose own partition is among `held`; counted anew only when there may be others."""
        ours = frozenset(held)
        if library is not self.library or self.held != ours:
            self.library, self.held, self.left = library, ours, []
            accounts = library.project.accounts.items()
            self.mine = {name: one for name, one in accounts if ids.partition_of(name, partitions) in self.held}
        return self.mine

    def turn(self, count: int) -> list[Account]:
        """The next ones."""
        if not self.left:
            self.left = list(self.mine.values())[::-1]
        taken, self.left = self.left[-count:], self.left[:-count]
        return taken


@dataclass(slots=True, kw_only=True)
class Schedules:
    """Of the accounts that this worker looks after: those whose own partition it holds."""

    store: Store
    next_look: float = 0.0  # monotonic seconds
    next_turn: float = 0.0  # the same, of the next accounts in the round
    known: dict[str, object] = field(default_factory=dict)  # account -> the library that its rules were taken from
    busy: set[str] = field(default_factory=set)  # accounts with a run under way
    _round: Round = field(default_factory=Round)

    def tick(self, live: Live, held: Collection[int], now: int) -> None:
        """One piece of work: each account about once a second, more often while a run of it is under way."""
        clock = time.monotonic()
        if clock < self.next_look:
            return
        turn: list[Account] = []
        mine = self._round.of(live.library, held, self.store.partitions)
        if clock >= self.next_turn:
            turn = self._round.turn(PIECE)
            self.next_turn = clock + max(LEAST, EVERY * len(turn) / max(1, len(mine)))
            self.known = {name: seen for name, seen in self.known.items() if name in mine}
            self._learn_all(live, turn, now)
            for account, due in zip(turn, self.store.all([schedules.due(one.name, now) for one in turn]), strict=True):
                for id, at in due:
                    self._try(account, id, self._begin, live, account, id, at, now)
        busy = {name: mine[name] for name in self.busy if name in mine}
        moved = self._go_on_all(live, busy | {one.name: one for one in turn})
        soon = 0.0 if moved else CROWDED if self.busy else EVERY
        self.next_look = min(time.monotonic() + soon, self.next_turn)

    def _go_on_all(self, live: Live, accounts: Mapping[str, Account]) -> bool:
        """A piece of each run that is under way in them; whether any moved."""
        moved, self.busy = False, set()
        found = self.store.all([schedules.runs(name) for name in accounts])
        for account, runs in zip(accounts.values(), found, strict=True):
            for id, record in runs.items():
                self.busy.add(account.name)
                moved = self._try(account, id, self._go_on, live, account, record) or moved
        return moved

    def _try(self, account: Account, id: str, work: Callable[..., bool | None], *args: Any) -> bool:
        """Whatever is wrong with one stays with it: the others have their time. It is tried again at the next look."""
        try:
            return bool(work(*args))
        except StoreError:
            raise
        except Exception as error:
            code = error.code if isinstance(error, FlowbotError) else type(error).__name__
            logger.exception("schedule.failed", extra={"account": account.name, "schedule": id, "code": code})
            return False

    # -- when

    def _learn_all(self, live: Live, accounts: Sequence[Account], now: int) -> None:
        """Of those whose rules may be others than they were."""
        fresh = [one for one in accounts if self.known.get(one.name) is not live.library]
        for account, found in zip(fresh, self.store.all([schedules.planned(one.name) for one in fresh]), strict=True):
            self._learn(live, account, dict(found), now)
            self.known[account.name] = live.library

    def _learn(self, live: Live, account: Account, planned: dict[str, int], now: int) -> None:
        """The project's own recurring rules have their next times; those that are gone, or others now, have none."""
        wanted: dict[str, int] = {}
        for rule in live.library.rules(account.name):
            following = next_run(rule.every, now, _zone(rule, account)) if rule.every else None
            if rule.every and following is not None:
                wanted[_name(rule)] = following
        gone = [id for id in planned if id.startswith(RULE) and id not in wanted]
        if gone:
            self.store.run(schedules.drop(account.name, *gone))
        for id, at in wanted.items():
            self.store.run(schedules.plan(account.name, id, at))
        self._learn_days(live, account, planned, now)

    def _learn_days(self, live: Live, account: Account, planned: dict[str, int], now: int) -> None:
        """Rules by a contact's own days: when they are others, all contacts' plans are made anew, once."""
        rules = [rule.meaning for rule in live.library.rules(account.name) if rule.date is not None]
        mark = DAYS + ids.digest(*rules) if rules else ""
        old = [id for id in planned if id.startswith(DAYS)]
        if old == ([mark] if mark else []):
            return
        run = Run(id=ids.digest(account.name, mark, now), at=now, everybody=True)
        self.store.run(schedules.start(account.name, run.id, codec.encode(run)))
        if old:
            self.store.run(schedules.drop(account.name, *old))
        if mark:  # only a mark: it never comes due
            self.store.run(schedules.plan(account.name, mark, 2**52))

    def _begin(self, live: Live, account: Account, id: str, at: int, now: int) -> None:
        if id.startswith(RULE):
            self._begin_rule(live, account, id, at, now)
            return
        raw = self.store.run(schedules.get(account.name, id))
        if raw is None:
            self.store.run(schedules.drop(account.name, id))
            return
        one = codec.decode(Schedule, raw)
        rule = every_of(one.every) if one.every else None
        following = next_run(rule, now, zone(str(one.every.get("timezone", "")), account.timezone)) if rule else None
        run = Run(
            id=_run(id, at),
            at=at,
            schedule=id,
            group=one.group,
            to=one.to,
            channel=one.channel,
            send=one.send,
            authorized=one.authorized,
        )
        state = "scheduled" if following is not None else "executed"
        changed = replace(one, state=state, last_run_at=at, runs=one.runs + 1)
        self._take(account, id, at, following, run, codec.encode(changed))

    def _begin_rule(self, live: Live, account: Account, id: str, at: int, now: int) -> None:
        rule = next((one for one in live.library.rules(account.name) if _name(one) == id), None)
        if rule is None or rule.every is None:
            self.store.run(schedules.drop(account.name, id))
            return
        following = next_run(rule.every, now, _zone(rule, account))
        run = Run(
            id=_run(id, at),
            at=at,
            rule=rule.name,
            group=rule.to.group,
            to="" if rule.to.group else _number(rule, account, now),
            channel=rule.channel,
            entity=f"every:{at}",
        )
        self._take(account, id, at, following, run if now - at <= rule.max_age else None)

    def _take(
        self, account: Account, id: str, at: int, following: int | None, run: Run | None, record: bytes | None = None
    ) -> None:
        what = codec.encode(run) if run else b""
        if self.store.run(schedules.take(account.name, id, at, following, run.id if run else "", what, record)):
            logger.info("schedule.due", extra={"account": account.name, "schedule": id})

    # -- to whom

    def _go_on(self, live: Live, account: Account, record: bytes) -> bool:
        """The next piece of a run; False while it has to wait."""
        run = codec.decode(Run, record)
        if run.to:
            self._give(live, account, run, [identity.resolve(self.store, account.name, _identity(run.to))])
            self.store.run(schedules.finish(account.name, run.id))
            return True
        if not (run.group or run.everybody):
            self.store.run(schedules.finish(account.name, run.id))
            return True
        if self._crowded(account.name):
            return False
        found = page(self.store, account.name, run.group, run.after, SLICE)
        self._give(live, account, run, found.items)
        if found.next is None:
            if run.group and not run.gone:
                self.store.all(group_sends.note(replace(run, reached=run.reached + len(found.items)), account.name))
            self.store.run(schedules.finish(account.name, run.id))
            logger.info("schedule.done", extra={"account": account.name, "count": run.reached + len(found.items)})
            return True
        moved = replace(run, after=found.next, reached=run.reached + len(found.items))
        self.store.run(schedules.advance(account.name, run.id, codec.encode(moved)))
        return True

    def _crowded(self, account: str) -> bool:
        calls = [inbox.waiting(partition, account) for partition in range(self.store.partitions)]
        return any(isinstance(count, int) and count > ROOM for count in self.store.run_all(calls))

    def _give(self, live: Live, account: Account, run: Run, people: list[str]) -> None:
        """Into each contact's own inbox; what is there already stays alone."""
        sealed = live.keeps_secrets(account.name)
        calls = []
        for contact_id, channel in self._channels(account, run, people):
            what = _told(run, contact_id)
            partition = ids.partition_of(contact_id, self.store.partitions)
            calls.append(
                inbox.push(
                    partition,
                    contact_id,
                    channel,
                    event.to_bytes(what),
                    dedupe_id=what.id,
                    at_ms=0,
                    sealed=sealed or bool(run.subject),
                )
            )
        self.store.all(calls)

    def _channels(self, account: Account, run: Run, people: list[str]) -> list[tuple[str, str]]:
        """Of each the channel that it last wrote on, else the account's first."""
        named = [run.channel] if run.channel in account.channels else list(account.channels)
        if not named:
            return []
        if len(named) == 1:
            return [(one, f"{account.name}/{named[0]}") for one in people]
        pairs = [(one, f"{account.name}/{name}") for one in people for name in named]
        best: dict[str, tuple[int, str]] = {}
        for (one, key), found in zip(pairs, sessions.read(self.store, pairs), strict=True):
            heard = found[0].last_inbound_at if isinstance(found, tuple) and found[0] is not None else 0
            if one not in best or heard > best[one][0]:
                best[one] = (heard, key)
        return [(one, best[one][1]) for one in people]


def _told(run: Run, contact_id: str) -> Event:
    """What a run means for one contact."""
    nonce = f"{run.id}/{contact_id}"
    if run.everybody:
        return RulesChanged(nonce=nonce)
    to = _identity(run.to) if run.to else None
    if run.schedule:
        return PlanOrdered(
            nonce=nonce, plan=plan_id(run.id), at=run.at, send=run.send, authorized=run.authorized, to=to
        )
    return RuleMet(
        nonce=nonce,
        rule=run.rule,
        entity=run.entity,
        event=run.event,
        subject=run.subject,
        at=run.at,
        authorized=run.authorized,
        about=run.about,
        gone=run.gone,
        to=to,
    )


def begin(store: Store, account: str, met: RuleMet, channel: str) -> None:
    """The time of a group has come: the same again begins nothing."""
    run = Run(
        id=ids.digest(met.nonce),
        at=met.at,
        rule=met.rule,
        group=met.group,
        channel=channel,
        entity=met.entity,
        event=met.event,
        subject=met.subject,
        authorized=met.authorized,
        about=met.about,
        gone=met.gone,
    )
    store.run(schedules.start(account, run.id, codec.encode(run)))


def withdraw(store: Store, account: str, plan: Plan, about: str, now: int) -> None:
    """Whoever of a group has it still before him, because of somebody who is forgotten, loses it."""
    run = Run(
        id=ids.digest("gone", about, plan.id, plan.at),
        at=now,
        rule=plan.rule,
        group=plan.group,
        entity=plan.entity,
        about=about,
        gone=True,
    )
    store.run(schedules.start(account, run.id, codec.encode(run)))


def _run(id: str, at: int) -> str:
    return ids.digest(id, at)


def _name(rule: Rule) -> str:
    return f"{RULE}{rule.name}#{rule.meaning}"


def _zone(rule: Rule, account: Account) -> tzinfo:
    return zone(rule.timezone, account.timezone)


def _number(rule: Rule, account: Account, now: int) -> str:
    assert rule.to.number is not None
    nobody = Contact(id="", account=account.name)
    given = rule.to.number(names(nobody, account, "", now, event={}, subject={}))
    return parse(str(given or ""), account.default_country).removeprefix("+")


def _identity(told: str) -> Identity:
    return Identity(number=told) if told.isdigit() else Identity(bsuid=told)
