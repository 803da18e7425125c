"""`flowbot show` on a store in which something happened."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.cli.veil import cover, secrets
from flowbot.engine.life import process_data
from flowbot.errors import NotFound
from flowbot.model import codec, ids
from flowbot.model.contact import Contact
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.session import Process, Session
from flowbot.store import hooks, keys, outbox, turns
from flowbot.store.call import command
from flowbot.store.client import Store, connect
from flowbot.store.scripts import fcall
from flowbot.store.sealing import Ring

YAML = """
accounts:
  acme:
    languages: [en]
    channels: {main: {gateway: simulator}}
"""
FLOW = """
start: {api: true}
steps:
  pin: {ask: Your PIN?, sensitive: true, save: contact.code}
  city: {ask: Your city?}
  end: {say: Bye, succeed: {}}
"""
NUMBER, PIN = "15550100077", "fox-blue"


@pytest.fixture
def ask(tmp_path: Path, store: Store, store_url: str) -> Any:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(YAML)
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW)
    environ = {"FLOWBOT_PROJECT": str(tmp_path), "FLOWBOT_REDIS_URL": store_url}
    return lambda *arguments, **more: CliRunner().invoke(program, ["show", *arguments], obj={**environ, **more})


@pytest.fixture
def known(store: Store) -> dict[str, str]:
    """A contact with an open process, a message that was sent, and a delivery."""
    contact_id = ids.contact_id(store.salt, "acme", NUMBER)
    partition = ids.partition_of(contact_id, store.partitions)
    process = Process(
        id=ids.make("pr", partition, "x"),
        flow="demo",
        flow_version="v",
        step="city",
        started_at=1_763_730_000_000,
        answers={"pin": PIN, "city": "Cali"},
    )
    contact = Contact(id=contact_id, account="acme", number=NUMBER, reply_to=NUMBER, fields={"code": PIN})
    session = Session(account="acme", channel="main", contact_id=contact_id, version=1, process=process)
    for name, blob in {
        keys.contact(partition, contact_id): codec.encode(contact),
        keys.session(partition, contact_id, "acme/main"): b"1\n" + codec.encode(session),
        keys.process(partition, process.id): orjson.dumps(process_data(process, contact, "acme", "main")),
    }.items():
        store.run(command("SET", name, blob, read=bool))
    message = OutboxEntry(
        id=ids.make("ms", partition, "x"),
        account="acme",
        channel="main",
        contact_id=contact_id,
        to=NUMBER,
        outbound=Outbound(text=f"call {NUMBER}"),
    )
    store.run(outbox.push(partition, [message]))
    delivery = hooks.delivery_id(partition, "ev_1", "acme/crm")
    store.run(hooks.point(partition, delivery, "acme/crm", "ev_1", "process.started"))
    store.run(hooks.address("acme/crm", delivery, "ev_1", partition, "process.started"))
    (taken,) = store.run(hooks.claim("acme/crm", "u", count=1)).taken
    store.run(hooks.record("acme/crm", taken, "again", wait=5000, status=500, ms=3, error="HTTP 500"))
    return {"contact": contact_id, "process": process.id, "message": message.id, "delivery": delivery}


SAYS = {
    "contact": ["step      city", "city  Cali", "account"],
    "process": ["status        pending", "started_at", "city  Cali"],
    "message": ["state    queued", "contact", "message"],
    "delivery": ["endpoint   acme/crm", "HTTP 500", "attempts   1"],
}


@pytest.mark.parametrize("what", SAYS)
def test_what_is_known_is_shown_and_nobody_given_away(ask: Any, known: dict[str, str], what: str) -> None:
    said = ask(known[what])
    assert said.exit_code == 0, said.output
    assert known[what] in said.output
    words = " ".join(said.output.split())
    assert all(" ".join(word.split()) in words for word in SAYS[what]), said.output
    assert NUMBER not in said.output and PIN not in said.output


def test_revealed_and_as_json(ask: Any, known: dict[str, str]) -> None:
    said = orjson.loads(ask(known["contact"], "--reveal", "--json").output)
    assert (said["number"], said["fields"]["code"]) == (NUMBER, PIN)
    assert said["channels"]["main"]["process"]["answers"]["pin"] == PIN
    hidden = orjson.loads(ask(known["process"], "--json").output)
    assert hidden["answers"] == {"pin": "•••", "city": "Cali"} and hidden["contact"]["phone"] == "•••"
    assert "sensitive" not in hidden


def test_copies_of_what_is_sensitive_are_hidden_too() -> None:
    known = {"answers": {"pin": PIN, "sure": True}, "result": {"code": PIN, "list": [PIN, "Cali"]}, "note": "true"}
    names = ["pin", "sure"]
    assert cover(known, names, secrets(known, names)) == {
        "answers": {"pin": "•••", "sure": "•••"},
        "result": {"code": "•••", "list": ["•••", "Cali"]},
        "note": "true",
    }


def test_the_history_is_told_by_what_happened(ask: Any, known: dict[str, str], store: Store) -> None:
    contact_id = known["contact"]
    partition = ids.partition_of(contact_id, store.partitions)
    from flowbot.store import inbox, leases

    epoch = store.run(leases.take("w", partition, "w#1", 60_000))
    store.run(inbox.push(partition, contact_id, "acme/main", b"{}", dedupe_id="x", at_ms=0))
    taken = store.run(inbox.take(partition, "w#1", epoch, 1))
    history = tuple(
        (kind, orjson.dumps(body))
        for kind, body in (
            ("in", {"event": {"k": "message", "inbound": {"kind": "text", "text": PIN}}}),
            ("trace", {"step": "pin", "what": "answered", "detail": "•••"}),
        )
    )
    session = codec.encode(Session(account="acme", channel="main", contact_id=contact_id, version=2))
    what = turns.Commit(
        partition=partition,
        owner="w#1",
        epoch=epoch,
        entry_id=taken.entries[0].id,
        contact_id=contact_id,
        channel_key="acme/main",
        old_version=1,
        session=session,
        history=history,
        now=taken.now,
    )
    assert store.run(turns.commit(what)) == "ok"
    said = ask(contact_id).output
    assert "in    message text" in said and "trace pin answered" in said and PIN not in said
    assert "answered" not in ask(contact_id, "--turns", "0").output


@pytest.mark.parametrize("id", ["nobody", "pr_1_nothing", "ms_x", "dl_1_y", "pr_99999_x", "ms_1_z", "\x1b[31m"])
def test_what_is_not_there_says_so(ask: Any, store: Store, id: str) -> None:
    said = ask(id)
    assert said.exit_code == 1 and isinstance(said.exception, NotFound)


def test_a_message_that_lies_encrypted_is_not_read_out(ask: Any, known: dict[str, str], store_url: str) -> None:
    """A sensitive answer may stand in it: `--reveal` shows it to who has the key."""
    environ = {"FLOWBOT_SECRET_KEY": "k" * 32}
    partition = ids.split(known["message"])[1]
    entry = OutboxEntry(
        id=ids.make("ms", partition, "y"),
        account="acme",
        channel="main",
        contact_id=known["contact"],
        to=NUMBER,
        outbound=Outbound(text=f"Your PIN is {PIN}"),
    )
    with contextlib.closing(connect(store_url, ring=Ring([environ["FLOWBOT_SECRET_KEY"]]))) as keyed:
        args = [keys.tag(partition), 0, *outbox.queued_sealed(entry)]
        call = fcall("push_messages", [keys.due(partition)], args, int, sealed=True)
        assert keyed.run(call) == 1
    assert ask(entry.id).exit_code == 0 and PIN not in ask(entry.id).output
    assert PIN not in ask(entry.id, **environ).output
    assert PIN in ask(entry.id, "--reveal", **environ).output and PIN not in ask(entry.id, "--reveal").output
