"""A broadcast of the measurements: a project with its template, its recipients as a file, and orders over the API."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

import orjson

from flowbot.library.load import load
from flowbot.store import apikeys, approvals, broadcasts, bulk
from flowbot.store.client import Store, connect
from tests.crash.people import UnixConnection
from tests.crash.town import Town

RECIPIENTS = int(os.environ.get("BENCH_RECIPIENTS", "100000"))
RATE = "80/s"  # of the channel, as a new number has it
NOTICE = """\
category: marketing
examples: {name: Ana, day: Monday}
languages: {en: {body: "Hello {{ name }}, come on {{ day }} please."}}
"""


@contextlib.contextmanager
def project(made: Town) -> Iterator[Store]:
    """With a template that may go out, and the rate of a new number."""
    folder = made.project
    (folder / "content" / "templates").mkdir(parents=True)
    (folder / "content" / "templates" / "notice.yaml").write_text(NOTICE)
    text = (folder / "flowbot.yaml").read_text()
    (folder / "flowbot.yaml").write_text(text.replace("rate: 100000/s", f"rate: {RATE}"))
    library = load(folder, made.environ("bench"))
    with contextlib.closing(connect(made.valkey.url)) as store:
        holder = library.account("acme").channels["main"].holder
        fact = approvals.Fact(kind="status", name="notice", language="en", at=1, value={"status": "APPROVED"})
        store.run(approvals.note("acme", holder, [fact]))
        time.sleep(2)  # whoever has begun reads it anew
        yield store


def key(store: Store) -> str:
    id = apikeys.new_id("acme", b"bench")
    store.run(apikeys.keep("acme", id, "s" * 43, store.salt, name="bench", now=1))
    return apikeys.written(id, "s" * 43)


def draft(connection: UnixConnection, key: str) -> str:
    asked = {"channel": "main", "template": {"name": "notice", "params": {"day": "Monday"}}, "user_authorized": True}
    answer = _ask(connection, "POST", "/v1/broadcasts", key, orjson.dumps(asked))
    return str(answer["broadcast_id"])


def file(round: int = 0, count: int = RECIPIENTS) -> bytes:
    """Other people in each round."""
    rows = (f"+5731{round % 10}{at:07d};Contact {at}\n" for at in range(count))
    return b"phone;name\n" + "".join(rows).encode()


def upload(connection: UnixConnection, key: str, id: str, file: bytes) -> None:
    answer = _ask(connection, "PUT", f"/v1/broadcasts/{id}/recipients", key, file)
    if answer["total"] != file.count(b"\n") - 1:
        raise SystemExit(f"not all were taken in: {answer}")


def cancel(connection: UnixConnection, key: str, id: str) -> None:
    _ask(connection, "POST", f"/v1/broadcasts/{id}/cancel", key, b"{}")


def total(store: Store, id: str, name: str) -> int:
    """Of its messages in all partitions: made, sent, cancelled …"""
    return sum(one.get(name, 0) for one in store.all([bulk.counts(at, id) for at in range(store.partitions)]))


def waiting(store: Store, id: str) -> bool:
    """Whether something is still to be done for it."""
    return id in store.run(broadcasts.active())


def _ask(connection: UnixConnection, method: str, path: str, key: str, body: bytes) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv" if method == "PUT" else "application/json"}
    connection.close()  # one that is kept open is closed by the web after a while; this opens it anew
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    told: dict[str, object] = orjson.loads(answer.read())
    if answer.status != 202:
        raise SystemExit(f"{method} {path}: {told}")
    return told
