"""What of a project's files may leave. R092"""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.model.gateway import Refused
from flowbot.sender import files

JPEG, PNG, WEBP = b"\xff\xd8\xff\xe0 picture", b"\x89PNG\r\n\x1a\n picture", b"RIFF\x10\x00\x00\x00WEBPVP8 picture"
OGG = b"OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00OpusHead"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "content" / "media").mkdir(parents=True)
    (tmp_path / "secret.jpg").write_bytes(JPEG)
    return tmp_path


def code(folder: Path, name: str, data: bytes, kind: str, **limits: int) -> str:
    (folder / "content" / "media" / name).write_bytes(data)
    found = files.find(folder, name, kind, limits)
    return str(found.code) if isinstance(found, Refused) else files.type_of(found)


@pytest.mark.parametrize(
    ("name", "data", "kind", "said"),
    [
        ("a.jpg", JPEG, "image", "image/jpeg"),
        ("a.jpg", PNG, "image", "image/png"),
        ("a.jpg", WEBP, "image", "file_type"),
        ("a.webp", WEBP, "sticker", "image/webp"),
        ("a.ogg", OGG, "audio", "audio/ogg"),
        ("a.pdf", b"%PDF-1.7", "document", "application/pdf"),
        ("a.csv", b"name;city", "document", "text/csv"),
        ("a.txt", b"hello", "document", "text/plain"),
        ("a.pdf", b"<html><script>", "document", "file_type"),
        ("a.html", b"hello", "document", "text/plain"),
        ("a.jpg", b"hello", "image", "file_type"),
        ("a.jpg", b"", "image", "file_type"),
    ],
)
def test_the_content_says_what_it_is(folder: Path, name: str, data: bytes, kind: str, said: str) -> None:
    assert code(folder, name, data, kind) == said


def test_what_is_too_large_does_not_leave(folder: Path) -> None:
    assert code(folder, "a.pdf", b"%PDF-1.7" + bytes(files.MOST), "document") == "file_too_large"
    assert code(folder, "a.jpg", JPEG + bytes(100), "image", image=50) == "file_too_large"
    assert code(folder, "a.jpg", JPEG, "image", image=50) == "image/jpeg"


def test_only_what_lies_below_media(folder: Path) -> None:
    for path in ("../../secret.jpg", "none.jpg", ".", "/etc/hostname"):
        found = files.find(folder, path, "image", {})
        assert isinstance(found, Refused) and found.code == "no_file"
