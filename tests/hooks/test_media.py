"""A file that a contact sent, fetched from the provider: once, within bounds, credentials for the provider alone."""

import asyncio
import json
import os
import threading
import time

import pytest

from flowbot.delivery.client import LIGHT
from flowbot.delivery.files import Folder, path_of
from flowbot.hooks.media import fetch
from flowbot.hooks.parts import Parts
from flowbot.hooks.sweep import DAY, keep_sweeping
from flowbot.media.look import look
from flowbot.model.inbound import Media
from flowbot.model.project import Account, Channel, Project, Retention

from .conftest import Client
from .photos import photo


def channel(gateway, url):
    options = {"access_token": "meta-token", "account_sid": "AC1", "auth_token": "twilio-token"}
    return Channel(account="acme", name="main", gateway=gateway, base_url=url, options=options)


def fetched(tmp_path, gateway, plan, *, times=1, path="/media/1"):
    """What came of it, and the headers and paths of the requests that were made."""

    async def run():
        async with Client() as client:
            base = client.url.partition("/hooks")[0]
            client.plan = [one(base) if callable(one) else one for one in plan]
            project = Project(allow_private_urls=True)
            parts = Parts(store=None, project=lambda: project, files=Folder(tmp_path), data=tmp_path)
            media = Media(kind="image", id="m1", url=base + path)
            for _ in range(times):
                got = await fetch(parts, channel(gateway, base), "c1", media)
            await parts.close()
            return got, client.paths, [headers for headers, _ in client.got]

    return asyncio.run(run())


def test_meta_says_first_where_it_lies(tmp_path):
    plan = [lambda base: (200, "", json.dumps({"url": base + "/file"})), (200, "", photo())]
    got, paths, headers = fetched(tmp_path, "cloud_api", plan, times=2)
    assert (got.facts.mime, got.facts.width) == ("image/jpeg", 400) and (tmp_path / got.path).read_bytes() == photo()
    assert [path.partition("?")[0] for path in paths] == ["/m1", "/file"], "fetched once"
    assert [one["authorization"] for one in headers] == ["Bearer meta-token"] * 2


def test_credentials_do_not_follow_a_redirect_to_another_place(tmp_path):
    def elsewhere(base):
        return (307, f"Location: {base.replace('127.0.0.1', 'localhost')}/file\r\n", "")

    got, paths, headers = fetched(tmp_path, "twilio", [elsewhere, (200, "", photo())])
    assert got.facts.mime == "image/jpeg" and paths == ["/media/1", "/file"]
    assert "authorization" in headers[0] and "authorization" not in headers[1]


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ([404], "gone"),
        ([500], "status"),
        ([lambda base: (302, f"Location: {base}/round\r\n", "")] * 5, "redirects"),
        ([(302, "Location: file:///etc/passwd\r\n", "")], "address"),
        (["close"], "protocol"),
    ],
)
def test_what_is_not_to_be_had(tmp_path, plan, reason):
    got, _, _ = fetched(tmp_path, "gupshup", plan)
    assert (got.reason, got.facts) == (reason, None)
    assert not list(tmp_path.rglob("*.*"))


def test_a_full_disk_is_no_fault_of_the_provider(tmp_path):
    """It is tried again, and the file is not told as gone."""
    (tmp_path / "inbound").write_text("a file where the folder should be")
    got, paths, _ = fetched(tmp_path, "gupshup", [(200, "", photo())])
    assert (got.reason, got.facts) == ("files", None) and paths == ["/media/1"]


def test_of_many_that_come_at_once_two_are_decoded_at_a_time(tmp_path, monkeypatch):
    """Ten pictures of 50 million pixels, sent in a breath, would fill the memory together."""
    at_once, most, lock = 0, 0, threading.Lock()

    def watched(data):
        nonlocal at_once, most
        with lock:
            at_once, most = at_once + 1, max(most, at_once + 1)
        found = look(data)
        with lock:
            at_once -= 1
        return found

    async def run():
        parts = Parts(store=None, project=Project, files=Folder(tmp_path), data=tmp_path)
        kept = [Media(kind="image", id=f"m{number}") for number in range(10)]
        picture = photo(3000, 2000, sharp=False)
        for one in kept:
            Folder(tmp_path).save(path_of("acme", "c1", f"acme/main:{one.id}"), picture)
        return await asyncio.gather(*(fetch(parts, channel("cloud_api", ""), "c1", one) for one in kept))

    monkeypatch.setattr("flowbot.hooks.media.look", watched)
    found = asyncio.run(run())
    assert [got.facts.width for got in found] == [3000] * 10 and most <= 2


def test_large_files_that_come_at_once_are_in_memory_one_after_the_other(tmp_path):
    """As many as there is room for, until each has been looked at; small ones go past them."""
    at_once, most, lock, order = 0, 0, threading.Lock(), []

    class Watched(Folder):
        def save(self, path, data):
            nonlocal at_once, most
            with lock:
                at_once, most = at_once + (len(data) > LIGHT), max(most, at_once + (len(data) > LIGHT))
            time.sleep(0.05)
            super().save(path, data)
            with lock:
                at_once -= len(data) > LIGHT
                order.append(len(data))

    async def run():
        async with Client() as client:
            base = client.url.partition("/hooks")[0]
            large, small = b"%PDF-1.7" + b"x" * 2 * LIGHT, photo()
            client.plan = [(200, "", large)] * 4 + [(200, "", small)]
            parts = Parts(
                store=None, project=lambda: Project(allow_private_urls=True), files=Watched(tmp_path),
                large=asyncio.Semaphore(1),
            )  # fmt: skip
            kept = [Media(kind="document", id=f"m{number}", url=f"{base}/{number}") for number in range(5)]
            got = await asyncio.gather(*(fetch(parts, channel("gupshup", base), "c1", one) for one in kept))
            await parts.close()
            return got

    found = asyncio.run(run())
    assert {got.reason for got in found} == {""} and len(order) == 5
    assert most == 1 and order[-1] > LIGHT, "the small one had to wait for all of the large"


def test_what_was_kept_long_enough_is_swept(tmp_path):
    files = Folder(tmp_path)
    old, new, kept, brief = (path_of(name, "c1", "m") for name in ("acme", "beta", "long", "brief"))
    accounts = {"long": Retention(files=5 * DAY * 1000), "brief": Retention(files=DAY * 1000)}
    project = Project(accounts={name: Account(name=name, retention=rule) for name, rule in accounts.items()})
    for path, days in ((old, 2.1), (new, 1.9), (kept, 2.1), (brief, 1.1)):
        files.save(path, b"data")
        os.utime(tmp_path / path, (time.time() - days * DAY,) * 2)

    async def run():
        parts, stop = Parts(store=None, project=lambda: project, files=files, keep_days=2), asyncio.Event()
        sweeping = asyncio.create_task(keep_sweeping(parts, stop))
        while files.read(brief):
            await asyncio.sleep(0.01)
        stop.set()
        await sweeping
        await parts.close()

    asyncio.run(run())
    assert [files.read(one) for one in (old, new, kept, brief)] == [None, b"data", None, None]
