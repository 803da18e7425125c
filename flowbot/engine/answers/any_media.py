"""`expect: any_media`: a photo, video, recording or file. `with: {types: [image, video], max_mb: 16}`

All of these count unless `types` names some; stickers only when it does.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound, Media
from . import files
from .asked import Answer, Asked, Bound, Refused, listed, one_of

_USUAL = ("image", "video", "audio", "document")
BOUNDS: Mapping[str, Bound] = {**files.BOUNDS, "types": one_of(*_USUAL, "sticker")}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    media = inbound.media
    if media is None or not _counts(media, asked):
        return Refused(code="any_media")
    return files.refusal(media, asked) or Answer(value=files.kept(media))


def unseen(media: Media, asked: Asked) -> bool:
    return _counts(media, asked) and files.unseen(media, asked)


def _counts(media: Media, asked: Asked) -> bool:
    """By how it was sent; a file that is a photo counts as one too."""
    types = listed(asked.bounds.get("types")) or _USUAL
    return media.kind in types or any(files.is_of(media, family) for family in types if family != "document")
