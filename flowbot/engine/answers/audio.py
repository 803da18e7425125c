"""`expect: audio`: a voice message or another recording. `with: {voice: true, max_mb: 5}`"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound, Media
from . import files
from .asked import Answer, Asked, Bound, Refused, a_flag

BOUNDS: Mapping[str, Bound] = {**files.BOUNDS, "voice": a_flag}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    media = inbound.media
    if media is None or not _counts(media):
        return Refused(code="audio")
    if asked.bounds.get("voice") is True and not media.voice:
        return Refused(code="audio.voice")
    return files.refusal(media, asked) or Answer(value=files.kept(media))


def unseen(media: Media, asked: Asked) -> bool:
    return _counts(media) and files.unseen(media, asked)


def _counts(media: Media) -> bool:
    """What a phone records may come in a container that videos have too."""
    return files.is_of(media, "audio") or (media.kind == "audio" and files.mime(media) in ("video/mp4", "video/3gpp"))
