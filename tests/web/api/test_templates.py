"""/v1/templates: listed with what providers say, made, handed in, followed; and what is refused at the door."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from flowbot.hooks.broadcasts import Broadcasts
from flowbot.hooks.parts import Parts as HookParts
from flowbot.hooks.templates import ask_all
from flowbot.library.load import load
from flowbot.model.project import Channel
from flowbot.store import approvals, outbox
from flowbot.store.client import connect_async
from tests.approving import say

from .conftest import Office, mistakes

NEW: dict[str, Any] = {
    "name": "visit_reminder",
    "category": "utility",
    "topic": "visits",
    "examples": {"name": "Asha"},
    "languages": {"en": {"body": "Hello {{ name }}, shall we begin?", "continue": "Yes", "cancel": "No"}},
}
FILE = "category: marketing\nlanguages: {en: {body: Hello.}, es: {body: Hola.}}\n"


@pytest.fixture
def real(office: Office) -> Channel:
    """A channel with a provider, in both accounts."""
    project = (office.world.folder / "flowbot.yaml").read_text()
    project = project.replace(
        'real: {gateway: cloud_api, number: "+15550000002", phone_number_id: "1"}',
        'real: {gateway: cloud_api, number: "+15550000002", phone_number_id: "1", waba_id: "8001", access_token: '
        '"${env:HOOK}", app_secret: "${env:HOOK}", verify_token: "${env:HOOK}", base_url: "https://graph.test"}',
    )
    (office.world.folder / "flowbot.yaml").write_text(project)
    folder = office.world.folder / "content" / "templates"
    for old in folder.glob("*.yaml"):
        old.unlink()
    (folder / "hello.yaml").write_text(FILE)
    office.parts.shelf._looked = float("-inf")
    return office.parts.library.account("acme").channels["real"]


class Meta:
    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []
        self.refuses = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, stream=httpx.ByteStream(orjson.dumps({"data": self.kept})))
        if self.refuses:
            return httpx.Response(
                400, stream=httpx.ByteStream(orjson.dumps({"error": {"message": self.refuses, "code": 100}}))
            )
        made = {**orjson.loads(request.content), "id": str(501 + len(self.kept)), "status": "PENDING"}
        self.kept.append(made)
        return httpx.Response(200, stream=httpx.ByteStream(orjson.dumps({"id": made["id"], "status": "PENDING"})))


def hooks_process(office: Office, meta: Meta) -> None:
    """One look of the process that asks and hands in."""

    async def work() -> None:
        store = await connect_async(office.parts.settings.redis_url)
        client = httpx.AsyncClient(transport=httpx.MockTransport(meta))
        library = office.parts.library
        parts = HookParts(
            store=store,
            project=lambda: library.project,
            templates=lambda: library.templates,
            calls_public=client,
            calls_private=client,
        )
        await ask_all(parts)
        await parts.close()
        await store.close()

    asyncio.run(work())


def state(office: Office, name: str = "visit_reminder", language: int = 0) -> tuple[str, str | None, str | None]:
    (found,) = office.get(f"/templates/{name}")["languages"][language]["approvals"]
    return found["status"], found["submission"], found["reason"]


def test_made_handed_in_approved_and_sent(office: Office, real: Channel) -> None:
    """R082, R022, R023: without a file, and from then on like any other."""
    made = office.post("/templates", NEW)
    assert (made["name"], made["made_by"], made["invites"]) == ("visit_reminder", "api", True)
    assert made["languages"][0]["parameters"] == ["name"]
    assert made["languages"][0]["approvals"][0]["status"] == "QUEUED", "what it came to, not what it was before"
    assert state(office) == ("QUEUED", "queued", None)
    start = {"flow": "talk", "channel": "real", "to": "+573001110001", "user_authorized": True}
    start["template"] = {"name": "visit_reminder", "params": {"name": "Ana"}}
    refused = office.ask("POST", "/conversations", start)
    assert refused.status_code == 409 and "QUEUED" in refused.get_json(force=True)["detail"]

    meta = Meta()
    hooks_process(office, meta)
    assert [one["name"] for one in meta.kept] == ["visit_reminder"] and state(office)[:2] == ("PENDING", "created")
    hooks_process(office, meta)
    assert len(meta.kept) == 1, "handed in once"
    meta.kept[0]["status"] = "APPROVED"
    office.store.run(approvals.tried("acme", real.holder, 1))
    hooks_process(office, meta)
    assert state(office)[0] == "APPROVED"
    office.parts.library.ask.__self__._looked.clear()  # type: ignore[union-attr]
    assert office.ask("POST", "/conversations", start).status_code == 202
    office.work()
    (process,) = office.get("/processes")["items"]
    (sent,) = office.get(f"/contacts/{process['contact']['id']}/messages")["items"]
    assert (sent["kind"], sent["state"]) == ("template", "queued")


def test_a_refusal_is_its_reason(office: Office, real: Channel) -> None:
    office.post("/templates", NEW)
    meta = Meta()
    meta.refuses = "Name is taken"
    hooks_process(office, meta)
    assert state(office) == ("REJECTED", "refused", "Name is taken")
    meta.refuses = ""
    changed = {**NEW, "languages": {"en": {**NEW["languages"]["en"], "footer": "Write STOP to hear no more"}}}
    office.post("/templates", changed)
    assert state(office)[0] == "QUEUED"
    hooks_process(office, meta)
    assert state(office)[:2] == ("PENDING", "created") and len(meta.kept[0]["components"]) == 3


def test_files_are_listed_and_handed_in_too(office: Office, real: Channel) -> None:
    """R082: page by page, by name."""
    office.post("/templates", NEW)
    first = office.get("/templates?limit=1")
    assert [one["name"] for one in first["items"]] == ["hello"] and first["next"]
    second = office.get(f"/templates?limit=1&after={first['next']}")
    assert [one["name"] for one in second["items"]] == ["visit_reminder"] and second["next"] is None
    assert state(office, "hello") == ("UNKNOWN", None, None)
    meta = Meta()
    office.post("/templates/hello/submit", {"channel": "real"})
    hooks_process(office, meta)
    assert sorted((one["name"], one["language"]) for one in meta.kept) == [
        ("hello", "en"),
        ("hello", "es"),
        ("visit_reminder", "en"),
    ]
    assert state(office, "hello", 1)[0] == "PENDING"
    for one in meta.kept:
        one["status"] = "APPROVED"
    office.post("/templates/hello/submit", {})
    hooks_process(office, meta)
    assert state(office, "hello")[:2] == ("APPROVED", "unchanged")


def test_one_account_sees_nothing_of_another(office: Office, real: Channel) -> None:
    """I11."""
    office.post("/templates", NEW)
    other = office.key("beta")
    assert [one["name"] for one in office.get("/templates", key=other)["items"]] == ["hello"]
    assert office.ask("GET", "/templates/visit_reminder", key=other).status_code == 404
    assert office.get("/templates/hello", key=other)["languages"][0]["approvals"] == []
    assert "visit_reminder" not in office.parts.library.templates_of("beta")


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"name": "Visit-Reminder"}, ["/name"]),
        ({"category": "chat", "languages": {}, "odd": 1}, ["/category", "/languages", "/odd"]),
        ({"languages": {}}, ["/languages"]),
        ({"examples": {}}, ["/languages/en/body"]),
        ({"languages": {"en": {"body": "x" * 1025}}, "examples": {}}, ["/languages/en/body"]),
        ({"languages": {"en": {"body": "Hi.", "footer": "x" * 61, "buttons": [{"url": "shop", "text": "Go"}]}}}, None),
        ({"languages": {"en": {"body": "Hello {{ name }}, hi.", "continue": "Yes"}}}, ["/languages/en"]),
        ({"channel": "none"}, ["/channel"]),
    ],
)
def test_every_mistake_has_its_place(office: Office, change: dict[str, Any], pointers: list[str] | None) -> None:
    """R009, R010, R024."""
    answer = office.ask("POST", "/templates", {**NEW, **change})
    assert answer.status_code == 422, answer.text
    assert mistakes(answer) == (pointers or ["/languages/en/buttons/0/url", "/languages/en/footer"])
    assert "api" not in {one["made_by"] for one in office.get("/templates")["items"]}


def test_a_files_name_is_taken(office: Office, real: Channel) -> None:
    answer = office.ask("POST", "/templates", {**NEW, "name": "hello"})
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "template_exists")
    assert office.ask("DELETE", "/templates/hello").status_code == 409
    assert office.ask("POST", "/templates/none/submit", {}).status_code == 404


def test_one_that_is_taken_away_is_handed_in_and_sent_no_more(office: Office, real: Channel) -> None:
    office.post("/templates", NEW)
    gone = office.ask("DELETE", "/templates/visit_reminder")
    assert gone.status_code == 200 and gone.get_json()["name"] == "visit_reminder"
    assert office.ask("DELETE", "/templates/visit_reminder").status_code == 404
    meta = Meta()
    hooks_process(office, meta)
    assert meta.kept == [] and [one["name"] for one in office.get("/templates")["items"]] == ["hello"]


def test_where_nothing_is_approved_it_is_good_at_once(office: Office) -> None:
    made = office.post("/templates", {**NEW, "channel": "main"})
    assert made["languages"][0]["approvals"] == []
    start = {"flow": "talk", "channel": "main", "to": "+573001110001", "user_authorized": True}
    office.post("/conversations", {**start, "template": {"name": "visit_reminder", "params": {"name": "Ana"}}})


def test_a_refresh_has_the_providers_asked_and_scopes_hold(office: Office, real: Channel) -> None:
    """R082."""
    assert office.post("/templates/refresh", None) == {"asked": 1}
    assert office.store.run(approvals.read("acme", real.holder)).wanted_at > 0
    reader = office.key(scopes=("templates:read",))
    assert office.ask("GET", "/templates", key=reader).status_code == 200
    assert office.ask("POST", "/templates", NEW, key=reader).status_code == 403
    assert office.ask("POST", "/templates/refresh", key=reader).status_code == 403


def test_a_broadcast_hears_of_it_from_the_store(office: Office, real: Channel) -> None:
    """R023, R085: the process that carries it on has a library of its own; a status and a template are looked up."""
    new = {**NEW["languages"]["en"], "buttons": [{"url": "https://shop.example/{{ name }}", "text": "Open"}]}
    office.post("/templates", {**NEW, "languages": {"en": new}})
    body = {"channel": "real", "user_authorized": True, "template": {"name": "visit_reminder", "params": {}}}
    body["recipients"] = [{"to": f"+57300111000{n}", "params": {"name": f"N{n}"}} for n in (1, 2)]
    refused = office.ask("POST", "/broadcasts", body)
    assert refused.status_code == 409 and "QUEUED" in refused.get_json(force=True)["detail"]
    say(office.store, real, "visit_reminder", at=office.store.now() + 1)
    office.parts.library.ask.__self__._looked.clear()  # type: ignore[union-attr]
    office.post("/broadcasts", body)
    library = load(office.world.folder, {})

    async def work() -> None:
        store = await connect_async(office.parts.settings.redis_url)
        parts = HookParts(store=store, project=lambda: library.project)
        await Broadcasts(parts, lambda: library)._round()
        await parts.close()
        await store.close()

    asyncio.run(work())
    partitions = range(office.store.partitions)
    found = [office.store.run(outbox.claim(p, "b", "acme/real", tokens=9)).claimed for p in partitions]
    sent = [one.entry.outbound for claimed in found for one in claimed]
    assert sorted((one.text, one.template.buttons[-1].value) for one in sent if one.template) == [
        ("Hello N1, shall we begin?", "N1"),
        ("Hello N2, shall we begin?", "N2"),
    ]
