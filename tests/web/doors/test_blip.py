"""The calls of a Blip campaign, in either order that its clients make them."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from redis import Redis

from tests.people.everything import holding
from tests.web.api.conftest import Office

NUMBER = "573001110001"
AT = f"{NUMBER}@wa.gw.msging.net"
FIRST = {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "Monday"}]}


def post(office: Office, path: str, body: Any, *, status: int, key: str = "", **headers: str) -> Any:
    said = {"Authorization": f"Key {key or office.key()}", **headers}
    answer = office.client.post(path, data=orjson.dumps(body), headers=said)
    assert answer.status_code == status, answer.text
    return answer.get_json(force=True) if answer.data else None


def command(office: Office, method: str, uri: str, resource: str = "", **given: Any) -> Any:
    body = {"id": "g-1", "to": "postmaster@msging.net", "method": method, "uri": uri}
    if resource:
        body |= {"type": "text/plain", "resource": resource}
    told = post(office, "/commands", body, status=200, **given)
    assert (told["id"], told["method"]) == ("g-1", method)
    return told


def template(*components: Any, **more: Any) -> dict[str, Any]:
    asked = {"name": "notice", "language": {"code": "en", "policy": "deterministic"}, "components": [*components]}
    content = {"type": "template", "template": {**asked, **more}}
    metadata = {"user_authorized": "true"}
    return {"id": "m-1", "to": AT, "type": "application/json", "content": content, "metadata": metadata}


@pytest.fixture
def simulated(office: Office) -> Office:
    """Only a line that needs no approval."""
    file = office.world.folder / "flowbot.yaml"
    text = file.read_text()
    file.write_text("\n".join(line for line in text.splitlines() if not line.strip().startswith("real:")) + "\n")
    office.parts.shelf._looked = float("-inf")
    return office


@pytest.mark.parametrize("stateid", ["stateid@talk", "stateid%40talk"])
def test_verify_place_and_template_begin_the_flow_at_the_step(simulated: Office, stateid: str) -> None:
    """R030."""
    office = simulated
    told = command(office, "get", f"lime://wa.gw.msging.net/accounts/+{NUMBER}")
    assert (told["status"], told["resource"]) == (
        "success",
        {"alternativeAccount": AT, "identity": AT, "phoneNumber": "+" + NUMBER, "source": "WhatsApp"},
    )
    assert command(office, "set", f"/contexts/{AT}/Master-State", "talk@msging.net")["status"] == "success"
    assert command(office, "set", f"/contexts/{AT}/{stateid}", "second")["status"] == "success"
    post(office, "/messages", template(FIRST), status=202, **{"Idempotency-Key": "k"})
    post(office, "/messages", template(FIRST), status=202, **{"Idempotency-Key": "k"})
    post(office, "/messages", template(FIRST), status=202)
    other = post(office, "/messages", {**template(FIRST), "id": "m-2"}, status=409, **{"Idempotency-Key": "k"})
    assert "idempotency_key_reused" in other["description"]
    office.work()
    (process,) = office.get("/processes")["items"]
    assert (process["flow"], process["contact"]["phone"]) == ("talk", "+" + NUMBER)
    office.world.say(NUMBER, "sugar")
    office.work()
    done = office.get(f"/processes/{process['process_id']}")
    assert done["status"] == "success" and done["answers"].keys() == {"second"}
    post(office, "/messages", {**template(FIRST), "id": "m-3"}, status=202)  # the place was for one template
    office.work()
    assert len(office.get("/processes")["items"]) == 1


def test_the_same_message_again_is_sent_once(simulated: Office) -> None:
    """LIME's `id` makes it one where no Idempotency-Key does; another text under the same id is another message."""
    office = simulated
    office.world.say(NUMBER, "hello")
    office.work()
    (contact,) = office.get("/contacts")["items"]
    before = len(office.get(f"/contacts/{contact['id']}/messages")["items"])
    said = {"id": "m-1", "to": AT, "type": "text/plain", "content": "Hi"}
    for body in (said, said, {**said, "content": "Hi again"}):
        post(office, "/messages", body, status=202)
        office.work()
    assert len(office.get(f"/contacts/{contact['id']}/messages")["items"]) == before + 2


