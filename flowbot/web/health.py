"""GET /healthz: this process answers. GET /readyz: the store answers and workers hold all partitions. GET /metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from ..errors import StoreError
from ..store import leases
from . import metrics
from .answer import Answer, as_json
from .problems import respond

if TYPE_CHECKING:
    from ..store.client import Store
    from ..wiring import Parts


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
    def measured() -> Response:
        body = metrics.exposition(parts.store, parts.library.project).encode()
        return respond(Answer(status=200, body=body, content_type=metrics.CONTENT_TYPE))

    return health


def readiness(store: Store) -> dict[str, bool]:
    """What is needed to serve, and whether it is there."""
    holders = store.run_all([leases.peek("w", partition) for partition in range(store.partitions)])
    reached = not any(isinstance(holder, StoreError) for holder in holders)
    return {"store": reached, "workers": reached and all(holders)}
