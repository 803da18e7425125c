from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.errors import SettingsError
from flowbot.settings import KNOWN, Settings, field_name, table, unknown

WRONG = {
    "FLOWBOT_PORT": ["many", "-1", "65536", "8000.0", "٣"],
    "FLOWBOT_REDIS_URL": ["localhost:6379", "http://localhost"],
    "FLOWBOT_PUBLIC_URL": ["bot.example", "ftp://bot.example"],
    "FLOWBOT_SECRET_KEY": ["short"],
    "FLOWBOT_OLD_SECRET_KEYS": ["short", "k" * 40 + ",short"],
    "FLOWBOT_FLOWS": ["draft"],
    "FLOWBOT_FILES": [
        "/data",
        "s3://",
        "s3://Bucket_",
        "s3://key:secret@media",
        "s3://media?acl=x",
        "s3://media?endpoint=x",
    ],
    "FLOWBOT_LOG_LEVEL": ["LOUD"],
    "FLOWBOT_DURABILITY": ["forever"],
    "FLOWBOT_SIMULATOR": ["yes"],
    "FLOWBOT_SLOT": ["a b", "x" * 61],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_wrong_value_is_refused_by_its_name_and_not_repeated_when_secret(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.from_env({name: text})
    if "SECRET_KEY" in name:
        assert text not in str(refused.value)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"FLOWBOT_PORT": "x", "FLOWBOT_LOG_LEVEL": "y"})
    assert "FLOWBOT_PORT" in str(refused.value) and "FLOWBOT_LOG_LEVEL" in str(refused.value)


def test_an_empty_value_counts_as_unset() -> None:
    assert Settings.from_env({"FLOWBOT_PORT": " ", "FLOWBOT_REDIS_URL": ""}) == Settings.from_env({})


def test_data_stands_in_the_project_unless_it_is_given() -> None:
    assert Settings.from_env({"FLOWBOT_PROJECT": "/bots/one"}).data == Path("/bots/one/.flowbot")
    assert Settings.from_env({"FLOWBOT_PROJECT": "/bots/one", "FLOWBOT_DATA": "here"}).data == Path("here")


def test_secrets_do_not_show() -> None:
    key = "k" * 40
    settings = Settings.from_env(
        {"FLOWBOT_SECRET_KEY": key, "FLOWBOT_REDIS_URL": "redis://:hush@db", "WA_TOKEN": "hush"}
    )
    assert key not in repr(settings) and "hush" not in repr(settings)
    assert settings.environ["WA_TOKEN"] == "hush"


def test_each_setting_is_a_field_and_in_the_table() -> None:
    fields = {name for name in Settings.__dataclass_fields__ if name != "environ"}
    assert fields == {field_name(name) for name in KNOWN}
    assert all(f"| `{name}` |" in table() for name in KNOWN)
    assert all(one.help.endswith(".") and one.allowed and one.default for one in KNOWN.values())


def test_a_typing_error_in_a_name_is_noticed() -> None:
    assert unknown({"FLOWBOT_PROT": "1", "FLOWBOT_PORT": "1", "HOME": "/"}) == ["FLOWBOT_PROT"]


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000")],
)
def test_the_address_is_one_that_can_be_opened_here(host: str, address: str) -> None:
    assert Settings.from_env({"FLOWBOT_HOST": host}).address == address
