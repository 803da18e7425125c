"""Files by their content: what they are, and what hostile ones do not do."""

from __future__ import annotations

import io
import struct
import zlib
from zipfile import ZipFile

import pytest
from PIL import Image, ImageDraw, ImageFilter

from flowbot.media.look import MAX_PIXELS, Facts, look
from flowbot.model.inbound import Media


def page(width: int = 1200, height: int = 800) -> Image.Image:
    """Lines of text, as a document has them."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    for line in range(10, height, 14):
        draw.text((10, line), "CEDULA DE CIUDADANIA 1.020.304.050 APELLIDOS NOMBRES " * 4, fill="black")
    return picture


def saved(picture: Image.Image, format: str = "JPEG", **more: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **more)  # type: ignore[arg-type]
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is this large, and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data


def zipped(**files: str) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "/").replace("_", "."), text)
    return file.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_picture_is_measured(format: str) -> None:
    """R041."""
    found = look(saved(page(640, 480), format))
    assert (found.mime, found.width, found.height) == (f"image/{format.lower()}", 640, 480)
    assert not found.damaged
    assert found.sharpness is not None and found.sharpness > 100


def test_a_photo_taken_sideways_has_the_sides_it_is_shown_with() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = look(saved(page(640, 480), exif=exif))
    assert (found.width, found.height) == (480, 640)


def test_blur_lowers_the_sharpness_whatever_the_size() -> None:
    for width, height in ((800, 600), (3000, 2000)):
        sharp = page(width, height)
        values = [look(saved(sharp.filter(ImageFilter.GaussianBlur(radius)))).sharpness for radius in (0, 4, 12)]
        assert all(value is not None for value in values)
        assert values == sorted(values, reverse=True)  # type: ignore[type-var]
        assert values[0] > 100 > values[2]  # type: ignore[operator]
    assert look(saved(Image.new("RGB", (50, 50), "grey"))).sharpness == 0


def test_a_file_cut_short_is_found_out() -> None:
    whole = saved(page())
    assert not look(whole).damaged
    for data in (whole[: len(whole) // 2], saved(page(), "PNG")[:-2000], saved(page(), "WEBP")[:500]):
        assert look(data).damaged


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (20_000, 20_000), (MAX_PIXELS + 1, 1), (2**31 - 1, 9)])
def test_a_bomb_is_not_opened(width: int, height: int) -> None:
    """RELIABILITY 4: a small file that says it is a huge picture."""
    found = look(png_of(width, height))
    assert found == Facts(mime="image/png", size=found.size, damaged=True)


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj", "application/pdf"),
        (b"name;city\r\nAna;Cali\r\n", "text/plain"),
        ("\ufeffnombre;año\nAna;1990".encode(), "text/plain"),
        ("é".encode() * 5000, "text/plain"),
        (b"<html><script>alert(1)</script>", ""),
        (b"  \n<!DOCTYPE html>", ""),
        (b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ""),
        (b"<?xml version='1.0'?><svg/>", ""),
        (b"harmless <script>alert(1)</script>", ""),
        (b"", ""),
        (b"\0\1\2\3nothing that anybody knows", ""),
        (b"\xff\xfe\xfd", ""),
        (b"MZ\x90\0" + b"\0" * 100, "application/x-msdownload"),
        (zipped(a_txt="x"), "application/zip"),
    ],
    ids=range(14),
)
def test_other_files(data: bytes, mime: str) -> None:
    assert look(data) == Facts(mime=mime, size=len(data))


def test_what_is_no_picture_under_a_picture_s_signature() -> None:
    found = look(b"\xff\xd8\xff\xe0" + b"not a photo" * 50)
    assert found.damaged and found.mime == "image/jpeg"


def test_what_the_provider_said_is_corrected() -> None:
    told = Media(kind="image", id="1", mime="image/jpeg", filename="front.jpg", size=3)
    found = look(b"<html>").of(told)
    assert (found.mime, found.size, found.looked, found.filename) == ("", 6, True, "front.jpg")
