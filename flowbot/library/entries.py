"""What is wrong within content files. A file is looked at again only when it has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as Folder

from ..engine.content import TABLES
from ..engine.entry import FIELDS, PLURALS
from ..engine.locale import is_language
from ..engine.meant import cut_off
from ..model.problem import Path, Problem, Source, suggest
from .content import COMMON, Contents
from .flows import Made
from .sent import attached, wrong_files

_LINE = re.compile(r"\bline ([0-9]+): ")  # of a text, in what is wrong with it


@dataclass(frozen=True, slots=True)
class Look:
    """What can be said of a file by itself."""

    problems: tuple[Problem, ...]
    sent: tuple[tuple[Path, str], ...]  # the files that its entries send: path in the file, name


def content_problems(
    contents: Contents, flows: Mapping[str, Made], languages: tuple[str, ...], media: Folder
) -> Iterator[Problem]:
    """Mistakes within content files, each file by itself; `media` is the folder of the files that entries send.

    `languages` are the accounts'.
    """
    spoken = {id: made.draft.languages for id, made in flows.items() if made.draft is not None}
    spoken[COMMON] = tuple(dict.fromkeys([*languages, *(lang for found in spoken.values() for lang in found)]))
    everywhere = {name: limits for made in flows.values() for name, limits in made.around.gateways.items()}
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
        yield from _unspoken(pair[0], stem, source, contents, spoken)
        gateways = flows[stem].around.gateways if stem in flows else everywhere
        yield from wrong_files(source, found.sent, media, gateways)


def _mistakes(contents: Contents, pair: tuple[str, str], source: Source) -> Iterator[Problem]:
    for mistake in contents.mistakes(*pair):
        path: Path = (mistake.key, *mistake.path)
        what, _, options = mistake.message.partition("; ")
        near = cut_off(source.data, path) or suggest(str(path[-1]), (*FIELDS, *PLURALS)) * (mistake.code == "C401")
        while mistake.code == "E301" and len(path) > 1 and path not in source.values:
            path = path[:-1]  # a text alone stands for a mapping
        found = source.problem(
            path, mistake.code, f"{mistake.key}: {what}", hint=near or options, on_value=mistake.code == "E301"
        )
        if line := _LINE.search(mistake.message):
            found = replace(found, line=source.line_of(path, int(line[1])), column=1)
        yield found


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


def _unspoken(
    lang: str, stem: str, source: Source, contents: Contents, spoken: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """Words in a language that nobody is spoken to in."""
    if not is_language(lang):
        message, hint = f"'{lang}' is no language: these words are never said", "call the folder en, es, pt-BR …"
    elif stem in spoken and lang not in contents.languages_of(spoken[stem]):
        what = "no flow speaks" if stem == COMMON else f"the flow '{stem}' does not speak"
        message, hint = f"{what} {lang}: these words are never said", f"languages: [{', '.join(spoken[stem])}, {lang}]"
    else:
        return
    problem = source.problem((), "C417", message, hint=hint, level="warning")
    yield replace(problem, line=1, column=1, length=1)
