"""The simulator for who is named by `flowbot users`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from flowbot.cli import program
from flowbot.errors import NotFound
from flowbot.settings import Settings
from flowbot.store.client import Store
from flowbot.web.app import create_app
from flowbot.wiring import parts_of

PROJECT = """\
accounts:
  acme: {languages: [en], flows: [talk], channels: {main: {gateway: simulator}}}
  beta: {languages: [en], flows: [talk], channels: {main: {gateway: simulator}}}
"""
FLOW = 'flow: talk\nstart: {keywords: [start]}\nsteps:\n  a: {say: "Hello.", succeed: {}}\n'


@pytest.fixture
def environ(tmp_path: Path, store_url: str) -> dict[str, str]:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "talk.yaml").write_text(FLOW)
    return {
        "FLOWBOT_PROJECT": str(tmp_path),
        "FLOWBOT_DATA": str(tmp_path / "data"),
        "FLOWBOT_REDIS_URL": store_url,
        "FLOWBOT_SECRET_KEY": "k" * 40,
        "FLOWBOT_SIMULATOR": "users",
        "FLOWBOT_PUBLIC_URL": "https://bot.example",
    }


@pytest.fixture
def users(environ: dict[str, str]) -> Any:
    return lambda *arguments: CliRunner().invoke(program, ["users", *arguments], obj=environ)


@pytest.fixture
def client(environ: dict[str, str], store: Store) -> Iterator[FlaskClient]:
    settings = Settings.from_env(environ)
    with create_app(parts_of(replace(settings), store)).test_client() as made:
        yield made


def get(client: FlaskClient, path: str, auth: tuple[str, str] | None = None) -> Any:
    return client.get(path, auth=auth, headers={"X-Forwarded-For": "192.0.2.1"}, base_url="https://bot.example")


def test_who_is_named_sees_the_own_accounts_flows(users: Any, client: FlaskClient) -> None:
    """Through a proxy, from anywhere; another account is nobody's business."""
    said = users("add", "acme", "ana@acme.example")
    name, password = said.output.split()
    assert get(client, "/try").status_code == 401 and get(client, "/try/acme/talk").status_code == 401
    assert "Basic" in get(client, "/try").headers["WWW-Authenticate"]
    index = get(client, "/try", (name, password))
    assert index.status_code == 200 and b"/try/acme/talk" in index.data and b"/try/beta" not in index.data
    assert get(client, "/try/acme/talk", (name, password)).status_code == 200
    assert get(client, "/try/beta/talk", (name, password)).status_code == 401
    for wrong in ((name, "guess"), ("ana@acme.example", password), ("acme/bob", password), ("nobody/x", password)):
        assert get(client, "/try/acme/talk", wrong).status_code == 401, wrong


def test_mistakes_of_the_files_are_told_to_no_accounts_user(
    users: Any, client: FlaskClient, environ: dict[str, str]
) -> None:
    """They may be another account's."""
    name, password = users("add", "acme", "ana").output.split()
    Path(environ["FLOWBOT_PROJECT"], "flows", "hidden.yaml").write_text("flow: hidden\nstps: {}\n")
    time.sleep(0.6)  # the shelf looks twice a second
    assert b"hidden" not in get(client, "/try", (name, password)).data
    state = get(client, f"/try/acme/talk/{'a' * 20}/state", (name, password))
    assert state.status_code == 200 and state.json["mistakes"] == []


def test_users_come_and_go(users: Any, client: FlaskClient) -> None:
    name, first = users("add", "acme", "ana").output.split()
    _, second = users("add", "acme", "ana").output.split()
    assert [get(client, "/try", (name, one)).status_code for one in (first, second)] == [401, 200]
    (listed,) = orjson.loads(users("list", "acme", "--json").output)
    assert listed["name"] == "ana" and second not in users("list", "acme").output
    assert users("remove", "acme", "ana").exit_code == 0
    assert get(client, "/try", (name, second)).status_code == 401
    assert isinstance(users("remove", "acme", "ana").exception, NotFound)
    assert isinstance(users("add", "nobody", "ana").exception, NotFound)
    assert users("add", "acme", "no spaces").exit_code == 2
