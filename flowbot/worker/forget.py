"""A contact is forgotten: all that is kept of it goes, in its turn among the contact's events, and clients hear of it.

What waits of hooks about it is not sent any more: it would put into a client's systems what the client has just had
erased. In its place each open process ends as failed, with nothing said in it, and `contact.forgotten` says who it was
by the id alone: whoever was told things about the contact learns that they are to go there too (GDPR Art. 19, LGPD
Art. 18 § 6). Whoever opted out stays out: that, and the hashes that lead to it, are kept.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from ..engine.introduction import new_session
from ..engine.life import process_data
from ..engine.rules.kept import recent
from ..errors import ParseError
from ..library.live import Live
from ..model import codec, event, ids
from ..model.contact import Contact, Identity
from ..model.hook import Hook
from ..model.order import ContactForgotten
from ..model.plan import MADE, awaits
from ..model.planning import RuleMet
from ..model.project import Account
from ..model.session import Process, Session, processes
from ..store import (
    attempts,
    contacts,
    forgetting,
    hooks,
    identity,
    inbox,
    keys,
    ledger,
    listing,
    quarantine,
    sessions,
    timers,
)
from ..store.client import Store
from ..store.forgetting import Erasure, Gone
from .arrival import Arrival
from .footing import moved
from .schedules import withdraw

WAITING = 10_000  # events for clients that are looked through: what is not addressed yet
logger = logging.getLogger(__name__)


def forget(store: Store, live: Live, arrival: Arrival, what: ContactForgotten) -> str:
    """ok · fenced · gone · stale, as a commit; done again after it went half-way, it does the rest."""
    place, contact_id = arrival.place, arrival.contact_id
    account = live.account(arrival.channel_key.partition("/")[0])
    stands, contact = _stands(store, place.partition, contact_id, account)
    out = store.run(contacts.opted_out(place.partition, contact_id))
    proofs = ledger.proofs(store.run(ledger.read(place.partition, contact_id)), out)
    names = identity.names_of(contact) if contact else []
    if not out:  # else they lead to what says so
        identity.forget(store, account.name, contact_id, names)
    _others(store, account, contact, place.now)
    _attempts(store, live, account, contact_id)
    _aside(store, account, [name[2:].encode() for name in names])
    erasure = _erasure(store, arrival, account, contact, stands, proofs, what)
    where = keys.inbox(place.partition, arrival.channel_key)
    call = forgetting.erase(place.partition, where, place.owner, place.epoch, place.entry_id, place.now, erasure)
    word = store.run(call)
    if word == "ok":
        extra = {"contact": contact_id, "account": account.name, "count": len(stands)}
        logger.info("contact.forgotten", extra=extra)
    return word


def _stands(
    store: Store, partition: int, contact_id: str, account: Account
) -> tuple[dict[str, Session], Contact | None]:
    """Where it stands on every channel; what cannot be read is erased all the same."""
    pairs = [(contact_id, channel.key) for channel in account.channels.values()]
    found: dict[str, Session] = {}
    contact = None
    for (_, key), one in zip(pairs, store.run(sessions.load(partition, pairs)) if pairs else (), strict=True):
        if isinstance(one, ParseError):
            continue
        contact = one[1] or contact
        if one[0] is not None:
            found[key] = one[0]
    return found, contact


def _erasure(
    store: Store,
    arrival: Arrival,
    account: Account,
    contact: Contact | None,
    stands: dict[str, Session],
    proofs: Sequence[tuple[str, bytes]],
    what: ContactForgotten,
) -> Erasure:
    place, contact_id = arrival.place, arrival.contact_id
    versions: Counter[str] = Counter()
    for key, session in stands.items():
        versions.update({name: -count for name, count in moved(session, new_session(key, contact_id)).counts.items()})
    held = [(key, process) for key, session in stands.items() for process in processes(session)]
    tellers = {one.reply_to for one in stands.values()}
    if contact:
        tellers |= {contact.number, contact.reply_to, contact.bsuid}
    told = contact or Contact(id=contact_id, account=account.name)
    channels = {one.key: str(stands[one.key].version if one.key in stands else 0) for one in account.channels.values()}
    return Erasure(
        contact=contact_id,
        account=account.name,
        channels=channels,
        versions=versions,
        timers=sorted(store.run(timers.of_contact(place.partition, contact_id))),
        calls=[call for _, process in held for call in process.calls],
        tellers=sorted(tellers - {""}),
        waiting=_waiting(store, place.partition, contact_id),
        listed=store.run(listing.entries(place.partition, "c", account.name, contact_id, told.created_at)),
        awaits=list(awaits(place.partition, told.id, told.plans)),
        proofs=proofs,
        hooks=_told(told, stands, place.partition, place.now, what),
        gone=Gone(
            contact=contact_id,
            account=account.name,
            until=place.now + max((session.skew for session in stands.values()), default=0),
            channels=tuple(channels),
            by=what.by,
        ),
    )


def _told(
    contact: Contact, stands: dict[str, Session], partition: int, now: int, what: ContactForgotten
) -> list[tuple[str, str, bytes]]:
    """The end of each open process without a word of what was said in it, then the contact's."""
    bare = Contact(id=contact.id, account=contact.account)
    data = []
    for key, session in stands.items():
        for process in (session.process, *session.parked):
            if process is not None:
                ended = Process(
                    id=process.id,
                    flow=process.flow,
                    flow_version=process.flow_version,
                    state="failed",
                    started_at=process.started_at,
                )
                told = process_data(ended, bare, contact.account, key.partition("/")[2])
                data.append(("process.failed", {**told, "reason": "forgotten"}))
    closed = [one["process_id"] for _, one in data]
    data.append(("contact.forgotten", {"account": contact.account, "contact": {"id": contact.id}, "processes": closed}))
    found = []
    for number, (kind, said) in enumerate(data, 1):
        name = ids.make("ev", partition, contact.id, what.id, number)
        said["sequence"] = contact.sequence + number
        hook = Hook(id=name, type=kind, account=contact.account, contact_id=contact.id, at=now, data=said)
        found.append((name, kind, codec.encode(hook)))
    return found


