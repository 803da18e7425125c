"""What monitors ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowbot.cli.trouble import waiting
from flowbot.model.project import Account, Channel, Endpoint, Project
from flowbot.store import inbox, keys, leases
from flowbot.store.call import command
from flowbot.store.client import Store
from flowbot.web.app import create_app
from flowbot.web.metrics import exposition
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


def test_metrics_tell_what_waits_and_how_late_it_is(client: FlaskClient, store: Store) -> None:
    """A queue's length and the age of its oldest; failures by their class; endpoints and channels by name."""
    now = store.now()
    store.run(inbox.push(1, "c1", "acme/main", b"{}", dedupe_id="1", at_ms=0))
    store.run(command("ZADD", keys.timers(2), now - 90_000, "c|acme/main|expire|1", "99999999999999", "x", read=int))
    store.run(command("XADD", keys.hooks(3), f"{now - 30_000}-1", "id", "x", read=bytes))
    store.run(command("HINCRBY", keys.counters(1), "message.failed_code:131026", 3, read=int))
    store.run(command("HINCRBY", keys.counters(1), "process.failed_reason:hello:expired", 2, read=int))
    store.run(leases.take("s", 3, "one#1", 60_000))
    said = client.get("/metrics").text
    values = dict(line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
    assert values['flowbot_backlog{queue="inbox"}'] == "1" == values['flowbot_backlog{queue="timers"}']
    assert 90 <= float(values['flowbot_lag_seconds{queue="timers"}']) < 100
    assert 30 <= float(values['flowbot_lag_seconds{queue="hooks"}']) < 40
    assert float(values['flowbot_lag_seconds{queue="calls"}']) == 0
    assert values['flowbot_message_failed_code_total{code="131026"}'] == "3"
    assert values['flowbot_process_failed_reason_total{flow="hello",reason="expired"}'] == "2"
    assert values['flowbot_partitions_held{role="sender"}'] == "1"
    assert any(
        name.startswith("flowbot_store_memory_bytes{") and int(value) > 100_000 for name, value in values.items()
    )


def test_metrics_tell_for_how_long_an_endpoint_takes_nothing(store: Store) -> None:
    """Its next try may be hours away: no queue is late then."""
    account = Account(name="acme", endpoints={"crm": Endpoint(account="acme", name="crm", url="https://a.example")})
    project, name = Project(accounts={"acme": account}), 'flowbot_endpoint_failing_seconds{endpoint="acme/crm"}'
    assert f"{name} 0\n" in exposition(store, project)
    store.run(command("HSET", keys.endpoint("acme/crm", "facts"), "failing_since", store.now() - 7_200_000, read=int))
    (line,) = [line for line in exposition(store, project).splitlines() if line.startswith(name)]
    assert 7200 <= float(line.split()[1]) < 7300


def test_many_accounts_cost_no_more_round_trips_than_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    trips = 0
    start = Store.start

    def counted(self: Store, calls: Any) -> Any:
        nonlocal trips
        trips += 1
        return start(self, calls)

    def asked(count: int) -> int:
        nonlocal trips
        accounts = {}
        for name in (f"a{number}" for number in range(count)):
            channel = Channel(account=name, name="main", gateway="simulator")
            crm = Endpoint(account=name, name="crm", url="https://a.example")
            accounts[name] = Account(name=name, channels={"main": channel}, endpoints={"crm": crm})
        trips = 0
        assert exposition(store, Project(accounts=accounts)).count("flowbot_endpoint_disabled{") == count
        assert not [one for one in waiting(store, Project(accounts=accounts)) if one.about != "contacts"]
        return trips

    monkeypatch.setattr(Store, "start", counted)
    assert asked(1) == asked(40)
