"""What all files that may be an answer have in common: their format, their size, and that they can be opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...model import codec
from ...model.inbound import Media
from ..compare import number
from .asked import Asked, Bound, Refused, a_number, listed, one_of

MEGABYTE = 1_000_000
_NAMES = {  # format, as authors write it -> the types that files of it have
    "jpeg": ("image/jpeg",),
    "png": ("image/png",),
    "webp": ("image/webp",),
    "gif": ("image/gif",),
    "heic": ("image/heic", "image/heif"),
    "bmp": ("image/bmp",),
    "tiff": ("image/tiff",),
    "pdf": ("application/pdf",),
    "doc": ("application/msword",),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    "xls": ("application/vnd.ms-excel",),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    "ppt": ("application/vnd.ms-powerpoint",),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation",),
    "odt": ("application/vnd.oasis.opendocument.text",),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet",),
    "rtf": ("application/rtf",),
    "zip": ("application/zip",),
    "txt": ("text/plain",),
    "csv": ("text/csv", "text/plain"),  # by its content a text like any other
    "mp3": ("audio/mpeg", "audio/mp3"),
    "ogg": ("audio/ogg", "audio/opus", "application/ogg"),
    "m4a": ("audio/mp4", "audio/m4a", "audio/x-m4a"),
    "aac": ("audio/aac",),
    "amr": ("audio/amr",),
    "wav": ("audio/x-wav", "audio/wav"),
    "mp4": ("video/mp4",),
    "3gp": ("video/3gpp",),
    "mov": ("video/quicktime",),
    "webm": ("video/webm",),
}
_OTHER_NAMES = {"jpg": "jpeg", "tif": "tiff", "text": "txt"}
FORMATS = (*_NAMES, *_OTHER_NAMES)
_OF_TYPE = {type_: name for name, types in reversed(_NAMES.items()) for type_ in types}
_FORMAT = one_of(*FORMATS, *_OF_TYPE, shown=FORMATS)
BOUNDS: Mapping[str, Bound] = {"max_mb": a_number, "formats": _FORMAT, "types": _FORMAT}
RUNNABLE = frozenset({"application/x-msdownload", "application/x-executable", "application/x-shockwave-flash"})


def mime(media: Media) -> str:
    """Its type without parameters: image/jpeg."""
    return media.mime.partition(";")[0].strip().lower()


def is_of(media: Media, family: str) -> bool:
    """Whether it is an image, audio or video: what was sent as such, or a file whose type says so."""
    if media.looked:
        return mime(media).startswith(family + "/")
    return media.kind == family or (media.kind == "document" and mime(media).startswith(family + "/"))


def formats_of(asked: Asked) -> tuple[str, ...]:
    """By their names; `types` are the same, except where they are kinds of messages.

    >>> formats_of(Asked(bounds={"formats": ["JPG", ".pdf"], "types": ["image/png"]}))
    ('jpeg', 'pdf', 'png')
    """
    bounds = asked.bounds
    named = (*listed(bounds.get("formats")), *(listed(bounds.get("types")) if asked.expect != "any_media" else ()))
    words = [name.lower().lstrip(".") for name in named]
    return tuple(dict.fromkeys(_OTHER_NAMES.get(word) or _OF_TYPE.get(word, word) for word in words))


def is_in(media: Media, formats: Collection[str]) -> bool:
    return mime(media) in {one for name in formats for one in _NAMES.get(name, ())}


def refusal(media: Media, asked: Asked, code: str = "file") -> Refused | None:
    """Why the file is none that can be taken; what nobody knows of it yet is not refused."""
    if media.damaged:
        return Refused(code=f"{code}.damaged")
    formats = formats_of(asked)
    unknown = media.looked and (not media.mime or mime(media) in RUNNABLE)
    if unknown or (formats and media.mime and not is_in(media, formats)):
        return Refused(code=f"{code}.format", params={"formats": ", ".join(name.upper() for name in formats)})
    most = number(asked.bounds.get("max_mb"))
    if most is not None and media.size > most * MEGABYTE:
        return Refused(code=f"{code}.large", params={"max": most})
    return None


def unseen(media: Media, asked: Asked) -> bool:
    """Whether a bound is about what its sender's word alone tells, or nobody yet."""
    return not media.looked and bool(formats_of(asked) or asked.bounds.get("max_mb"))


def kept(media: Media) -> dict[str, Any]:
    """What of a file is kept as an answer."""
    plain: dict[str, Any] = codec.to_plain(media)
    return plain
