"""`flowbot show <id>`: what the store knows of a process, a delivery, a message or a contact."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from ..errors import NotFound
from ..library.library import Library
from ..model import codec, ids
from ..model.session import Process, Session
from ..settings import Settings
from ..store import contacts, deliveries, flows, history, inbox, outbox, processes, quarantine, sessions
from ..store.client import Store
from ..wiring import load_library, open_store
from .options import with_settings
from .veil import cover, outline, secrets, sheet, veil

Facts = dict[str, Any]
TURNS = 10  # of a contact's history
SAID = ("text", "footer", "choices", "template")  # of a message in which a sensitive answer may stand


@click.command(name="show")
@click.argument("id")
@click.option("--reveal", is_flag=True, help="With phone numbers, providers' ids and sensitive answers.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--turns", default=TURNS, show_default=True, type=click.IntRange(0, 500), help="How much history.")
@with_settings
def command(settings: Settings, id: str, reveal: bool, as_json: bool, turns: int) -> None:
    """Print what the store knows of ID: a process (pr_…), a message (ms_…), a delivery (dl_…), a contact (c…), or a
    provider's call that could not be read whole (qr_…).
    """
    store = open_store(settings)
    try:
        library = load_library(settings)
        library.fetch = lambda version: store.run(flows.get(version))
        found = look(store, library, id, turns)
    finally:
        store.close()
    secret = found.pop("sensitive", ())
    body = found.pop("body_aside", None)
    shown = found if reveal else veil(cover(found, secret, secrets(found, secret)), secret)
    if body is not None:
        shown["body"] = body.decode("utf-8", "backslashreplace") if reveal else outline(body)
    if as_json:
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(sheet(shown)))


def look(store: Store, library: Library, id: str, turns: int = TURNS) -> Facts:
    """Everything, as plain values; `sensitive` names what to hide. NotFound for what the store does not know."""
    kinds: dict[str, Callable[[], Facts]] = {
        "pr": lambda: _process(store, library, id),
        "ms": lambda: _message(store, id),
        "dl": lambda: _delivery(store, id),
        "qr": lambda: _aside(store, id),
    }
    kind = id.partition("_")[0]
    if kind not in kinds:
        return _contact(store, library, id, turns)
    try:
        partition = ids.split(id)[1]
    except ValueError:
        partition = -1
    if not 0 <= partition < store.partitions:
        raise NotFound(f"{id} is no id of ours")
    return kinds[kind]()


def _process(store: Store, library: Library, id: str) -> Facts:
    record = store.run(processes.get(id))
    if record is None:
        raise NotFound(f"there is no process {id}")
    channel_key, contact = f"{record['account']}/{record['channel']}", record["contact"]["id"]
    partition = ids.partition_of(contact, store.partitions)
    session = store.run(sessions.get(partition, contact, channel_key))
    open_ = _of(session, id)
    secret = _sensitive(library, record["flow"], record["flow_version"] or "", record["answers"])
    secret |= {name.rpartition(".")[2] for name in open_.sensitive} if open_ else set()
    return {**record, "now": _stand(open_) if open_ else None, "sensitive": secret}


def _message(store: Store, id: str) -> Facts:
    record: Facts = dict(store.run(outbox.read(id)))
    if not record:
        raise NotFound(f"there is no message {id}; of one that was sent, the record is kept for 8 days")
    turns = [_turn(word) for word in record.pop("log", "").split()]
    body, private = record.pop("body", ""), record.pop("private", "")
    for name in [name for name in record if name == "at" or name == "expires" or name.endswith("_at")]:
        record[name] = _when(record[name])
    return {
        "id": id,
        **record,
        "log": turns,
        "message": orjson.loads(body) if body else None,
        "sensitive": SAID if private else (),
    }


def _delivery(store: Store, id: str) -> Facts:
    pointer = store.run(deliveries.find(id))
    if pointer is None:
        raise NotFound(f"there is no delivery {id}, or it is older than the 8 days that are kept")
    record: Facts = dict(store.run(deliveries.read(pointer.endpoint, id)))
    for name in ("at", "tried_at"):
        record[name] = _when(record.get(name, ""))
    tries = [line for line in store.run(deliveries.log(pointer.endpoint, count=10_000)) if line.pop("id", "") == id]
    attempts = [{**line, "at": _when(line["at"])} for line in reversed(tries)]
    facts = store.run(deliveries.endpoint(pointer.endpoint))
    about = {"id": id, "endpoint": pointer.endpoint, "type": pointer.type, "hook": pointer.hook}
    return {**about, **record, "tries": attempts, "endpoint_disabled": facts.get("disabled", "")}


def _aside(store: Store, id: str) -> Facts:
    found = store.run(quarantine.find(id))
    if found is None:
        raise NotFound(f"there is no {id}: what could not be read is kept for a day")
    about = {"id": id, "at": _when(found.at), "channel": found.channel, "why": list(found.why), "bytes": found.size}
    return {**about, "body_aside": found.body}


def _contact(store: Store, library: Library, id: str, turns: int) -> Facts:
    partition = ids.partition_of(id, store.partitions)
    contact = store.run(contacts.get(partition, id))
    if contact is None:
        raise NotFound(f"{id} is no id of a process (pr_…), message (ms_…), delivery (dl_…) or contact that is known")
    since = store.run(inbox.stuck(partition)).get(id)
    notices = store.run(contacts.notices(partition, id))
    account = library.project.accounts.get(contact.account)
    found = {
        name: session
        for name in (account.channels if account else ())
        if (session := store.run(sessions.get(partition, id, f"{contact.account}/{name}")))
    }
    return {
        **codec.to_plain(contact),
        "counts": {**contact.counts, **({"broadcasts": notices} if notices else {})},
        "partition": partition,
        "created_at": _when(contact.created_at),
        "last_seen_at": _when(contact.last_seen_at),
        "set_aside_since": _when(since or 0),
        "channels": {name: _session(session) for name, session in found.items()},
        "history": [*_history(store, partition, id, turns)] if turns else [],
        "sensitive": {*contact.sensitive, *(name for flow in library.flows for name in _sensitive(library, flow))},
    }


def _session(session: Session) -> Facts:
    return {
        "version": session.version,
        "last_inbound_at": _when(session.last_inbound_at),
        "process": _stand(session.process) if session.process else None,
        "parked": [process.id for process in session.parked],
    }


def _stand(process: Process) -> Facts:
    """Where an open process stands."""
    return {
        "id": process.id,
        "flow": process.flow,
        "flow_version": process.flow_version,
        "state": process.state,
        "step": process.step,
        "asked_at": _when(process.asked_at),
        "tries": process.tries,
        "answers": codec.to_plain(process.answers),
        "timers": {name: _when(due) for name, due in process.timers.items()},
    }


def _history(store: Store, partition: int, id: str, turns: int) -> Iterator[str]:
    """A line for each thing that happened; what was said is not repeated."""
    for entry in store.run(history.latest(partition, id, turns)):
        body = orjson.loads(entry.body)
        event, outbound = body.get("event", {}), body.get("outbound", {})
        inbound = event.get("inbound", {})
        words = {
            "in": [event.get("k", ""), inbound.get("kind", ""), event.get("name", "")],
            "out": [body.get("id", ""), outbound.get("kind", ""), outbound.get("key", "")],
        }.get(entry.kind, [body.get("step", ""), body.get("what", ""), body.get("detail", "")])
        yield " ".join([_when(entry.at), f"{entry.kind:<5}", *(str(word) for word in words if word)])


def _of(session: Session | None, id: str) -> Process | None:
    opened = (session.process, *session.parked) if session else ()
    return next((process for process in opened if process is not None and process.id == id), None)


def _sensitive(library: Library, flow: str, version: str = "", answers: Collection[str] = ()) -> set[str]:
    """The names under which a flow's sensitive answers lie, among the answers and the contact's fields.

    When the version is not known any more, all `answers` but those that the newest one does not hide.
    """
    try:
        steps = library.flow(flow, version).steps.values()
    except NotFound:
        newest = library.flows.get(flow)
        open_ = {step.save for step in newest.steps.values() if not step.sensitive} if newest else set()
        return {name for name in answers if name not in open_}
    return {name for step in steps if step.sensitive for name in (step.id, step.save, step.contact_field) if name}


def _turn(word: str) -> str:
    state, _, at = word.partition("@")
    return f"{_when(at)} {state}"


def _when(ms: int | str) -> str:
    """A moment, readable; "" for none."""
    try:
        moment = int(ms)
    except ValueError:
        return ""
    if not moment:
        return ""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
