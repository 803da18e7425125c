"""A project on disk, a store that is real, and the web over both."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from flowbot.model import event
from flowbot.settings import Settings
from flowbot.store import inbox, leases
from flowbot.store.client import Store, connect
from flowbot.store.embedded import Embedded
from flowbot.web.app import create_app
from flowbot.wiring import Parts, parts_of

FLOWBOT = """
accounts:
  acme:
    default_country: CO
    languages: [en]
    channels:
      main:
        gateway: cloud_api
        number: "+15550199001"
        phone_number_id: "7001"
        access_token: ${env:TOKEN}
        app_secret: ${env:SHARED_SECRET}
        verify_token: ${env:VERIFY}
      second:
        gateway: cloud_api
        number: "+15550199002"
        phone_number_id: "7002"
        access_token: ${env:TOKEN}
        app_secret: ${env:SHARED_SECRET}
        verify_token: ${env:VERIFY}
      other_app:
        gateway: cloud_api
        number: "+15550199003"
        phone_number_id: "7003"
        access_token: ${env:TOKEN}
        app_secret: ${env:OTHER_SECRET}
        verify_token: ${env:VERIFY}
      no_secret:
        gateway: cloud_api
        number: "+15550199004"
        phone_number_id: "7004"
        access_token: ${env:TOKEN}
        app_secret: ${env:NOT_SET}
        verify_token: ${env:NOT_SET}
      try:
        gateway: simulator
    verifiers:
      document: {url: "https://verifier.example", secret: "${env:VERIFIER}"}
  beta:
    languages: [en]
    channels:
      main:
        gateway: cloud_api
        number: "+15550199100"
        phone_number_id: "7100"
        access_token: ${env:TOKEN}
        app_secret: ${env:SHARED_SECRET}
        verify_token: ${env:VERIFY}
      own:
        gateway: cloud_api
        number: "+15550199101"
        phone_number_id: "7101"
        access_token: ${env:TOKEN}
        app_secret: ${env:OTHER_SECRET}
        verify_token: ${env:VERIFY}
"""
HELLO = """
flow: hello
languages: [en]
start: {messages: [hello], api: true}
inputs:
  account_id: {type: text, required: true}
  age: {type: integer}
steps:
  name: {ask: What is your name?}
  done: {say: Thank you!, succeed: {}}
"""
QUIET = """
flow: quiet
languages: [en]
start: {messages: [quiet]}
steps:
  done: {say: Hm., succeed: {}}
"""
SCARCE = """
flow: scarce
languages: [en]
start: {api: true}
settings: {attempts: {ever: 1}}
steps:
  done: {say: That was it., succeed: {}}
"""
SECRETS = {
    "TOKEN": "t",
    "SHARED_SECRET": "shared",
    "OTHER_SECRET": "other",
    "VERIFY": "verify-me",
    "VERIFIER": "whsec_" + "c3Nz" * 8,
}
TEMPLATES = {
    "invite": """
category: utility
topic: orders
examples: {name: Ana, account_id: a-1}
languages:
  en: {body: "Hello {{ name }}, is {{ account_id }} yours?", continue: "Yes", cancel: "No"}
""",
    "question": """
category: utility
languages: {en: {body: What is your name?}}
""",
}
_ids = itertools.count(1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flowbot.yaml").write_text(FLOWBOT)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "hello.yaml").write_text(HELLO)
    (tmp_path / "flows" / "quiet.yaml").write_text(QUIET)
    (tmp_path / "flows" / "scarce.yaml").write_text(SCARCE)
    (tmp_path / "content" / "templates").mkdir(parents=True)
    for name, text in TEMPLATES.items():
        (tmp_path / "content" / "templates" / f"{name}.yaml").write_text(text)
    return tmp_path


@pytest.fixture
def environ(project: Path, store_url: str) -> dict[str, str]:
    return {
        **SECRETS,
        "FLOWBOT_PROJECT": str(project),
        "FLOWBOT_DATA": str(project / ".flowbot"),
        "FLOWBOT_REDIS_URL": store_url,
        "FLOWBOT_SECRET_KEY": "k" * 40,
    }


@pytest.fixture
def parts(environ: dict[str, str], store: Store) -> Parts:
    settings = Settings.from_env(environ)
    return parts_of(settings, store)


@pytest.fixture
def gone(tmp_path: Path) -> Iterator[Store]:
    """A store that answered once and is not there any more."""
    server = Embedded(tmp_path / "gone", durable=False)
    server.start()
    with contextlib.closing(connect(server.url, partitions=8)) as connected:
        server.stop()
        yield connected


@pytest.fixture
def client(parts: Parts) -> Iterator[FlaskClient]:
    with create_app(parts).test_client() as client:
        yield client


def text(body: str = "Hi", *, sender: str = "15550100001", id: str = "") -> dict[str, Any]:
    """A text message as Meta sends it, with an id of its own."""
    return {
        "from": sender,
        "id": id or f"wamid.{next(_ids)}",
        "timestamp": "1700000000",
        "type": "text",
        "text": {"body": body},
    }


def envelope(*messages: Any, to: str = "7001", statuses: Any = ()) -> bytes:
    return join((to, messages, statuses))


def join(*changes: tuple[str, Any, Any]) -> bytes:
    """A webhook's body with a change for each number."""
    made = [
        {
            "field": "messages",
            "value": {"metadata": {"phone_number_id": to}, "messages": list(messages), "statuses": list(statuses)},
        }
        for to, messages, statuses in changes
    ]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "8001", "changes": made}]})


def signature(body: bytes, secret: str = "shared") -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(client: FlaskClient, body: bytes, path: str = "/webhooks/acme/main", *, secret: str = "shared") -> Any:
    return client.post(path, data=body, headers={"X-Hub-Signature-256": signature(body, secret)})


def stored(store: Store) -> list[tuple[str, str, Any]]:
    """All that lies in inboxes: (contact id, channel, event), a contact's in their order."""
    found = []
    for partition in range(store.partitions):
        epoch = store.run(leases.take("w", partition, "test", 60_000))
        taken = store.run(inbox.take(partition, "test", epoch, 2000))
        found += [(entry.contact_id, entry.channel_key, event.from_bytes(entry.event)) for entry in taken.entries]
        store.run(leases.release("w", partition, "test"))
    return found


def texts(store: Store) -> list[tuple[str, str]]:
    """Channel and text of every stored message."""
    return sorted((channel, arrived.inbound.text) for _, channel, arrived in stored(store))
