"""schemathesis drives every door by the API's own description: no 500, no answer that the description lacks."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from flowbot.store import hooks

from .conftest import Office

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 10  # of each door and mode


def ids(office: Office) -> dict[str, str]:
    """Of things that are there, so that not all answers are 404."""
    office.world.say("573001110001", "start", "tea", "sugar")
    office.work()
    (process,) = office.get("/processes")["items"]
    contact = process["contact"]["id"]
    office.store.run(hooks.keep(3, "ev_3_x", b"{}"))
    office.store.run(hooks.point(3, "dl_3_x", "acme/crm", "ev_3_x", "process.started"))
    office.post("/groups", {"name": "crm"}, status=201)
    asked = {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}
    draft = office.post("/broadcasts", {"channel": "main", "template": asked})["broadcast_id"]
    message = office.get(f"/contacts/{contact}/messages")["items"][0]["id"]
    found = {"process_id": process["process_id"], "contact_id": contact, "message_id": message}
    found |= {"broadcast_id": draft, "order": "pause"}
    return {**found, "delivery_id": "dl_3_x", "name": "crm", "flow_id": "talk", "template": "notice"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_door_keeps_its_word(office: Office) -> None:
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", office.client.application)
    known, headers = ids(office), {"Authorization": f"Bearer {office.key()}"}
    doors = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        here = {name: value for name, value in known.items() if "{" + name + "}" in operation.path}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _drive(operation, mode, headers, here)
        doors += 1
    assert doors >= 31


def _drive(operation: Any, mode: GenerationMode, headers: dict[str, str], known: dict[str, str]) -> None:
    fixed = {"path_parameters": known} if known and mode is GenerationMode.POSITIVE else {}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, **fixed))
    def drive(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    if mode is GenerationMode.POSITIVE or operation.query or operation.body or operation.path_parameters:
        drive()
