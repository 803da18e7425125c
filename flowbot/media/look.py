"""What a file is, by its content: its type, and of a picture its size and how sharp it is.

The name and the type that somebody gave a file say nothing. What would be a page or a script in a browser (HTML, SVG,
XML) and what no signature names has no type, and no question takes it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import filetype

from ..model.inbound import Media

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 50_000_000  # a picture that says it has more is not opened: it would fill the memory
_SIDE = 800  # pixels of the longer side at which sharpness is measured, so that it means the same for every picture
_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF", "image/bmp": "BMP"}
_LAPLACE = (0, 1, 0, 1, -4, 1, 0, 1, 0)
_HEAD = 4096  # bytes that tell whether something is a text
_MARKUP = (b"<", b"\xef\xbb\xbf<")
_ORIENTATION, _SIDEWAYS = 0x0112, (5, 6, 7, 8)  # of EXIF


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found out."""

    mime: str  # "" for what nobody should open
    size: int  # bytes
    width: int = 0  # pixels, as it is shown; 0 when it is no picture, or Pillow is not installed
    height: int = 0
    sharpness: float | None = None  # variance of the Laplacian: below 100 it is hard to read; None: not measured
    damaged: bool = False  # it ends too early, cannot be decoded, or is larger than any camera's

    def of(self, media: Media) -> Media:
        """The media as the provider told of it, corrected by what it is."""
        return replace(
            media,
            mime=self.mime,
            size=self.size,
            width=self.width,
            height=self.height,
            sharpness=self.sharpness,
            damaged=self.damaged,
            looked=True,
        )


def look(data: bytes) -> Facts:
    """
    >>> look(b"%PDF-1.7 and so on").mime, look(b"name;city\\nAna;Cali").mime, look(b" <svg onload=...").mime
    ('application/pdf', 'text/plain', '')
    """
    facts = Facts(mime=mime_of(data), size=len(data))
    return _measured(facts, data) if facts.mime in _PICTURES else facts


def mime_of(data: bytes) -> str:
    """Its type alone, which costs next to nothing."""
    guess = filetype.guess(data)
    return str(guess.mime) if guess else _text(data)


def _text(data: bytes) -> str:
    """Plain text, if it is some; markup is none."""
    head = data[:_HEAD]
    if not head or head.lstrip().startswith(_MARKUP) or b"<script" in head.lower() or b"<html" in head.lower():
        return ""
    try:
        text = head.decode("utf-8", "strict") if len(data) <= _HEAD else head.decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return ""
    return "text/plain" if all(char.isprintable() or char in "\r\n\t\ufeff" for char in text) else ""


def _measured(facts: Facts, data: bytes) -> Facts:
    try:
        from PIL import Image
    except ImportError:
        return facts
    try:
        with Image.open(io.BytesIO(data), formats=[_PICTURES[facts.mime]]) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                return replace(facts, damaged=True)
            if picture.getexif().get(_ORIENTATION) in _SIDEWAYS:
                width, height = height, width
            sized = replace(facts, width=width, height=height)
            return replace(sized, sharpness=_sharpness(picture))
    except Exception:  # whatever a decoder makes of a broken file: bombs are errors and warnings of its own
        return replace(facts, damaged=True)


def _sharpness(picture: Image) -> float:
    """The variance of the Laplacian of its brightness; decodes the whole picture, so a file cut short is found out."""
    from PIL import ImageFilter, ImageStat

    picture.draft("L", (_SIDE, _SIDE))  # JPEG only: decoded at a fraction of its size
    grey = picture.convert("L")
    grey.thumbnail((_SIDE, _SIDE))
    edges = grey.filter(ImageFilter.Kernel((3, 3), _LAPLACE, scale=1, offset=128))
    if min(edges.size) > 2:
        edges = edges.crop((1, 1, edges.width - 1, edges.height - 1))  # the border is copied, not filtered
    return round(float(ImageStat.Stat(edges).var[0]), 1)
