"""Carrying a plan out: the versions first, then the pointers, then, if wished, a word to all who are on the way.

Each part may be repeated: a crash between them leaves what was published published, and the same command again finds
who has not heard of it yet.
"""

from __future__ import annotations

from itertools import islice

from ..engine.flow import Flow
from ..errors import Conflict
from ..model import event, ids
from ..model.event import VersionPublished
from ..model.project import Account
from ..store import flows, inbox, publications
from ..store.call import Call
from ..store.client import Store
from .plan import Plan, check, real_channels
from .standing import Pair, sessions_on, versions_stood_on

PAGE = 500  # contacts that are told at a time


def publish(store: Store, plan: Plan, *, who: str, why: str = "", nonce: str) -> int:
    """The publication's number; 0 when the plan changes nothing.

    InvalidRequest when something speaks against the plan, Conflict when somebody else has published since it was made.
    """
    check(plan)
    if not plan.changes:
        return 0
    new = [one.new for one in plan.flows if one.new is not None and one.changed]
    now = store.now()
    store.run(publications.note_publisher(plan.account))
    for flow in new:
        store.all(flows.keep(flow.version, flow.bundle(), now))
    made = store.run(
        publications.publish(
            plan.account, plan.changes, seen=plan.seen, nonce=nonce, at=now, who=who, why=why, undoes=plan.undoes
        )
    )
    if made is None:
        raise Conflict("somebody else has published in the meantime: look at the plan again")
    return made


def carry(store: Store, account: Account, flow: Flow) -> int:
    """Ask all who stand on another version of the flow to go on with this one: how many sessions were told.

    Whoever is told twice has gone on already. What becomes of each is `engine.carry`'s to say.
    """
    channels, told = real_channels(account), 0
    for version, old in versions_stood_on(store).items():
        if old.id != flow.id or version == flow.version:
            continue
        pairs = (pair for pair, _ in sessions_on(store, version, channels))
        while page := list(islice(pairs, PAGE)):
            now = store.now()
            store.all([_tell(store, pair, flow, version, now) for pair in page])
            told += len(page)
    return told


def _tell(store: Store, pair: Pair, flow: Flow, old: str, now: int) -> Call[bool]:
    contact_id, channel_key = pair
    partition = ids.partition_of(contact_id, store.partitions)
    asked = VersionPublished(nonce=f"{old}.{now}", flow=flow.id, version=flow.version)
    body, mark = event.to_bytes(asked), f"{asked.id}|{contact_id}"
    return inbox.push(partition, contact_id, channel_key, body, dedupe_id=mark, at_ms=0, now=now)
