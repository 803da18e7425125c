"""`expect: image`: a photo, also one sent as a file. `with: {max_mb: 8, formats: [jpeg, png], min_width: 800}`

What the provider does not say beforehand (bytes, width) is not refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model import codec
from ...model.inbound import Inbound, Media
from ..compare import number
from .asked import Answer, Asked, Bound, Refused, a_count, a_number, texts

BOUNDS: Mapping[str, Bound] = {
    "max_mb": a_number,
    "formats": texts,
    "min_width": a_count,
    "min_height": a_count,
}
_MEGABYTE = 1_000_000


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    media = inbound.media
    if media is None or not _is_image(media):
        return Refused(code="image")
    most = number(asked.bounds.get("max_mb"))
    if most is not None and media.size > most * _MEGABYTE:
        return Refused(code="image.large", params={"max": most})
    formats = [_format(str(name)) for name in asked.bounds.get("formats") or ()]
    if formats and media.mime and _format(_mime(media)) not in formats:
        return Refused(code="image.format", params={"formats": ", ".join(name.upper() for name in formats)})
    for side, length in (("min_width", media.width), ("min_height", media.height)):
        least = number(asked.bounds.get(side))
        if least is not None and 0 < length < least:
            return Refused(code="image.small", params={"min": least})
    return Answer(value=kept(media))


def kept(media: Media) -> dict[str, Any]:
    """What of a file is kept as an answer."""
    plain: dict[str, Any] = codec.to_plain(media)
    return plain


def _is_image(media: Media) -> bool:
    return media.kind == "image" or (media.kind == "document" and _mime(media).startswith("image/"))


def _mime(media: Media) -> str:
    return media.mime.partition(";")[0].strip().lower()


def _format(name: str) -> str:
    """
    >>> _format("image/jpeg"), _format(".JPG"), _format("png")
    ('jpeg', 'jpeg', 'png')
    """
    word = name.lower().rpartition("/")[2].lstrip(".")
    return "jpeg" if word == "jpg" else word
