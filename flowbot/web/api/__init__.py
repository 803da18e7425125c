"""/v1: what clients' systems call. One file a resource; `door` says what a view takes and gives, `caller` who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from . import (
    broadcasts,
    contact_orders,
    contacts,
    conversations,
    deliveries,
    door,
    endpoints,
    events,
    flows,
    group_sends,
    groups,
    links,
    messages,
    privacy,
    process_files,
    process_orders,
    processes,
    rules,
    schedules,
    templates,
    verdicts,
)

if TYPE_CHECKING:
    from ...wiring import Parts
    from .caller import Doorkeeper

RESOURCES = (
    conversations,
    processes,
    process_orders,
    process_files,
    contacts,
    contact_orders,
    privacy,
    groups,
    group_sends,
    messages,
    broadcasts,
    events,
    endpoints,
    deliveries,
    flows,
    links,
    templates,
    schedules,
    rules,
    verdicts,
)


def register(app: Flask, parts: Parts, keeper: Doorkeeper) -> None:
    """All resources of the API, and its description at /v1/openapi.json."""
    api = door.make(app)
    for resource in RESOURCES:
        api.register_blueprint(resource.blueprint(parts, keeper))
