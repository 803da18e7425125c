"""`expect: image`: a photo, also one sent as a file. `with: {max_mb: 8, formats: [jpeg], min_width: 800, sharp: true}`

What only its bytes tell (width, height, how sharp it is) is refused once they were looked at; `unseen` says whether
they should be.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound, Media
from ..compare import number
from . import files
from .asked import Answer, Asked, Bound, Refused, a_count, a_flag

BOUNDS: Mapping[str, Bound] = {**files.BOUNDS, "min_width": a_count, "min_height": a_count, "sharp": a_flag}
SHARP = 100.0  # variance of the Laplacian, see media/look.py


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    media = inbound.media
    if media is None or not files.is_of(media, "image"):
        return Refused(code="image")
    refused = files.refusal(media, asked, "image") or _small(media, asked) or _blurred(media, asked)
    return refused or Answer(value=files.kept(media))


def unseen(media: Media, asked: Asked) -> bool:
    """Whether a bound is about what is not known of the photo yet."""
    sides = any(asked.bounds.get(name) for name in ("min_width", "min_height", "sharp"))
    return not media.looked and files.is_of(media, "image") and (sides or files.unseen(media, asked))


def _small(media: Media, asked: Asked) -> Refused | None:
    for side, length in (("min_width", media.width), ("min_height", media.height)):
        least = number(asked.bounds.get(side))
        if least is not None and 0 < length < least:
            return Refused(code="image.small", params={"min": least})
    return None


def _blurred(media: Media, asked: Asked) -> Refused | None:
    wanted = asked.bounds.get("sharp") is True and media.sharpness is not None
    return Refused(code="image.blurred") if wanted and (media.sharpness or 0.0) < SHARP else None
