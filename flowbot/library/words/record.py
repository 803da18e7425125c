"""Which source text each translation was made from: content/.translated.yaml, to be committed with the words.

Language -> file -> name of the text -> two short hashes, of the source and of the translation. A translation is stale
when its source's hash is another by now while the translation is still the recorded one.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from ...errors import ProjectError
from ..yaml import read_yaml
from .scalar import block

FILE = "content/.translated.yaml"
_HEAD = "# Kept by `flowbot content`: the source and the translation as they were when they last matched. Commit it.\n"
Marks = dict[str, dict[str, dict[str, str]]]  # language -> stem -> name -> mark


def mark(source: str, translation: str) -> str:
    """
    >>> mark("Hello", "Hola")
    '185f8db3 e633f4fc'
    """
    return " ".join(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8] for text in (source, translation))


def is_stale(recorded: str, source: str, translation: str) -> bool:
    """
    >>> is_stale(mark("Hello", "Hola"), "Hello!", "Hola"), is_stale(mark("Hello", "Hola"), "Hello!", "¡Hola!")
    (True, False)
    """
    was, made = recorded.split(" ") if recorded.count(" ") == 1 else ("", "")
    now, there = mark(source, translation).split(" ")
    return made == there and was != now


def read_marks(root: Path) -> Marks:
    """The record; empty without one. ProjectError when it cannot be read."""
    try:
        raw = (root / FILE).read_bytes()
    except FileNotFoundError:
        return {}
    read = read_yaml(FILE, raw)
    data = read.source.data if read.source is not None and read.sound else None
    if data is not None and not isinstance(data, dict):
        data = None
    if data is None and raw.strip() != _HEAD.strip().encode():
        raise ProjectError(f"{FILE} cannot be read: put it back as it was, or remove it to begin anew")
    found: Marks = {}
    for lang, stems in (data or {}).items():
        for stem, names in stems.items() if isinstance(stems, dict) else ():
            listed = names.items() if isinstance(names, dict) else ()
            found.setdefault(lang, {})[stem] = {name: str(value) for name, value in listed}
    return found


def as_file(marks: Mapping[str, Mapping[str, Mapping[str, str]]]) -> bytes:
    """Sorted, so that two people's changes merge."""
    data = {
        lang: {stem: dict(sorted(names.items())) for stem, names in sorted(stems.items()) if names}
        for lang, stems in sorted(marks.items())
    }
    return (_HEAD + block(data, 0).lstrip("\n") + "\n").encode() if data else _HEAD.encode()
