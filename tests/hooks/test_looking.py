"""A photo that answers a question: fetched from its provider, kept, and looked at."""

import asyncio
import json
import time

import pytest

from flowbot.delivery.files import Folder, path_of
from flowbot.hooks import looking
from flowbot.hooks.attempt import Again, Answered, Attempt
from flowbot.hooks.parts import Parts
from flowbot.model import codec
from flowbot.model.inbound import Media
from flowbot.model.project import Account, Project
from flowbot.model.queued_call import QueuedCall

from .conftest import Client
from .photos import photo
from .test_media import channel

TOLD = Media(kind="image", id="m1", mime="image/png")


def looked(tmp_path, plan, *, left=20_000, number=1, known=True):
    async def run():
        async with Client() as client:
            base = client.url.partition("/hooks")[0]
            client.plan = [one(base) if callable(one) else one for one in plan]
            channels = {"main": channel("cloud_api", base)} if known else {}
            project = Project(accounts={"acme": Account(name="acme", channels=channels)}, allow_private_urls=True)
            parts = Parts(store=None, project=lambda: project, files=Folder(tmp_path))
            now = time.time_ns() // 1_000_000
            call = QueuedCall(
                id="cl_3_x",
                kind="look",
                account="acme",
                channel="main",
                contact_id="c1",
                step="photo",
                visit=2,
                at=now,
                until=now + left,
                body={"media": codec.to_plain(TOLD)},
            )
            found = await looking.make(parts, Attempt(call=call, number=number, left=left))
            await parts.close()
            return found

    return asyncio.run(run())


def where(base):
    return (200, "", json.dumps({"url": base + "/file"}))


def test_it_is_kept_and_told_as_it_is(tmp_path):
    """R092: by its content, whatever the provider calls it; it lies where FLOWBOT_FILES says."""
    found = looked(tmp_path, [where, (200, "", photo())])
    assert found.outcome == "ok"
    media = codec.from_plain(Media, found.result["media"])
    assert (media.id, media.mime, media.width, media.looked) == ("m1", "image/jpeg", 400, True)
    assert (media.size, media.path) == (len(photo()), ""), "where it lies is nobody's business"
    assert Folder(tmp_path).read(path_of("acme", "c1", "acme/main:m1")) == photo()


@pytest.mark.parametrize(
    ("plan", "more", "wanted"),
    [
        ([404], {}, Answered(outcome="error", result={"media": codec.to_plain(TOLD)}, reason="gone")),
        ([500], {}, Again(wait=500, reason="status")),
        (["flood"], {}, Answered(outcome="error", result={"media": codec.to_plain(TOLD)}, reason="too_big")),
        ([500], {"number": 9}, Again(wait=4000, reason="status")),
        ([500], {"left": 900}, Answered(outcome="error", result={"media": codec.to_plain(TOLD)}, reason="status")),
        ([], {"known": False}, Answered(outcome="error", result={"media": codec.to_plain(TOLD)}, reason="unknown")),
    ],
)
def test_what_is_not_to_be_had(tmp_path, monkeypatch, plan, more, wanted):
    """What is too large is not fetched again and again: it stays so."""
    monkeypatch.setattr("flowbot.hooks.media.CAP", 1 << 20)
    assert looked(tmp_path, plan, **more) == wanted
