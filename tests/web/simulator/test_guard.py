from __future__ import annotations

import pytest

from flowbot.settings import Settings
from flowbot.web.simulator.guard import is_foreign, refusal

HERE = {"host": "localhost:8000"}


@pytest.mark.parametrize(
    ("environ", "remote", "headers"),
    [
        ({}, "127.0.0.1", HERE),
        ({}, "::1", {"host": "[::1]:8000"}),
        ({}, "127.0.0.1", {"host": "127.0.0.1:9"}),
        ({"FLOWBOT_SIMULATOR": "on", "FLOWBOT_HOST": "0.0.0.0"}, "203.0.113.9", {"host": "bot.example"}),
    ],
)
def test_admitted(environ: dict[str, str], remote: str, headers: dict[str, str]) -> None:
    assert refusal(Settings.from_env(environ), remote, headers) == ""


@pytest.mark.parametrize(
    ("environ", "remote", "headers"),
    [
        pytest.param({"FLOWBOT_SIMULATOR": "off"}, "127.0.0.1", HERE, id="off"),
        pytest.param({"FLOWBOT_HOST": "0.0.0.0"}, "127.0.0.1", HERE, id="the world can reach us"),
        pytest.param({"FLOWBOT_PUBLIC_URL": "https://bot.example"}, "127.0.0.1", HERE, id="public"),
        pytest.param({}, "203.0.113.9", HERE, id="from elsewhere"),
        pytest.param({}, "127.0.0.1", {**HERE, "x-forwarded-proto": "https"}, id="proxy"),
        pytest.param({}, "127.0.0.1", {"host": "bot.example"}, id="proxy that keeps the name"),
        pytest.param({}, "127.0.0.1", {"host": "rebound.evil.example:8000"}, id="a name made to lead here"),
        pytest.param({}, "127.0.0.1", {"host": "localhost.evil.example"}, id="a name that begins well"),
        pytest.param({}, "127.0.0.1", {"host": "[::1"}, id="broken"),
        pytest.param({}, "127.0.0.1", {}, id="no name"),
    ],
)
def test_refused(environ: dict[str, str], remote: str, headers: dict[str, str]) -> None:
    assert refusal(Settings.from_env(environ), remote, headers)


@pytest.mark.parametrize(
    ("more", "foreign"),
    [
        ({}, False),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://localhost:9000"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
    ],
)
def test_pages_of_other_sites(more: dict[str, str], foreign: bool) -> None:
    assert is_foreign({**HERE, **more}) is foreign
