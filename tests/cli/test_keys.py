"""`flowbot keys`, over a real store."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from flowbot.cli import program
from flowbot.store import apikeys
from flowbot.store.client import Store

YAML = """
accounts:
  acme: {languages: [en], channels: {}}
"""


def run(project: Path, store_url: str, *arguments: str) -> Result:
    environ = {"FLOWBOT_PROJECT": str(project), "FLOWBOT_REDIS_URL": store_url}
    return CliRunner().invoke(program, ["keys", *arguments], obj=environ)


def test_a_key_is_made_shown_once_listed_and_revoked(tmp_path: Path, store_url: str, store: Store) -> None:
    (tmp_path / "flowbot.yaml").write_text(YAML)
    made = run(tmp_path, store_url, "new", "acme", "--name", "crm")
    assert made.exit_code == 0, made.output
    parsed = apikeys.parse(made.stdout.strip())
    assert parsed is not None
    key_id, secret = parsed
    assert apikeys.account_of(key_id, ["beta", "acme"]) == "acme"
    assert store.run(apikeys.check("acme", key_id, secret, store.salt))
    assert not store.run(apikeys.check("acme", key_id, secret + "x", store.salt))
    listed = run(tmp_path, store_url, "list", "acme").stdout
    assert key_id in listed and "crm" in listed and secret not in listed
    assert run(tmp_path, store_url, "revoke", "acme", key_id).exit_code == 0
    assert not store.run(apikeys.check("acme", key_id, secret, store.salt))
    assert run(tmp_path, store_url, "revoke", "acme", key_id).exit_code != 0
    assert run(tmp_path, store_url, "list", "acme").stdout == ""


def test_an_account_that_is_not_there(tmp_path: Path, store_url: str) -> None:
    (tmp_path / "flowbot.yaml").write_text(YAML)
    assert run(tmp_path, store_url, "new", "nobody").exit_code != 0


def test_scopes_an_end_and_a_rotation(tmp_path: Path, store_url: str, store: Store) -> None:
    (tmp_path / "flowbot.yaml").write_text(YAML)
    made = run(tmp_path, store_url, "new", "acme", "--scopes", "messages, contacts:read", "--expires", "30d")
    key_id, secret = apikeys.parse(made.stdout.strip()) or ("", "")
    first = store.run(apikeys.check("acme", key_id, secret, store.salt))
    assert first is not None and first.scopes == ("messages", "contacts:read")
    assert 29 < (first.expires_at - store.now()) / 86_400_000 <= 30
    turned = run(tmp_path, store_url, "rotate", "acme", key_id, "--after", "1h")
    assert turned.exit_code == 0, turned.output
    fresh = store.run(apikeys.check("acme", *(apikeys.parse(turned.stdout.strip()) or ("", "")), store.salt))
    old = store.run(apikeys.check("acme", key_id, secret, store.salt))
    assert fresh is not None and old is not None
    assert fresh.scopes == first.scopes and abs(fresh.expires_at - first.expires_at) < 60_000
    assert 0 < old.expires_at - store.now() <= 3_600_000
    assert "messages,contacts:read" in run(tmp_path, store_url, "list", "acme").stdout
    store.run(apikeys.used("acme", key_id, 1_795_219_200_000))
    assert "used 2026-11-21" in run(tmp_path, store_url, "list", "acme").stdout
    assert run(tmp_path, store_url, "rotate", "acme", "nothing").exit_code != 0
    for wrong in (("--scopes", "everything"), ("--expires", "soon")):
        assert run(tmp_path, store_url, "new", "acme", *wrong).exit_code == 2


def test_without_a_store_it_is_said_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "flowbot.yaml").write_text(YAML)
    data = {"FLOWBOT_PROJECT": str(tmp_path), "FLOWBOT_DATA": str(tmp_path / "data")}
    none = CliRunner().invoke(program, ["keys", "list", "acme"], obj=data)
    assert f"no `flowbot run` is running on {tmp_path / 'data'}: start it, or set FLOWBOT_REDIS_URL" in str(
        none.exception
    )
    away = run(tmp_path, "redis://127.0.0.1:9", "list", "acme")
    assert str(away.exception).endswith("is FLOWBOT_REDIS_URL right, and does the server run?")
