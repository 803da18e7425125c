"""`expect: video`: a video, also one sent as a file. `with: {max_mb: 16, formats: [mp4]}`"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound, Media
from . import files
from .asked import Answer, Asked, Bound, Refused

BOUNDS: Mapping[str, Bound] = files.BOUNDS


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    media = inbound.media
    if media is None or not files.is_of(media, "video"):
        return Refused(code="video")
    return files.refusal(media, asked) or Answer(value=files.kept(media))


def unseen(media: Media, asked: Asked) -> bool:
    return files.is_of(media, "video") and files.unseen(media, asked)
