"""A file that a contact sent, fetched from the provider: once, within bounds, credentials for the provider alone."""

import asyncio
import json

import pytest

from flowbot.delivery.files import Folder
from flowbot.hooks.media import fetch
from flowbot.hooks.parts import Parts
from flowbot.model.inbound import Media
from flowbot.model.project import Channel, Project

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


def test_files_of_a_contact_are_forgotten_and_old_ones_swept(tmp_path):
    files = Folder(tmp_path)
    mine, other = (files.name("acme", who, "acme/main:m1") for who in ("c1", "c2"))
    for path in (mine, other):
        files.save(path, b"data")
    files.forget("acme", "c1")
    assert (files.read(mine), files.read(other)) == (None, b"data")
    files.forget("acme", "..")
    assert files.read(other) == b"data"
    assert files.sweep(0.0) == 0 and files.sweep(9e12) == 1 and files.read(other) is None


@pytest.mark.parametrize(
    "path",
    ["inbound/acme/c1/../../../secret.key", "inbound/acme/c1", "secret.key", "inbound/acme/c1/.x", "/etc/passwd"],
)
def test_only_files_of_contacts_are_found(tmp_path, path):
    (tmp_path / "secret.key").write_text("k")
    assert Folder(tmp_path).find(path) is None
