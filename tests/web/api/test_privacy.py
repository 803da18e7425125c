"""DELETE /v1/contacts/{id} and its export."""

from __future__ import annotations

import io
import zipfile

import orjson

from flowbot.delivery.files import Folder, path_of
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived
from flowbot.model.inbound import Inbound, Media
from flowbot.store import contacts

from .conftest import Office

NUMBER, NAME, SECRET = "573001112233", "Anastasia", "my sensitive second answer"


def met(office: Office) -> str:
    """A contact that went through the flow to its end, with a sensitive answer, and sent a photo."""
    office.world.say(NUMBER, "start", "first answer", SECRET, name=NAME)
    photo = Media(kind="image", id="m1", mime="image/png")
    sender = Identity(number=NUMBER, name=NAME)
    inbound = Inbound(id="p1", sender=sender, kind="image", media=photo)
    assert office.world.event(NUMBER, MessageReceived(inbound=inbound))
    office.work()
    contact_id = office.world.contact_id(NUMBER)
    files = Folder(office.parts.settings.data)
    files.save(path_of("acme", contact_id, "acme/main:m1"), b"\x89PNG\r\n\x1a\n" + bytes(20))
    return contact_id


def test_an_export_is_everything_as_it_was_said(office: Office) -> None:
    """R150: who it is, what was asked and answered, what was sent, what it agreed to, which files there are."""
    contact_id = met(office)
    told = office.get(f"/contacts/{contact_id}/export")
    (found,) = told["contacts"]
    assert told["account"] == "acme" and found["known_by"] == [f"n:{NUMBER}"]
    assert (found["contact"]["number"], found["contact"]["name"]) == (NUMBER, NAME)
    assert found["processes"][0]["answers"] == {"first": "first answer", "second": SECRET}
    assert found["processes"][0]["status"] == "success" and found["channels"]["acme/main"]["open"] is None
    said = [one["outbound"]["text"] for one in found["history"] if one["kind"] == "out"]
    heard = [one["event"]["inbound"].get("text") for one in found["history"] if one["kind"] == "in"]
    assert said == ["What is the first?", "And the second?", "Thank you"] and heard[:2] == ["start", "first answer"]
    assert {one["state"] for one in found["messages"]} == {"queued"} and len(found["messages"]) == 3
    assert found["consent"] == {"opted_out": [], "opted_in": [], "ledger": []}
    assert found["files"] == [path_of("acme", contact_id, "acme/main:m1")]


def test_as_a_zip_it_has_the_files(office: Office) -> None:
    contact_id = met(office)
    answer = office.ask("GET", f"/contacts/{contact_id}/export/zip")
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        photo, everything = sorted(archive.namelist(), reverse=True)[0], "everything.json"
        assert photo.startswith(f"inbound/acme/{contact_id}/") and photo.endswith(".png")
        assert archive.read(photo).startswith(b"\x89PNG")
        assert orjson.loads(archive.read(everything))["contacts"][0]["contact"]["name"] == NAME


def test_a_contact_is_deleted_once_its_worker_comes_to_it(office: Office) -> None:
    """R137: accepted at once, the same request again changes nothing, another account's contact is nobody."""
    contact_id = met(office)
    path = f"/contacts/{contact_id}"
    assert office.ask("DELETE", path, key=office.key("beta")).status_code == 404
    assert office.ask("DELETE", path, key=office.key(scopes=("contacts:read",))).status_code == 403
    for _ in range(2):
        answer = office.ask("DELETE", path, **{"Idempotency-Key": "k1"})
        assert (answer.status_code, answer.get_json()) == (202, {"contact_id": contact_id, "accepted": True})
    assert office.world.waiting() == 1
    office.work()
    assert office.ask("GET", path).status_code == 404 and office.get("/contacts")["items"] == []
    assert office.ask("GET", f"{path}/export").status_code == 404
    assert office.store.run(contacts.get(office.world.partition(NUMBER), contact_id)) is None
