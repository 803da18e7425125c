"""schemathesis drives every door by the API's own description: no 500, no answer that the description lacks."""

from __future__ import annotations

import re
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
RULE = "visits.weekly"
UNDESCRIBED = ("/v1/openapi.json", "/v1/whatsapp/")  # the description itself, and doors in the words of others
ASKED = {"/v1/links": "?flow=talk&channel=main", "/v1/deliveries": "?endpoint=crm"}  # what these cannot do without
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
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
    body = {"contact_id": contact, "at": "2027-01-01T10:00:00Z", "template": asked, "user_authorized": True}
    schedule = office.post("/schedules", body)["schedule_id"]
    office.work()
    message = office.get(f"/contacts/{contact}/messages")["items"][0]["id"]
    found = {"process_id": process["process_id"], "contact_id": contact, "message_id": message}
    found |= {"broadcast_id": draft, "order": "pause", "schedule_id": schedule}
    return {**found, "delivery_id": "dl_3_x", "name": "crm", "flow_id": "talk", "template": "notice"}


def known_in(path: str, known: dict[str, str]) -> dict[str, str]:
    """Those that stand in the path; what is called `name` is another thing in each resource."""
    here = {name: value for name, value in known.items() if "{" + name + "}" in path}
    return {**here, "name": RULE} if "name" in here and "/rules/" in path else here


def doors(office: Office) -> set[tuple[str, str]]:
    """Method and path of what the app answers below /v1, by its own routes."""
    return {
        (method, VARIABLE.sub(r"{\1}", rule.rule))
        for rule in office.client.application.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and not rule.rule.startswith(UNDESCRIBED)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_door_that_is_read_shows_what_is_there(office: Office) -> None:
    known = ids(office)
    paths = sorted(path for method, path in doors(office) if method == "GET")
    found = {}
    for path in paths:
        filled = path.removeprefix("/v1").format(**known_in(path, known))
        found[path] = office.ask("GET", filled + ASKED.get(path, "")).status_code
    assert found == dict.fromkeys(paths, 200)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_door_keeps_its_word(office: Office) -> None:
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", office.client.application)
    known, headers = ids(office), {"Authorization": f"Bearer {office.key()}"}
    driven = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        here = known_in(operation.path, known)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _drive(operation, mode, headers, here)
        driven.add((operation.method.upper(), operation.path))
    assert driven == doors(office), "a route that the description lacks, or the other way round"


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
