"""GET /healthz: this process answers. GET /readyz: the store answers and workers hold all partitions. GET /metrics."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from ..errors import StoreError
from ..store import counters, leases
from .answer import Answer, as_json
from .problems import respond

if TYPE_CHECKING:
    from ..store.client import Store
    from ..wiring import Parts

METRICS = "text/plain; version=0.0.4; charset=utf-8"


def blueprint(parts: Parts) -> Blueprint:
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def alive() -> Response:
        return respond(Answer(status=200, body=b"ok\n"))

    @health.get("/readyz")
    def ready() -> Response:
        found = readiness(parts.store)
        return respond(as_json(found, 200 if all(found.values()) else 503))

    @health.get("/metrics")
    def metrics() -> Response:
        return respond(Answer(status=200, body=exposition(totals(parts.store)).encode(), content_type=METRICS))

    return health


def readiness(store: Store) -> dict[str, bool]:
    """What is needed to serve, and whether it is there."""
    holders = store.run_all([leases.peek("w", partition) for partition in range(store.partitions)])
    reached = not any(isinstance(holder, StoreError) for holder in holders)
    return {"store": reached, "workers": reached and all(holders)}


def totals(store: Store) -> Counter[str]:
    """The counters of all partitions, added up; StoreError when one could not be read."""
    found: Counter[str] = Counter()
    for counts in store.run_all([counters.read(partition) for partition in range(store.partitions)]):
        if isinstance(counts, StoreError):
            raise counts
        found.update(counts)
    return found


def exposition(counts: Counter[str]) -> str:
    """Counters as Prometheus reads them; what is counted by flow has it as a label.

    >>> exposition(Counter({"in": 3, "process.started:coffee": 2})).splitlines()[1::2]
    ['flowbot_in_total 3', 'flowbot_process_started_total{flow="coffee"} 2']
    """
    lines: dict[str, None] = {}
    for name, value in sorted(counts.items()):
        what, _, flow = name.partition(":")
        metric = "flowbot_" + "".join(letter if letter.isalnum() else "_" for letter in what) + "_total"
        lines[f"# TYPE {metric} counter"] = None
        lines[f'{metric}{{flow="{flow}"}} {value}' if flow else f"{metric} {value}"] = None
    return "".join(line + "\n" for line in lines)
