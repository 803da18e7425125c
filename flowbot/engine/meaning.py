"""What a flow means, as data: its version is the hash of it, and from it the flow can be made again.

Only what its author wrote counts: the file without its layout, and the words of content that the flow uses. What
Flowbot itself says comes with Flowbot; a release that changes such a word changes no version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from ..model.ids import digest
from .content import OPEN_TABLES, TABLES

FORM = 2  # of a bundle; the first had the shipped words among the author's, and no `version`
Words = Mapping[str, Mapping[str, Any]]  # language -> key -> entry


def meaning_of(id: str, data: Mapping[str, Any], languages: Sequence[str], words: Words) -> dict[str, Any]:
    """The whole of it, as plain data.

    By name where order says nothing: the same files give the same version in whatever order they were written or read.

    >>> one = meaning_of("f", {"steps": {"a": {"say": "x", "next": "b"}}, "flow": "f"}, ["en"], {"en": {}})
    >>> two = meaning_of("f", {"flow": "f", "steps": {"a": {"next": "b", "say": "x"}}}, ["en"], {})
    >>> version_of(one) == version_of(two)
    True
    """
    told = {lang: dict(sorted(words[lang].items())) for lang in sorted(words) if words[lang]}
    return {"flow": id, "data": _ordered(data), "content": told, "languages": list(languages)}


def version_of(meaning: Mapping[str, Any]) -> str:
    """A short hash.

    >>> len(version_of({"flow": "f"}))
    16
    """
    return digest(canonical(meaning).decode(), size=10)


def bundle_of(version: str, meaning: Mapping[str, Any], shipped: Words) -> bytes:
    """Everything that the flow needs, for the store: with the words of Flowbot's own that it was made with."""
    beneath = {lang: shipped[lang] for lang in sorted(shipped) if shipped[lang]}
    return canonical({"v": FORM, "version": version, **meaning, "shipped": beneath})


def canonical(data: Mapping[str, Any]) -> bytes:
    """The same bytes for the same data."""
    return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


def used(words: Words, keys: Collection[str], named: Collection[str]) -> dict[str, dict[str, Any]]:
    """The entries under `keys`; of the tables, what stands under the names in `named`.

    >>> used({"en": {"hi": "Hi", "other": "…", "words": {"stop": ["stop"], "x": ["y"]}}}, ["hi"], ["stop"])
    {'en': {'hi': 'Hi', 'words': {'stop': ['stop']}}}
    """
    found: dict[str, dict[str, Any]] = {}
    for lang, entries in words.items():
        kept = {key: entry for key, entry in entries.items() if key in keys}
        for table in TABLES:
            listed = entries.get(table)
            rows = listed if isinstance(listed, Mapping) else {}
            if table not in OPEN_TABLES:
                rows = {name: rows[name] for name in rows if name in named}
            kept |= {table: dict(sorted(rows.items()))} if rows else {}
        found[lang] = kept
    return found


def names_in_tables(words: Words) -> Iterable[str]:
    """Every name under which a table has words."""
    tables = (entries.get(table) for entries in words.values() for table in TABLES)
    return {str(name) for table in tables if isinstance(table, Mapping) for name in table}


def _ordered(data: Mapping[str, Any]) -> dict[str, Any]:
    """The flow's keys by name, and each step's; the order of steps counts, and of all that lies deeper."""
    found = _by_name(data)
    steps = data.get("steps")
    if isinstance(steps, Mapping):
        found["steps"] = {id: _by_name(step) if isinstance(step, Mapping) else step for id, step in steps.items()}
    return found


def _by_name(table: Mapping[Any, Any]) -> dict[Any, Any]:
    return dict(sorted(table.items(), key=lambda item: str(item[0])))
