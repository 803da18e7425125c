"""`verify` by a client's service: what it is asked, what its verdict comes to, and what is not worth asking."""

import json
import logging
import time

import pytest
from standardwebhooks import Webhook

from flowbot.delivery.files import Folder
from flowbot.delivery.links import Links
from flowbot.logs import JsonFormatter
from flowbot.model.project import Account, Channel, Project
from flowbot.model.verifier import Verifier

from .asking import Asking
from .conftest import SECRET
from .photos import photo

LINKS = Links(public="https://bot.example", key=b"k" * 32)
FRONT = {"kind": "image", "id": "a" * 32, "mime": "image/jpeg"}
ASKED = {
    "verifier": "document",
    "kind": "document",
    "flow": "identity",
    "language": "es",
    "with": {"number": "1020304050"},
    "media": {"front": FRONT},
}


@pytest.fixture
def asking(scene, tmp_path):
    """`asking(play, photo, **verifier)`: the process runs; the verifier is `stage.client`, the photo was uploaded."""

    def run(play, data=None, *, links=LINKS, gateway="simulator", **options):
        async def all_of_it(stage):
            given = {"name": "document", "url": stage.client.url, "secret": SECRET, **options}
            account = Account(
                name="acme",
                verifiers={"document": Verifier(**given)},
                channels={"main": Channel(account="acme", name="main", gateway=gateway)},
            )
            stage.project = lambda: Project(accounts={"acme": account}, allow_private_urls=True)
            stage.more = {"links": links, "files": Folder(tmp_path), "data": tmp_path}
            if data is not None:
                (tmp_path / "simulator" / "acme").mkdir(parents=True, exist_ok=True)
                (tmp_path / "simulator" / "acme" / FRONT["id"]).write_bytes(data)
            await stage.halt()
            stage.start()
            await play(Asking(stage))

        scene(all_of_it)

    return run


def says(body, status=200):
    return (status, "", json.dumps(body))


def test_it_is_asked_signed_with_files_at_addresses_that_end(asking, tmp_path, caplog):
    """R042, R093: kind, values, files; no secret, file or person in the log."""
    caplog.set_level(logging.INFO)

    async def play(found):
        found.stage.client.plan = [says({"status": "verified", "score": 0.93, "data": {"name": "Ana"}})]
        call = await found.ask(kind="verify", given=ASKED)
        (answer,) = await found.answered()
        verdict = {"status": "verified", "score": 0.93, "reasons": [], "data": {"name": "Ana"}}
        assert (answer.outcome, answer.result) == ("ok", verdict)
        ((headers, body),) = found.stage.client.got
        data = Webhook(SECRET).verify(body, headers)["data"]
        assert (headers["webhook-id"], data["id"], data["kind"]) == (call.id, call.id, "document")
        assert (data["with"], data["language"], data["flow"]) == ({"number": "1020304050"}, "es", "identity")
        front = data["media"]["front"]
        assert (front["mime"], front["width"], front["height"]) == ("image/jpeg", 400, 320)
        mark, path = front["url"].removeprefix("https://bot.example/media/").split("/", 1)
        assert (tmp_path / path).read_bytes() == photo() and path.startswith("inbound/acme/c1/")
        assert 0 < int(mark[:8], 16) - time.time() <= 15 * 60 + 1
        assert LINKS.call_of(data["reply_to"].rpartition("/")[2], time.time()) == call.id

    asking(play, photo())
    lines = "".join(JsonFormatter().format(one) for one in caplog.records if one.name.startswith("flowbot"))
    assert "verifier.made" in lines
    assert not any(word in lines for word in ("1020304050", "Ana", "media/", "whsec"))


def test_202_and_the_verdict_is_awaited_until_its_time_is_over(asking):
    async def play(found):
        found.stage.client.plan = [202]
        await found.ask(kind="verify", left=1500, given=ASKED)
        (answer,) = await found.answered()
        assert (answer.outcome, answer.reason) == ("expired", "timeout")
        assert len(found.stage.client.got) == 1

    asking(play, photo())


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ([500], "status"),
        ([(302, "Location: http://127.0.0.1:1/\r\n")], "status"),
        ([says({"status": "fine"})], "no_verdict"),
        ([says({"status": "verified", "score": "high"})], "no_verdict"),
        ([says({"status": "verified", "reasons": [1]})], "no_verdict"),
        ([says(["verified"])], "no_verdict"),
        ([says({}, 404)], "status"),
        (["flood"], "too_big"),
    ],
)
def test_what_is_no_verdict_is_an_error(asking, plan, reason):
    """R118."""

    async def play(found):
        found.stage.client.plan = list(plan)
        await found.ask(kind="verify", given=ASKED)
        (answer,) = await found.answered()
        assert (answer.outcome, answer.reason) == ("error", reason)

    asking(play, photo())


def test_a_verifier_in_trouble_is_asked_again_under_the_same_id(asking):
    async def play(found):
        found.stage.client.plan = [503, "close", says({"status": "rejected", "reasons": ["forged"]})]
        call = await found.ask(kind="verify", given=ASKED)
        (answer,) = await found.answered()
        assert (answer.result["status"], answer.result["reasons"]) == ("rejected", ["forged"])
        assert [headers["webhook-id"] for headers, _ in found.stage.client.got] == [call.id] * 3

    asking(play, photo())


def test_a_file_that_is_too_large_to_be_fetched_is_told_as_large(asking, monkeypatch):
    """It is no fault of the verifier's, and not tried again: it stays as large."""
    monkeypatch.setattr("flowbot.hooks.media.CAP", 1 << 20)

    async def play(found):
        client = found.stage.client
        client.plan = ["flood"]
        await found.ask(kind="verify", given={**ASKED, "media": {"front": {**FRONT, "url": client.url}}})
        (answer,) = await found.answered()
        assert (answer.outcome, answer.result["status"], answer.result["reasons"]) == ("ok", "unclear", ["front.large"])
        assert len(client.got) == 1

    asking(play, gateway="gupshup")


@pytest.mark.parametrize(
    ("data", "checks", "reasons"),
    [
        (photo(sharp=False), {}, ["front.blurred"]),
        (photo(200, 150), {}, ["front.small"]),
        (photo(), {"min_width": 800}, ["front.small"]),
        (photo(), {"max_mb": 0.01}, ["front.large"]),
        (photo()[:5000], {}, ["front.damaged"]),
        (b"<svg onload=alert(1)>", {}, ["front.type"]),
        (None, {}, ["front.gone"]),
    ],
)
def test_what_nobody_could_read_is_unclear_and_not_sent(asking, data, checks, reasons):
    """R041: type, size, dimensions and blur are looked at here."""

    async def play(found):
        await found.ask(kind="verify", given={**ASKED, "checks": checks})
        (answer,) = await found.answered()
        assert (answer.outcome, answer.result["status"], answer.result["reasons"]) == ("ok", "unclear", reasons)
        assert found.stage.client.got == []

    asking(play, data)


@pytest.mark.parametrize(
    ("change", "options", "reason"),
    [
        ({"verifier": "face"}, {}, "unknown"),
        ({}, {"missing": ("VERIFIER_SECRET",)}, "off"),
        ({}, {"links": None}, "off"),
    ],
)
def test_nothing_leaves_unsigned(asking, change, options, reason):
    async def play(found):
        await found.ask(kind="verify", given={**ASKED, **change})
        (answer,) = await found.answered()
        assert (answer.outcome, answer.reason) == ("error", reason)
        assert found.stage.client.got == []

    asking(play, photo(), **options)