def _waiting(store: Store, partition: int, contact_id: str) -> list[str]:
    """The entries of events about it that no endpoint has been given yet."""
    found = []
    for entry in store.run(hooks.read(partition, count=WAITING)):
        try:
            hook = codec.decode(Hook, store.ring.open(entry.body))
        except ParseError:
            continue
        if hook.contact_id == contact_id:
            found.append(entry.entry)
    return found


def _others(store: Store, account: Account, contact: Contact | None, now: int) -> None:
    """Who else is to be sent something because of an event about it, and holds what the event told until then."""
    if contact is None:
        return
    for plan in contact.plans:
        if plan.state == MADE and plan.to:
            to = Identity(number=plan.to) if plan.to.isdigit() else Identity(bsuid=plan.to)
            other = identity.known(store, account.name, to)
            gone = RuleMet(nonce=f"{contact.id}/{plan.id}/gone", rule=plan.rule, entity=plan.entity, gone=True)
            if other:
                place = ids.partition_of(other, store.partitions)
                key = next(iter(account.channels.values())).key
                store.run(inbox.push(place, other, key, event.to_bytes(gone), dedupe_id=gone.id, at_ms=0))
        elif recent(plan, now):
            withdraw(store, account.name, plan, contact.id, now)


def _attempts(store: Store, live: Live, account: Account, contact_id: str) -> None:
    """How often it started what may not be started as often as one likes; what is counted by the client's own account
    is hashes alone.
    """
    flows = {flow.id for flow in live.library.flows.values() if flow.settings.attempts is not None}
    flows |= set(live.published(account.name) or ())
    store.all([attempts.forget(ids.digest(account.name, flow, f"c:{contact_id}")) for flow in sorted(flows)])


def _aside(store: Store, account: Account, names: Sequence[bytes]) -> None:
    """Providers' calls that could not be read whole, and hold an id of the contact's."""
    for channel in account.channels.values():
        kept = store.run(quarantine.latest(channel.key, 0))
        for id, body in zip(kept, store.all([quarantine.find(id) for id in kept]), strict=True):
            if body is not None and any(one in body.body for one in names):
                store.all(quarantine.drop(id, channel.key))
