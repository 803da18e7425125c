"""What a process looks like to the client whose account it is of: the same object as a hook's `data`."""

from __future__ import annotations

from typing import Any

from ..engine.life import process_data
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


def _as_it_stands(store: Store, record: Record) -> Record | None:
    """None when the session has no such process: not yet, or no longer."""
    account, channel, contact_id = record["account"], record["channel"], record["contact"]["id"]
    partition = ids.partition_of(contact_id, store.partitions)
    (pair,) = store.run(sessions.load(partition, [(contact_id, f"{account}/{channel}")]))
    if isinstance(pair, ParseError):
        return None
    session, contact = pair
    if session is None or contact is None:
        return None
    for process in (session.process, *session.parked):
        if process is not None and process.id == record["process_id"]:
            return process_data(process, contact, account, channel)
    return None


def not_begun(process: Process, contact: Contact, account: str, channel: str) -> Record:
    """The record of a process before its first turn."""
    return {**process_data(process, contact, account, channel), "flow_version": None, "started_at": None}
