"""The API over a project, a real store, and a worker that the test drives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flowbot.settings import Settings
from flowbot.store import apikeys
from flowbot.store.client import Store
from flowbot.web.app import create_app
from flowbot.wiring import Parts, parts_of
from tests.worker.world import World

PROJECT = """\
accounts:
  acme:
    timezone: UTC
    default_country: CO
    languages: [en]
    contact_fields: {city: text, children: number}
    codes: {template: otp}
    channels:
      main: {gateway: simulator, number: "+15550000001"}
      real: {gateway: cloud_api, number: "+15550000002", phone_number_id: "1"}
    endpoints:
      - {name: crm, url: "https://client.example/hooks", secret: "${env:HOOK}", events: [process.*]}
      - {name: dark, url: "https://client.example/dark", secret: "${env:NOT_SET}"}
  beta:
    languages: [en]
    flows: [talk]
    channels:
      main: {gateway: simulator, number: "+15550000003"}
allow_private_urls: true
"""
TALK = """\
flow: talk
start: {keywords: [start], messages: [Hello there], api: true}
inputs: {account_id: {type: text}}
steps:
  first: {ask: "What is the first?"}
  second: {ask: "And the second?", sensitive: true}
  done: {say: Thank you, succeed: {first: "{{ answers.first }}"}}
"""
TEMPLATES = {
    "notice": """\
category: marketing
topic: offers
examples: {name: Ana, day: Monday}
languages:
  en: {body: "Hello {{ name }}, come on {{ day }} please."}
  es: {body: "Hola {{ name }}, ven el {{ day }} por favor."}
""",
    "otp": """\
category: authentication
languages: {en: {expires: 5m}}
""",
}
RULES = """\
remind:
  event: visit.scheduled
  when: event.kind != 'dental'
  at: {date: event.on, minus: 1d, at: "10:00"}
  template: notice
  with: {name: "{{ contact.name or 'you' }}", day: "{{ event.on }}"}
weekly: {every: {weekly: [mon]}, to: {group: mothers}, start: talk}
"""


@dataclass
class Office:
    """What a client's system does, and what happens meanwhile."""

    store: Store
    world: World
    parts: Parts
    client: FlaskClient
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, account: str = "acme", *, scopes: tuple[str, ...] = ("*",), expires_at: int = 0, n: int = 0) -> str:
        made, secret = apikeys.new_id(account, f"{account}{scopes}{n}".encode()), "s" * 43
        kept = apikeys.keep(
            account, made, secret, self.store.salt, name="t", now=1, scopes=scopes, expires_at=expires_at
        )
        self.store.run(kept)
        return apikeys.written(made, secret)

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> TestResponse:
        said = {"Authorization": f"Bearer {key or self.key()}", **headers}
        data = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        return self.client.open(f"/v1{path}", method=method, data=data, headers=said)

    def get(self, path: str, **given: Any) -> Any:
        answer = self.ask("GET", path, **given)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, path: str, body: Any, *, status: int = 202, **given: Any) -> Any:
        answer = self.ask("POST", path, body, **given)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def work(self) -> None:
        self.world.settle(self.world.worker())


@pytest.fixture
def office(store: Store, store_url: str, tmp_path: Path) -> Iterator[Office]:
    world = World(store=store, folder=tmp_path / "bot")
    (world.folder / "flowbot.yaml").write_text(PROJECT)
    world.write(TALK)
    (world.folder / "content" / "templates").mkdir(parents=True)
    for name, text in TEMPLATES.items():
        (world.folder / "content" / "templates" / f"{name}.yaml").write_text(text)
    (world.folder / "rules").mkdir()
    (world.folder / "rules" / "visits.yaml").write_text(RULES)
    environ = {"HOOK": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "FLOWBOT_SECRET_KEY": "k" * 40}
    folders = {"FLOWBOT_PROJECT": str(world.folder), "FLOWBOT_DATA": str(tmp_path / "data")}
    settings = Settings.from_env({**environ, **folders, "FLOWBOT_REDIS_URL": store_url})
    parts = parts_of(settings, store)
    with create_app(parts).test_client() as client:
        yield Office(store=store, world=world, parts=parts, client=client)


def mistakes(answer: TestResponse) -> list[str]:
    """The pointers of a refusal."""
    assert answer.content_type == "application/problem+json", answer.text
    return sorted(one["pointer"] for one in answer.get_json(force=True).get("errors", ()))
