"""Taking an audience in: all of it is looked at before any of it counts, in pieces, so that a million fit."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..model.broadcast import MOST, Broadcast, Recipient
from ..model.contact import Identity
from ..model.project import Account
from ..model.template import Template
from ..store import broadcasts, groups, identity
from ..store.client import Store
from .audience import Bad, Row, Sheet, pointer
from .pace import Pace
from .recipients import Reader, without

LOOKED_AT = 50  # rows at a time
REST = 0.5  # of the time that they take: the same web has others to answer
TOLD = 10_000  # mistakes that are listed


@dataclass(slots=True)
class Taken:
    """What an audience came to."""

    total: int = 0  # recipients, each counted once
    duplicates: int = 0
    bad: list[Bad] = field(default_factory=list)
    more: int = 0  # bad rows that are not listed

    def note(self, bad: Bad) -> None:
        if len(self.bad) < TOLD:
            self.bad.append(bad)
        else:
            self.more += 1

    def mistakes(self) -> list[Bad]:
        """Each bad row, as many as are listed."""
        return [*self.bad, Bad("", f"and {self.more} more rows")] if self.more else list(self.bad)


class Intake:
    """One upload of a broadcast's audience, under a name of its own until `accept`."""

    def __init__(self, store: Store, broadcast: Broadcast, upload: str) -> None:
        self._store = store
        self._broadcast = broadcast
        self._upload = upload
        self._waiting: list[Recipient] = []  # for the chunk that is not full yet

    def rows(
        self, rows: Iterable[Row | Bad], account: Account, template: Template, sheet: Sheet | None = None
    ) -> Taken:
        """Written rows, a file's where there is a `sheet`. What they lack for everybody is a mistake of the whole."""
        taken, reader, pace = Taken(), Reader(account, template, sheet), Pace(REST)
        for batch in _batches(self._read(rows, reader, taken), LOOKED_AT):
            who = [(account.name, one[0]) for one in batch]
            found = zip(identity.resolve_many(self._store, who, remember=False), batch, strict=True)
            self._keep(
                [
                    Recipient(contact_id=id, to=one.number or one.bsuid, params=params, fields=fields)
                    for id, (one, params, fields) in found
                ],
                taken,
            )
            _rest(pace)
        self._append(last=True)
        for name in without(template, self._broadcast.params, reader.given) if taken.total else ():
            taken.note(lacking(name, "neither here, nor for any recipient"))
        return taken

    def group(self, account: Account, template: Template) -> Taken:
        """The members of the broadcast's group, as they are now."""
        taken = Taken()
        members = groups.walk(self._store, account.name, self._broadcast.group)
        pace = Pace(REST)
        for batch in _batches(members, LOOKED_AT):
            self._keep([Recipient(contact_id=id) for id in batch], taken)
            _rest(pace)
        self._append(last=True)
        for name in without(template, self._broadcast.params, set()):
            taken.note(lacking(name, "and a group's members bring none"))
        return taken

    def accept(self, taken: Taken, print_: str = "") -> str:
        """It runs from now on; the state that it was in, `draft` when this was what changed it.

        By its `print_` the same audience is known when it comes again.
        """
        id = self._broadcast.id
        self._store.run(broadcasts.activate(id))  # before: whoever looks and finds nothing to do looks again
        counted = {"total": taken.total, "duplicates": taken.duplicates}
        return self._store.run(broadcasts.accept(id, self._upload, print_=print_, **counted))

    def discard(self) -> None:
        self._store.run(broadcasts.discard(self._broadcast.id, self._upload))

    def _read(
        self, rows: Iterable[Row | Bad], reader: Reader, taken: Taken
    ) -> Iterator[tuple[Identity, dict[str, Any], dict[str, Any]]]:
        for row in rows:
            found = row if isinstance(row, Bad) else reader.read(row)
            if isinstance(found, Bad):
                taken.note(found)
            elif not taken.bad:
                yield found

    def _keep(self, recipients: list[Recipient], taken: Taken) -> None:
        seen = self._store.run(
            broadcasts.seen(self._broadcast.id, self._upload, [one.contact_id for one in recipients])
        )
        fresh = [one for one, known in zip(recipients, seen, strict=True) if not known]
        taken.duplicates += len(recipients) - len(fresh)
        taken.total += len(fresh)
        if taken.total > MOST:
            taken.note(Bad("", f"more than {MOST:,} recipients: make several broadcasts of them"))
            self._waiting = []
        else:
            self._waiting += fresh
            self._append()

    def _append(self, last: bool = False) -> None:
        """The chunks that are full; the last one as it is."""
        size = broadcasts.CHUNK
        while len(self._waiting) >= (1 if last else size):
            chunk, self._waiting = self._waiting[:size], self._waiting[size:]
            self._store.run(broadcasts.append(self._broadcast.id, self._upload, chunk))


def _rest(pace: Pace) -> None:
    pause = pace.due()
    time.sleep(pause)  # also when it is 0: gevent answers others then
    if pause:
        pace.begin()


def lacking(name: str, why: str) -> Bad:
    return Bad(pointer("template", "params", name), f"'{name}' has no value, {why}")


def _batches(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(islice(items, size)):
        yield batch
