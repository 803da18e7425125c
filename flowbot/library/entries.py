"""What is wrong within content files. A file is looked at again only when it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from typing import Any

from ..engine.content import TABLES
from ..engine.entry import ATTACHMENTS, FIELDS, PLURALS
from ..engine.lint.case import texts_of
from ..engine.meant import cut_off
from ..model.problem import Path, Problem, Source, suggest
from .content import COMMON, Contents


@dataclass(frozen=True, slots=True)
class Look:
    """What can be said of a file by itself."""

    problems: tuple[Problem, ...]
    sent: tuple[tuple[Path, str], ...]  # the files that its entries send: path in the file, name


def content_problems(contents: Contents, flows: Mapping[str, Any], media: Folder) -> Iterator[Problem]:
    """Mistakes within content files, each file by itself; `media` is the folder of the files that entries send."""
    for pair, read in contents.files.items():
        source = read.source
        if source is None or source.data is None:
            continue
        if not isinstance(source.data, dict):
            hint = "write keys with their texts"
            yield source.problem((), "C402", "a content file holds keys with texts", hint=hint)
            continue
        stem = pair[1]
        if stem != COMMON and stem not in flows:
            hint = suggest(stem, [*flows, COMMON]) or f"the file's name is a flow's id, or {COMMON}"
            problem = source.problem((), "C415", f"there is no flow '{stem}': these words are never said", hint=hint)
            yield replace(problem, level="warning", line=1, column=1, length=1)
        found = contents.looks.get(pair)
        if found is None:
            found = contents.looks[pair] = Look(
                (*_tables(source), *_mistakes(contents, pair, source)), tuple(attached(source.data))
            )
        yield from found.problems
        yield from _lost(source, found.sent, media)


def _mistakes(contents: Contents, pair: tuple[str, str], source: Source) -> Iterator[Problem]:
    for mistake in contents.mistakes(*pair):
        path = (mistake.key, *mistake.path)
        near = cut_off(source.data, path) or suggest(str(path[-1]), (*FIELDS, *PLURALS)) * (mistake.code == "C401")
        yield source.problem(path, mistake.code, f"{mistake.key}: {mistake.message}", hint=near)


def _tables(source: Source) -> Iterator[Problem]:
    """`words` and the like: a name -> a word or a list of words."""
    for table in TABLES:
        data = source.data.get(table)
        if data is not None and not isinstance(data, dict):
            yield source.problem((table,), "C402", f"{table} takes names with lists of words")
        for name, listed in data.items() if isinstance(data, dict) else ():
            items = listed if isinstance(listed, list) else [listed]
            if not items or not all(isinstance(item, (str, int, float)) and str(item).strip() for item in items):
                hint = "write a list of texts, in quotes where needed"
                yield source.problem((table, name), "C402", f"{name}: a list of words belongs here", hint=hint)


def attached(entries: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Files that entries send, by their key: where each is named, and its path below content/media/.

    Addresses and texts with {{ }} are not looked at.
    """
    for path, text in texts_of(entries):
        kind = next((part for part in reversed(path[1:]) if part in ATTACHMENTS), None)
        if kind and path[-1] in (kind, "path") and "choices" not in path and "{" not in text and "://" not in text:
            yield path, text


def _lost(source: Source, sent: Iterable[tuple[Path, str]], media: Folder) -> Iterator[Problem]:
    """Those that are not there."""
    for path, text in sent:
        there = _is_file(media, text)
        if there is None:
            yield source.problem(path, "C413", f"{text} lies outside content/media/", on_value=True)
        elif not there:
            near = suggest(text, _below(media)) or f"put it at content/media/{text}"
            yield source.problem(path, "C413", f"there is no file {text}", hint=near, on_value=True)


def _is_file(media: Folder, name: str) -> bool | None:
    """None when the name leads out of the folder."""
    try:
        file = (media / name).resolve()
        return file.is_file() if file.is_relative_to(media.resolve()) else None
    except OSError:  # a name that no file can have
        return False


def _below(media: Folder) -> list[str]:
    return [file.relative_to(media).as_posix() for file in media.rglob("*") if file.is_file()]
