from __future__ import annotations

import ast
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowbot import logs
from flowbot.library.project import read_project
from flowbot.library.yaml import read_yaml
from flowbot.model.gateway import HttpRequest, HttpResponse, WebhookRequest
from flowbot.settings import Settings
from tests.logged import logged


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with logged() as out:
        yield out


@pytest.mark.parametrize(
    "secret",
    [
        "wamid.HBgMNTczMDAxMTEyMjMzFQIAEhgUM0E=",
        "+573001112233",
        "573001112233",
        "+57 300 111-2233",
        "Bearer EAAGm0PX4ZCpsBAKZC",
        "EAAGm0PX4ZCpsBAKZCdummydummy",
        "access_token=abc123",
        "hub.verify_token=opensesame",
        '"app_secret": "0123abcd"',
        "redis://user:opensesame@db:6379/0",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b",
    ],
)
def test_nothing_that_is_a_person_or_a_key_is_written(lines: io.StringIO, secret: str) -> None:
    """R051, R094: secrets never appear in logs."""
    try:
        raise ValueError(f"refused {secret} there")
    except ValueError:
        logging.getLogger("t").exception("send.failed %s", secret, extra={"error": secret, "reason": f"x {secret} y"})
    written = lines.getvalue()
    assert "send.failed" in written and "refused" in written
    for part in (secret, "opensesame", "573001112233", "abc123", "0123abcd", "EAAG", "HBgM", "MfKQ", "5f4d"):
        assert part not in written


@pytest.mark.parametrize(
    "kept", ["ms_17_0a1b2c3d4e5f6g7h8j9k0m1n", "acme/main", "2026-11-21", "10.0.0.1:8000", "131056"]
)
def test_what_is_needed_stays(lines: io.StringIO, kept: str) -> None:
    logging.getLogger("t").info("turn.done", extra={"process_id": kept})
    assert json.loads(lines.getvalue())["process_id"] == kept


def test_only_allowed_extras_are_written(lines: io.StringIO) -> None:
    logging.getLogger("t").info("turn.done", extra={"account": "acme", "text": "hello", "to": "x", "ms": 3, "at": 1})
    line = json.loads(lines.getvalue())
    assert line["account"] == "acme" and line["ms"] == 3 and line["action"] == "turn.done"
    assert not {"text", "to"} & set(line)


def test_a_line_is_one_line_and_shows_what_hides(lines: io.StringIO) -> None:
    logging.getLogger("t").info("a", extra={"reason": 'x\r\n{"level": "error"}\x1b[2J\u202eevil\ud800'})
    text = lines.getvalue()
    assert text.count("\n") == 1
    assert json.loads(text)["reason"] == 'x\\x0d\\x0a{"level": "error"}\\x1b[2J\\u202eevil\\ud800'


def test_text_for_a_person(lines: io.StringIO) -> None:
    out = io.StringIO()
    logs.configure("INFO", "text", out)
    logging.getLogger("t").info("run.ready", extra={"port": 8000})
    assert out.getvalue().endswith("info    run.ready port=8000\n")


_WRITES = ("debug", "info", "warning", "error", "exception", "critical", "log")


# Actions that are put together: what is written there -> what it may come to.
MADE = {
    "'hook.' + outcome": {"hook.delivered", "hook.again", "hook.failed", "hook.disable"},
    "'message.' + verdict.outcome": {"message.sent", "message.failed", "message.again", "message.leave"},
    "'message.' + state": {"message.suppressed", "message.expired", "message.cancelled"},
    "'verifier.' + word": {"verifier.made", "verifier.again", "verifier.failed"},
    "'channel.held' if held else 'channel.throttled'": {"channel.held", "channel.throttled"},
    "word": {"account.full", "account.free", "call.made", "call.again", "call.failed"},
}
DOCS = Path(__file__).parents[1] / "docs" / "operating.md"