def test_the_older_form_of_a_template(simulated: Office) -> None:
    """`hsm`: the values stand in the order of the text."""
    hsm = {"namespace": "n", "element_name": "notice", "language": {"code": "en"}}
    values = [{"default": "Ana"}, {"default": "Monday"}]
    content = {"type": "hsm", "hsm": {**hsm, "localizable_params": values}}
    post(simulated, "/messages", {**template(), "content": content}, status=202)
    simulated.work()
    (sent,) = [one for one in simulated.world.history(NUMBER) if one.get("outbound")]
    assert sent["outbound"]["text"] == "Hello Ana, come on Monday please."


def test_a_place_goes_with_who_is_forgotten(simulated: Office, store_url: str) -> None:
    office = simulated
    office.world.say(NUMBER, "hello")
    office.work()
    assert command(office, "set", f"/contexts/{AT}/Master-State", "talk@msging.net")["status"] == "success"
    contact = office.world.contact_id(NUMBER)
    with contextlib.closing(Redis.from_url(store_url)) as raw:
        assert any(".blip" in key for key in holding(raw, contact))
        assert office.ask("DELETE", f"/contacts/{contact}").status_code == 202
        office.work()
        assert not any(".blip" in key for key in holding(raw, contact))


def test_who_is_in_the_flow_moves(office: Office) -> None:
    """R065: in effect with the next message, and audited."""
    office.world.say(NUMBER, "start")
    office.work()
    assert command(office, "set", f"/contexts/{AT}/stateid@talk", "second")["status"] == "success"
    office.world.say(NUMBER, "hello")
    office.world.say(NUMBER, "sugar")
    office.work()
    (process,) = office.get("/processes")["items"]
    assert process["answers"].keys() == {"second"} and process["status"] == "success"


def test_a_failure_is_200_with_its_reason(office: Office) -> None:
    def reason(method: str, uri: str, resource: str = "", **given: Any) -> int:
        told = command(office, method, uri, resource, **given)
        assert told["status"] == "failure" and told["reason"]["description"]
        return int(told["reason"]["code"])

    assert reason("set", f"/contexts/{AT}/stateid@talk", "nothing") == 64
    assert reason("set", f"/contexts/{AT}/stateid@nothing", "first") == 67
    assert reason("set", f"/contexts/{AT}/Master-State", "nothing@msging.net") == 67
    assert reason("set", "/contexts/12/Master-State", "talk") == 64
    assert reason("get", f"lime://wa.gw.msging.net/accounts/{NUMBER}") == 62  # the + is needed
    assert reason("get", "/contacts") == 62
    assert office.get("/contacts")["items"] == []
    other = office.key("beta")
    assert command(office, "set", f"/contexts/{AT}/Master-State", "talk", key=other)["status"] == "success"


def test_messages_are_refused_before_anything_is_queued(simulated: Office) -> None:
    office = simulated
    more = {"type": "body", "parameters": [{"type": "text", "text": "x"}] * 3}
    assert "3 values" in post(office, "/messages", template(more), status=422)["description"]
    assert "day" in post(office, "/messages", template(), status=400)["description"]
    assert post(office, "/messages", template(FIRST, name="nothing"), status=400)["code"] == 61
    unasked = {**template(FIRST), "metadata": {}}
    assert "not_opted_in" in post(office, "/messages", unasked, status=409)["description"]
    post(office, "/messages", {**template(FIRST), "type": "image/jpeg"}, status=422)
    post(office, "/messages", {"id": "m", "to": AT, "type": "text/plain", "content": "Hi"}, status=202)
    assert post(office, "/messages", template(FIRST), status=401, key="x")["code"] == 31
    bearer = {"Authorization": f"Bearer {office.key()}"}
    assert office.client.post("/messages", json=template(FIRST), headers=bearer).status_code == 401
    office.work()
    (contact,) = office.get("/contacts")["items"]
    assert len(office.get(f"/contacts/{contact['id']}/messages")["items"]) == 1
