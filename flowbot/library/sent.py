"""The files that content entries send: whether they are there, and whether the gateways in use take them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as Folder
from typing import Any

from ..engine.entry import ATTACHMENTS
from ..engine.lint.case import texts_of
from ..model.gateway import Limits
from ..model.problem import Path, Problem, Source, suggest

_SUFFIXES = {  # what WhatsApp takes of each kind
    "image": ("jpg", "jpeg", "png"),
    "video": ("mp4", "3gp"),
    "audio": ("aac", "m4a", "mp3", "amr", "ogg", "opus"),
    "sticker": ("webp",),
}


def attached(entries: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Files that entries send, by their key: where each is named, and its path below content/media/.

    Addresses and texts with {{ }} are not looked at.
    """
    for path, text in texts_of(entries):
        kind = next((part for part in reversed(path[1:]) if part in ATTACHMENTS), None)
        if kind and path[-1] in (kind, "path") and "choices" not in path and "{" not in text and "://" not in text:
            yield path, text


def wrong_files(
    source: Source, sent: Iterable[tuple[Path, str]], media: Folder, gateways: Mapping[str, Limits]
) -> Iterator[Problem]:
    """Those that are not there, or are none that a gateway takes; `media` is their folder."""
    for path, text in sent:
        there = is_file(media, text)
        if there is None:
            yield source.problem(path, "C413", f"{text} lies outside content/media/", on_value=True)
        elif not there:
            near = suggest(text, _below(media)) or f"put it at content/media/{text}"
            yield source.problem(path, "C413", f"there is no file {text}", hint=near, on_value=True)
        else:
            yield from _refused(source, path, media / text, gateways)


def _refused(source: Source, path: Path, file: Folder, gateways: Mapping[str, Limits]) -> Iterator[Problem]:
    """A file of a kind or a size that the provider does not take."""
    kind = next(str(part) for part in reversed(path) if part in ATTACHMENTS)
    suffix = file.suffix.lower().removeprefix(".")
    if suffix not in _SUFFIXES.get(kind, (suffix,)):
        hint = f"as {kind} WhatsApp takes {', '.join(_SUFFIXES[kind])}; anything goes as document"
        yield source.problem(path, "C419", f"{file.name} is no {kind} for WhatsApp", hint=hint, on_value=True)
        return
    own = {name: limits.media[kind] for name, limits in gateways.items() if kind in limits.media}
    most = min(own.values(), default=0)
    size = file.stat().st_size
    if most and size > most:
        whose = ", ".join(name for name, one in own.items() if one == most)
        message = f"{file.name} has {_megabytes(size)}; {whose} takes {_megabytes(most)} as {kind}"
        yield source.problem(path, "C419", message, hint="make it smaller", on_value=True)


def _megabytes(size: int) -> str:
    """
    >>> _megabytes(5 * 1024 * 1024), _megabytes(5 * 1024 * 1024 + 1), _megabytes(500 * 1024)
    ('5.0 MB', '5.1 MB', '0.5 MB')
    """
    return f"{math.ceil(size * 10 / 1024 / 1024) / 10:.1f} MB"


def is_file(media: Folder, name: str) -> bool | None:
    """None when the name leads out of the folder."""
    try:
        file = (media / name).resolve()
        return file.is_file() if file.is_relative_to(media.resolve()) else None
    except OSError:  # a name that no file can have
        return False


def _below(media: Folder) -> list[str]:
    return [file.relative_to(media).as_posix() for file in media.rglob("*") if file.is_file()]
