"""`expect: document`: a file. `with: {formats: [pdf, jpg], max_mb: 10}`

A photo counts too where `formats` names a format that photos have.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound, Media
from . import files
from .asked import Answer, Asked, Bound, Refused

BOUNDS: Mapping[str, Bound] = files.BOUNDS


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    media = inbound.media
    if media is None or not _counts(media, asked):
        return Refused(code="document")
    return files.refusal(media, asked) or Answer(value=files.kept(media))


def unseen(media: Media, asked: Asked) -> bool:
    return _counts(media, asked) and files.unseen(media, asked)


def _counts(media: Media, asked: Asked) -> bool:
    return media.kind == "document" or (media.kind == "image" and files.is_in(media, files.formats_of(asked)))
