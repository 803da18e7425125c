"""Where the files of contacts are kept: the same promises in the data folder and in a bucket of a real server."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from flowbot.delivery.bucket import bucket_at
from flowbot.delivery.files import CHUNK, Files, Folder, path_of
from flowbot.errors import FilesUnavailable
from flowbot.settings import Settings
from flowbot.wiring import files_of

PICTURE = b"\xff\xd8\xff\xe0 picture"


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Files]:
    if request.param == "folder":
        yield Folder(tmp_path)
    else:
        kept = bucket_at(request.getfixturevalue("s3"))
        kept.sweep(9e12)  # others have used it
        yield kept
        kept.sweep(9e12)


class TestFiles:
    """R093 rests on these."""

    def test_what_is_saved_is_read(self, files: Files) -> None:
        path = path_of("acme", "c1", "acme/main:m1")
        assert (files.read(path), files.open(path)) == (None, None)
        files.save(path, PICTURE)
        files.save(path, PICTURE + b"!")
        assert files.read(path) == PICTURE + b"!"

    @pytest.mark.parametrize(
        ("data", "mime"),
        [(PICTURE, "image/jpeg"), (b"%PDF-1.7 ...", "application/pdf"), (b"<svg onload=x>", ""), (b"", "")],
    )
    def test_its_content_tells_its_type(self, files: Files, data: bytes, mime: str) -> None:
        path = path_of("acme", "c1", "acme/main:m1")
        files.save(path, data)
        opened = files.open(path)
        assert opened is not None
        assert (opened.mime, opened.size, b"".join(opened.chunks())) == (mime, len(data), data)
        opened.close()

    def test_a_large_one_is_handed_on_in_pieces(self, files: Files) -> None:
        path, data = path_of("acme", "c1", "acme/main:m1"), PICTURE + bytes(3 * CHUNK)
        files.save(path, data)
        opened = files.open(path)
        assert opened is not None
        whole, pieces = hashlib.sha256(), []
        for chunk in opened.chunks():
            whole.update(chunk)
            pieces.append(len(chunk))
        opened.close()
        assert whole.digest() == hashlib.sha256(data).digest() and len(pieces) >= 4 and max(pieces) <= CHUNK

    def test_a_contact_is_forgotten_and_nobody_else(self, files: Files) -> None:
        mine = [path_of("acme", "c1", f"acme/main:{number}") for number in range(3)]
        others = [path_of("acme", "c10", "m"), path_of("acme", "c", "m"), path_of("beta", "c1", "m")]
        for path in (*mine, *others):
            files.save(path, PICTURE)
        for account, contact_id in (("acme", ".."), ("acme", ""), ("", "c1"), ("acme", "c1/.."), ("*", "*")):
            files.forget(account, contact_id)
        assert all(files.read(path) for path in mine)
        files.forget("acme", "c1")
        assert [files.read(path) for path in mine] == [None] * 3
        assert all(files.read(path) == PICTURE for path in others)

    def test_old_ones_are_swept(self, files: Files) -> None:
        path = path_of("acme", "c1", "acme/main:m1")
        files.save(path, PICTURE)
        assert files.sweep(time.time() - 60) == 0 and files.read(path) == PICTURE
        assert files.sweep(time.time() + 60) == 1 and files.read(path) is None

    def test_one_account_s_are_swept_alone(self, files: Files) -> None:
        mine, other = path_of("acme", "c1", "m"), path_of("acme2", "c1", "m")
        files.save(mine, PICTURE)
        files.save(other, PICTURE)
        assert files.sweep(time.time() + 60, "acme") == 1
        assert (files.read(mine), files.read(other)) == (None, PICTURE)
        assert files.sweep(time.time() + 60, "..") == files.sweep(time.time() + 60, "*") == 0

    @pytest.mark.parametrize(
        "path",
        ["inbound/acme/c1/../../../secret.key", "inbound/acme/c1", "secret.key", "inbound/acme/c1/.x", "/etc/passwd",
         "inbound/acme/c1/x/y", "other/acme/c1/x", "inbound//c1/x", ""],
    )  # fmt: skip
    def test_no_other_path_is_touched(self, files: Files, tmp_path: Path, path: str) -> None:
        (tmp_path / "secret.key").write_text("k")
        assert (files.read(path), files.open(path)) == (None, None)
        with pytest.raises(ValueError):
            files.save(path, PICTURE)
        assert [file.name for file in tmp_path.rglob("*")] == ["secret.key"]


def test_only_what_lies_below_the_prefix_is_ours(s3: str) -> None:
    files = bucket_at(s3)
    files.forget("acme", "c1")
    files.sweep(9e12)
    beside = bucket_at(s3.replace("/bot?", "?"))
    assert beside.read("inbound/acme/c1/of-somebody-else") == b"beside our prefix"
    files.save("inbound/acme/c1/x", PICTURE)
    client = boto3.client("s3", endpoint_url=s3.partition("endpoint=")[2], region_name="us-east-1")
    found = client.head_object(Bucket="media", Key="bot/inbound/acme/c1/x")
    assert found["ContentType"] == "image/jpeg"


def test_a_bucket_that_is_not_there_says_so_and_names_nobody(s3: str) -> None:
    for url, word in ((s3.replace("media/", "nothing/"), "NoSuchBucket"), ("s3://m1?endpoint=http://127.0.0.1:9", "")):
        files = bucket_at(url)
        for act in (
            lambda files=files: files.save("inbound/acme/c1/x", PICTURE),
            lambda files=files: files.read("inbound/acme/c1/x"),
            lambda files=files: files.forget("acme", "c1"),
        ):
            with pytest.raises(FilesUnavailable) as raised:
                act()
            assert word in str(raised.value) and "acme" not in str(raised.value)


def test_a_full_disk_is_told_apart_from_a_bug(tmp_path: Path) -> None:
    (tmp_path / "inbound").write_text("a file where the folder should be")
    with pytest.raises(FilesUnavailable):
        Folder(tmp_path).save("inbound/acme/c1/x", PICTURE)


def test_the_setting_chooses(s3: str, tmp_path: Path) -> None:
    here = Settings.from_env({"FLOWBOT_DATA": str(tmp_path)})
    there = Settings.from_env({"FLOWBOT_DATA": str(tmp_path), "FLOWBOT_FILES": s3})
    files_of(here).save("inbound/acme/c1/here", PICTURE)
    files_of(there).save("inbound/acme/c1/there", PICTURE)
    assert (tmp_path / "inbound/acme/c1/here").is_file() and not (tmp_path / "inbound/acme/c1/there").exists()
    assert files_of(there).read("inbound/acme/c1/there") == PICTURE
