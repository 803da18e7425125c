"""What a process looks like to the client whose account it is of: the same object as a hook's `data`."""

from __future__ import annotations

from typing import Any

from ..engine.life import process_data, root
from ..errors import NotFound, ParseError
from ..model import ids
from ..model.contact import Contact
from ..model.session import Process
from ..store import processes, sessions
from ..store.client import Store

Record = dict[str, Any]


def find(store: Store, account: str, process_id: str) -> Record:
    """As it stands now; of an open one, with the answers so far. NotFound also for another account's."""
    found = store.run(processes.get(process_id))
    if found is None or found.get("account") != account:
        raise NotFound("There is no such process.")
    if found.get("status") != "pending":
        return found
    # its record tells of its beginning; where it stands is the session's to say, and nothing is written twice
    open_ = _as_it_stands(store, found)
    return open_ or store.run(processes.get(process_id)) or found


def handed_off(store: Store, record: Record) -> Process | None:
    """The process, or its part that stands at the handoff; None when no person has the conversation."""
    session, _ = _standing(store, record)
    process = session.process if session is not None else None
    if process is None or process.id != record["process_id"] or process.state != "handed_off":
        return None
    return process


def parked(store: Store, record: Record) -> Process | None:
    """The process, or its part that waits; None when it stands at no wait, or that is over already."""
    session, _ = _standing(store, record)
    for process in session.parked if session is not None else ():
        if process.id == record["process_id"] and process.state == "parked" and not process.woken:
            return process
    return None


def _as_it_stands(store: Store, record: Record) -> Record | None:
    """None when the session has no such process: not yet, or no longer."""
    session, contact = _standing(store, record)
    if session is None or contact is None:
        return None
    for process in (session.process, *session.parked):
        if process is not None and process.id == record["process_id"]:
            return process_data(root(process), contact, record["account"], record["channel"])
    return None


def _standing(store: Store, record: Record) -> sessions.Records:
    contact_id, key = record["contact"]["id"], f"{record['account']}/{record['channel']}"
    (pair,) = store.run(sessions.load(ids.partition_of(contact_id, store.partitions), [(contact_id, key)]))
    return (None, None) if isinstance(pair, ParseError) else pair


def not_begun(process: Process, contact: Contact, account: str, channel: str) -> Record:
    """The record of a process before its first turn."""
    return {**process_data(process, contact, account, channel), "flow_version": None, "started_at": None}
