"""Files of a project at signed addresses: for a while, and nothing beside them. R093"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flowbot.delivery import links
from flowbot.delivery.bucket import bucket_at
from flowbot.delivery.files import path_of
from flowbot.web.app import create_app
from flowbot.wiring import Parts, links_of, media_key, media_link


@pytest.fixture
def picture(project: Path) -> Path:
    folder = project / "content" / "media" / "promo"
    folder.mkdir(parents=True)
    (folder / "a b.jpg").write_bytes(b"\xff\xd8\xff picture")
    return folder / "a b.jpg"


def test_a_signed_address_opens_its_file(client: FlaskClient, parts: Parts, picture: Path) -> None:
    link = media_link(parts.settings)("promo/a b.jpg")
    assert link.startswith(parts.settings.address + "/media/")
    answer = client.get(link.removeprefix(parts.settings.address), buffered=True)
    assert (answer.status_code, answer.data) == (200, picture.read_bytes())
    assert answer.content_type == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_nothing_else_is_opened(client: FlaskClient, parts: Parts, picture: Path) -> None:
    def mark(path: str, seconds: int = 60, key: bytes = b"") -> str:
        return links.sign(key or media_key(parts.settings), path, int(time.time()) + seconds)

    secret = "content/../../flowbot.yaml"
    whole = "content/promo/a b.jpg"
    for given, path in (
        (mark(whole, -1), whole),
        (mark(whole, key=b"other"), whole),
        (mark("content/promo/b.jpg"), whole),
        (mark("content/promo/none.jpg"), "content/promo/none.jpg"),
        (mark("content/promo"), "content/promo"),
        (mark("promo/a b.jpg"), "promo/a b.jpg"),
        (mark(secret), secret),
        ("x", whole),
    ):
        assert client.get(f"/media/{given}/{path}").status_code == 404, path


@pytest.mark.parametrize("home", ["folder", "bucket"])
def test_what_a_contact_sent_is_opened_by_its_own_address(
    parts: Parts, home: str, request: pytest.FixtureRequest
) -> None:
    """R093: short-lived, signed, and nothing beside it; a bucket's own addresses are nobody's."""
    if home == "bucket":
        parts = replace(parts, files=bucket_at(request.getfixturevalue("s3")))
    client = create_app(parts).test_client()
    path = path_of("acme", "c1", "acme/main:m1")
    parts.files.save(path, b"\xff\xd8\xff\xe0 picture")
    found = links_of(parts.settings)
    assert found is not None
    address, late = (found.file(path, time.time() + seconds) for seconds in (60, -1))
    answer = client.get(address.removeprefix(parts.settings.address), buffered=True)
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"\xff\xd8\xff\xe0 picture", "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("attachment") and answer.content_length == 12
    assert (
        "Location" not in answer.headers
        and client.head(address.removeprefix(parts.settings.address), buffered=True).data == b""
    )
    assert client.get(late.removeprefix(parts.settings.address)).status_code == 404
    for other in ("inbound/acme/c1/../c1/x", "inbound/acme/c1", "secret.key"):
        mark = links.sign(media_key(parts.settings), other, int(time.time()) + 60)
        assert client.get(f"/media/{mark}/{other}").status_code == 404


def test_a_bucket_that_is_away_is_asked_again_later(parts: Parts) -> None:
    parts = replace(parts, files=bucket_at("s3://media?endpoint=http://127.0.0.1:9"))
    path = path_of("acme", "c1", "acme/main:m1")
    mark = links.sign(media_key(parts.settings), path, int(time.time()) + 60)
    answer = create_app(parts).test_client().get(f"/media/{mark}/{path}")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "files_unavailable")