def actions() -> dict[str, set[str]]:
    """Every action that the code may write, and at which levels."""
    found: dict[str, set[str]] = {}
    for file in Path(logs.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            whose, level = call.func.value, call.func.attr
            if level not in _WRITES or not isinstance(whose, ast.Name) or whose.id not in ("logger", "log"):
                continue
            said = call.args[1 if level == "log" else 0]
            names = {said.value} if isinstance(said, ast.Constant) else MADE[ast.unparse(said)]
            for name in names:
                found.setdefault(name, set()).add({"exception": "error", "log": ""}.get(level, level))
    return found


def test_what_is_put_together_is_what_may_come() -> None:
    """The outcomes of sends and of claims, as the code has them."""
    code = Path(logs.__file__).parent
    judged = re.findall(r'outcome="(\w+)"', (code / "delivery" / "retry.py").read_text("utf-8"))
    assert MADE["'message.' + verdict.outcome"] == {f"message.{word}" for word in judged}
    ended = re.findall(
        r"ended\[#ended \+ 1\] = { id, '(\w+)' }", (code / "store/lua/claim_messages.lua").read_text("utf-8")
    )
    assert MADE["'message.' + state"] == {f"message.{word}" for word in ended}


def documented() -> dict[str, str]:
    """Action -> its cell of levels, of both tables."""
    lines = DOCS.read_text("utf-8").splitlines()
    rows = [[*line.strip("| ").split(" | "), ""] for line in lines if line.startswith("| `")]
    return {
        name: row[1]
        for row in rows
        if re.fullmatch(r"(debug|info|warning|error|critical)(, \w+)*", row[1])
        for name in re.findall(r"`([a-z_]+\.[a-z_]+)`", row[0])
    }


def test_every_action_is_documented_with_its_level() -> None:
    """R138: stable words; operators look for them, and alarms are built on them."""
    written, known = actions(), documented()
    assert sorted(written.keys() - known.keys()) == [], "not in docs/operating.md"
    assert sorted(known.keys() - written.keys()) == [], "nothing writes it any more"
    wrong = {name: levels for name, levels in written.items() if not levels - {""} <= set(known[name].split(", "))}
    assert wrong == {}


def test_every_extra_in_the_code_is_allowed() -> None:
    """Also holds off `message` and `process`, at which logging raises KeyError."""
    strange = []
    for file in Path(logs.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _WRITES:
                extra = [
                    word.value for word in call.keywords if word.arg == "extra" and isinstance(word.value, ast.Dict)
                ]
                names = [key.value for one in extra for key in one.keys if isinstance(key, ast.Constant)]
                strange += [(file.name, name) for name in names if name not in logs.WORDS | logs.NUMBERS]
    assert strange == []


def test_no_record_tells_its_secrets_when_it_is_printed() -> None:
    """I13: a value in a message or in a trace is its `repr`."""
    words = {name: f"S3CR3T-{name}" for name in ("TOKEN", "APP", "HOOK", "CRM", "KEY", "SEEN")}
    source = read_yaml("flowbot.yaml", PROJECT.encode()).source
    assert source is not None
    project, problems = read_project(source, words)
    assert problems == ()
    assert project.accounts["acme"].channels["main"].options["access_token"] == words["TOKEN"]
    settings = Settings.from_env(
        {"FLOWBOT_SECRET_KEY": words["KEY"] * 4, "FLOWBOT_REDIS_URL": "redis://:S3CR3T@db:6379"}
    )
    headers = {"authorization": f"Bearer {words['TOKEN']}"}
    sent = HttpRequest(method="POST", url="https://graph.test/1", headers=headers, body=b"to +573001112233")
    came = WebhookRequest(method="POST", path=f"/webhooks/a/b/{words['KEY']}", token=words["KEY"], body=b"573001112233")
    told = repr([project, settings, sent, came, HttpResponse(status=200, body=b"573001112233")])
    assert "https://graph.test/1" in told and "S3CR3T" not in told and "573001112233" not in told


PROJECT = """
accounts:
  acme:
    channels:
      main: {gateway: cloud_api, number: "+15550001111", phone_number_id: "1", access_token: "${env:TOKEN}",
             app_secret: "${env:APP}", verify_token: "${env:KEY}"}
    endpoints: [{name: crm, url: "https://client.example/hooks", secret: "${env:HOOK}"}]
    integrations:
      crm: {base_url: "https://crm.example", auth: {bearer: "${env:CRM}"}, actions: {ping: {path: /, method: GET}}}
    verifiers: {document: {url: "https://verify.example", secret: "${env:SEEN}"}}
"""
