"""`call` of a flow, from the queue to a client's service and back: whatever the service does, the step hears of it."""

import json
import logging

import pytest

from flowbot.logs import JsonFormatter
from flowbot.model.integration import Action, Integration
from flowbot.model.project import Account, Project

from .asking import Asking

SAVE = Action(
    name="save",
    method="POST",
    path=lambda values: f"/people/{values['id']}",
    json=lambda values: {"name": values["name"]},
    timeout=600,
    needs=frozenset({"id"}),
)
ASKED = {"integration": "crm", "action": "save", "with": {"id": "7", "name": "Ana Secreta"}}


@pytest.fixture
def asking(scene):
    """`asking(play, missing=(), private=True)`: the process runs, with the service that `stage.client` is."""

    def run(play, *, missing=(), private=True):
        async def all_of_it(stage):
            base = stage.client.url.partition("/hooks")[0]
            auth = {"bearer": "t0k-very-secret"}
            crm = Integration(name="crm", base_url=base, auth=auth, actions={"save": SAVE}, missing=missing)
            account = Account(name="acme", integrations={"crm": crm})
            stage.project = lambda: Project(accounts={"acme": account}, allow_private_urls=private)
            await stage.halt()
            stage.start()
            await play(Asking(stage))

        scene(all_of_it)

    return run


def says(body, status=200):
    return (status, "", json.dumps(body))


def test_asked_and_answered(asking):
    """R117."""

    async def play(found):
        found.stage.client.plan = [says({"id": 7, "ok": True})]
        await found.ask(kind="call", left=5000, **ASKED)
        (answer,) = await found.answered()
        assert (answer.outcome, answer.result) == ("ok", {"status": 200, "id": 7, "ok": True})
        ((headers, body),) = found.stage.client.got
        assert json.loads(body) == {"name": "Ana Secreta"}
        assert headers["authorization"] == "Bearer t0k-very-secret"
        assert headers["idempotency-key"] == "acme/main/c1:save:4"

    asking(play)


@pytest.mark.parametrize(
    ("how", "status", "error"),
    [
        (500, 500, "status"),
        ((302, "Location: http://127.0.0.1:1/\r\n"), 302, "status"),
        (says([1]), 200, "no_object"),
        ("hang", 0, "timeout"),
        ("close", 0, "protocol"),
        ("flood", 0, "too_big"),
    ],
)
def test_a_service_that_fails_is_an_error_and_never_silence(asking, caplog, how, status, error):
    """R059, R118: each is logged, and the log holds no secret, no name and no body."""
    caplog.set_level(logging.INFO)

    async def play(found):
        found.stage.client.plan = [how]
        await found.ask(kind="call", left=5000, **ASKED)
        (answer,) = await found.answered()
        assert answer.outcome == "error"
        assert (answer.result["status"], answer.result["error"]) == (status, error)
        assert len(found.stage.client.got) == 1

    asking(play)
    lines = [JsonFormatter().format(one) for one in caplog.records if one.name.startswith("flowbot")]
    assert any('"call.failed"' in line or '"call.made"' in line for line in lines)
    assert not any(word in line for line in lines for word in ("secret", "Ana", "people/7"))


def test_a_busy_service_is_asked_again_with_the_same_key(asking):
    async def play(found):
        found.stage.client.plan = [503, says({"n": 1})]
        await found.ask(kind="call", left=8000, **ASKED)
        (answer,) = await found.answered()
        assert answer.result == {"status": 200, "n": 1}
        keys = [headers["idempotency-key"] for headers, _ in found.stage.client.got]
        assert keys == ["acme/main/c1:save:4"] * 2

    asking(play)


@pytest.mark.parametrize(
    ("change", "options", "error"),
    [
        ({"action": "forgotten"}, {}, "unknown"),
        ({"integration": "erp"}, {}, "unknown"),
        ({"with": {"id": "..", "name": "x"}}, {}, "request"),
        ({}, {"missing": ("CRM_TOKEN",)}, "off"),
        ({}, {"private": False}, "address"),
    ],
)
def test_what_may_not_be_asked_is_an_error_and_nothing_is_sent(asking, change, options, error):
    """R118: also an address within our own network (SSRF)."""

    async def play(found):
        await found.ask(kind="call", left=5000, **{**ASKED, **change})
        (answer,) = await found.answered()
        assert (answer.outcome, answer.result) == ("error", {"status": 0, "error": error})
        assert found.stage.client.got == []

    asking(play, **options)
