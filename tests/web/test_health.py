"""What monitors ask."""

from __future__ import annotations

from dataclasses import replace

from flask.testing import FlaskClient

from flowbot.store import keys, leases
from flowbot.store.call import command
from flowbot.store.client import Store
from flowbot.web.app import create_app
from flowbot.web.share import Shares
from flowbot.wiring import Parts


def test_alive(client: FlaskClient) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").data) == (200, b"ok\n")


def test_ready_when_workers_hold_all_partitions(client: FlaskClient, store: Store) -> None:
    assert client.get("/readyz").status_code == 503
    for partition in range(store.partitions):
        store.run(leases.take("w", partition, "one#1", 60_000))
    assert (client.get("/readyz").status_code, client.get("/readyz").get_json()) == (
        200,
        {"store": True, "workers": True},
    )
    store.run(leases.release("w", 3, "one#1"))
    assert client.get("/readyz").get_json() == {"store": True, "workers": False}


def test_without_a_store_it_is_alive_but_not_ready(parts: Parts, gone: Store) -> None:
    client = create_app(replace(parts, store=gone, shares=Shares(gone, 100))).test_client()
    assert client.get("/healthz").status_code == 200
    assert (client.get("/readyz").status_code, client.get("/readyz").get_json(force=True)) == (
        503,
        {"store": False, "workers": False},
    )
    assert client.get("/metrics").status_code == 503


def test_metrics_add_up_the_partitions(client: FlaskClient, store: Store) -> None:
    for partition, name in ((0, "in"), (1, "in"), (1, "process.started:hello")):
        store.run(command("HINCRBY", keys.counters(partition), name, 2, read=int))
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert b"flowbot_in_total 4\n" in answer.data
    assert b'flowbot_process_started_total{flow="hello"} 2\n' in answer.data
