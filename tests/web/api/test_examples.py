"""Each request that the API's description shows is posted to a server as it stands there, and does what it says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import orjson
import pytest
from werkzeug.serving import make_server

from .conftest import Office

FLOW = """\
flow: antenatal_visit
start: {keywords: [start], api: true}
inputs: {clinic: {type: text}}
steps:
  name: {ask: "What is your name?"}
  document_type: {ask: "Which document?"}
  done: {say: Thank you, succeed: {}}
"""
DESK = "flow: desk\nstart: {keywords: [desk]}\nsteps:\n  person: {handoff: support}\n  done: {succeed: {}}\n"
PAYMENT = "flow: payment\nstart: {keywords: [payment]}\nsteps:\n  paid: {wait: {event: paid}}\n  done: {succeed: {}}\n"
WAITING = ("desk", "payment")  # flows that each wait for something of their own
TEMPLATES = {
    "order_update": "Hello {{ name }}, your order {{ order }} is on its way.",
    "visit_today": "Hello {{ name }}, your visit is today.",
}
SIGNED = "/v1/verdicts/{token}"  # its body proves who sends it: tests/web/test_verdicts.py
METHODS = ("post", "put", "patch", "delete")


@pytest.fixture
def port(office: Office) -> Iterator[int]:
    (office.world.folder / "flows" / "antenatal_visit.yaml").write_text(FLOW)
    (office.world.folder / "flows" / "desk.yaml").write_text(DESK)
    (office.world.folder / "flows" / "payment.yaml").write_text(PAYMENT)
    for name, body in TEMPLATES.items():
        words = f"category: utility\nexamples: {{name: Ana, order: A-1}}\nlanguages: {{en: {{body: '{body}'}}}}\n"
        (office.world.folder / "content" / "templates" / f"{name}.yaml").write_text(words)
    office.parts.shelf._looked = float("-inf")
    server = make_server("127.0.0.1", 0, office.client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def shown(office: Office) -> list[tuple[str, str, str, str, Any]]:
    """Method, path, kind of body, the answer that is promised, and the example."""
    spec = office.client.get("/v1/openapi.json").get_json()
    return [
        (method.upper(), path, kind, next(code for code in view["responses"] if code < "300"), body.get("example"))
        for path, views in spec["paths"].items()
        for method, view in views.items()
        if method in METHODS and "requestBody" in view
        for kind, body in view["requestBody"]["content"].items()
    ]


def there(office: Office, port: int) -> dict[str, Any]:
    """Of each thing that the paths name: one process goes on, another is over, a person has the third, and so on."""
    for at, texts in enumerate((["start"], ["start", "Ana", "passport"], ["desk"], ["payment"])):
        office.world.say(f"57300111000{at + 1}", *texts)
    office.work()
    listed = office.get("/processes")["items"]
    found = {one["flow"] if one["flow"] in WAITING else one["status"]: one["process_id"] for one in listed}
    office.post("/groups", {"name": "women"}, status=201)
    contact = office.get("/contacts")["items"][0]["id"]
    own = {"name": "made_here", "category": "utility", "languages": {"en": {"body": "Hello there."}}}
    office.post("/templates", own)
    return {"contact_id": contact, "name": "women", "template": "made_here", "processes": found}


def test_every_write_shows_a_request(office: Office) -> None:
    assert [(method, path, kind) for method, path, kind, _, example in shown(office) if example is None] == []


def test_every_example_gets_the_answer_that_is_promised(office: Office, port: int) -> None:
    known, told = there(office, port), {}
    for method, path, kind, promised, example in shown(office):
        if path == SIGNED:
            continue
        ids = dict(known)
        which = {"override": "success", "operator": "desk", "resume": "payment"}.get(path.rpartition("/")[2], "pending")
        ids["process_id"] = known["processes"][which]
        if "{broadcast_id}" in path:
            asked = {"channel": "main", "template": {"name": "order_update", "params": {"order": "A-1"}}}
            ids["broadcast_id"] = office.post("/broadcasts", {**asked, "user_authorized": True})["broadcast_id"]
        body = example if isinstance(example, str) else orjson.dumps(example)
        caller = HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Authorization": f"Bearer {office.key()}", "Content-Type": kind}
        caller.request(method, path.format(**ids), body, headers)
        answer = caller.getresponse()
        told[method, path, kind] = (answer.status, promised, answer.read() if str(answer.status) != promised else b"")
        caller.close()
    assert len(told) >= 16
    assert {at: one for at, one in told.items() if str(one[0]) != one[1]} == {}
