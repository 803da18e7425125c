"""Every key of the language, used by a project whose transcripts pass: what no flow there uses has never been tried.

The keys are those of the schemas that editors get, which are made from what reads the files: a new key fails here until
a flow uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowbot.editor import SCHEMAS, Known
from flowbot.engine.answers import KINDS
from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.library.yaml import read_yaml
from flowbot.steps.ask import MATCHES, STALE
from flowbot.transcript.read import find, read
from flowbot.transcript.run import play

PROJECT = Path(__file__).parent / "language"
MADE = {name: make(Known()) for name, (make, _) in SCHEMAS.items() if name != "flowbot"}  # that one is CONTRACT's
TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
UNIONS = ("anyOf", "oneOf")
NOTHING = {"maxProperties": 0}  # of a type without bounds
Key = tuple[str, str]  # the definition that it stands in, or the path from there; and the key itself


@pytest.fixture(scope="module")
def library() -> Library:
    found = load(PROJECT, {"LOOKS": "whsec_c2VjcmV0"})
    assert [one for one in found.problems if one.level == "error"] == []
    warned = {one.code for one in found.problems if one.level == "warning"}
    assert warned <= {"C406", "C408", "F235", "F236"}  # half translated, and words outside of the window, on purpose
    return found


@pytest.mark.parametrize("file", find(PROJECT), ids=lambda file: file.name)
def test_the_transcripts(library: Library, file: Path) -> None:
    """R141, R040, R045, R046, R067, R071, R108, R113, R114, R117, R131."""
    tests, problems = read(file, PROJECT)
    assert problems == []
    for test in tests:
        result = play(test, library)
        assert result.passed, f"{test.name}: {result.message}\n" + "\n".join(result.chat)


@pytest.mark.parametrize("name", MADE)
def test_every_key_is_used(name: str) -> None:
    wanted = {key for key, _ in below(MADE[name], MADE[name], name, set())}
    there = {key for file in files(name) for key, _ in used(MADE[name], data_of(file), MADE[name], name)}
    if name == "content":  # an entry's keys are the same wherever it stands
        wanted, there = {("", key) for _, key in wanted}, {("", key) for _, key in there}
    assert sorted(wanted - there) == []


@pytest.mark.parametrize(("key", "words"), [("expect", KINDS), ("match", MATCHES), ("stale", STALE)])
def test_every_word_of_a_question_is_used(key: str, words: Any) -> None:
    steps = [step for file in files("flow") for step in data_of(file)["steps"].values()]
    assert {step[key] for step in steps if key in step} == set(words)


def files(name: str) -> list[Path]:
    others = (".test.yaml",) if name == "flow" else ()
    found = [file for file in sorted(PROJECT.glob(SCHEMAS[name][1])) if not file.name.endswith(others or "\0")]
    return [file for file in found if name != "content" or file.parent.name != "templates"]


def data_of(file: Path) -> Any:
    found = read_yaml(file.name, file.read_bytes()).source
    assert found is not None
    return found.data


def below(shape: Mapping[str, Any], root: Mapping[str, Any], place: str, seen: set[str]) -> Iterator[tuple[Key, Any]]:
    """Every key that the schema knows, with its shape."""
    if "$ref" in shape:
        place = shape["$ref"].rpartition("/")[2]
        if place in seen:
            return
        seen.add(place)
        shape = root["definitions"][place]
    for word in (*UNIONS, "allOf"):
        for one in shape.get(word, ()):
            yield from below(one, root, place, seen)
    if "if" in shape:
        yield from below(shape["then"], root, f"{place}[{_kind(shape)}]", seen)
    for key, inner in shape.get("properties", {}).items():
        if inner != NOTHING:
            yield (place, key), inner
        yield from below(inner, root, f"{place}.{key}", seen)
    for word in ("items", "additionalProperties"):
        if isinstance(shape.get(word), Mapping):
            yield from below(shape[word], root, place, seen)


def used(shape: Mapping[str, Any], data: Any, root: Mapping[str, Any], place: str) -> Iterator[tuple[Key, Any]]:
    """Those that a file has."""
    if "$ref" in shape:
        place = shape["$ref"].rpartition("/")[2]
        shape = root["definitions"][place]
    for word in (*UNIONS, "allOf"):
        for one in shape.get(word, ()):
            if word == "allOf" or fits(one, data, root):
                yield from used(one, data, root, place)
    if "if" in shape and fits(shape["if"], data, root):
        yield from used(shape["then"], data, root, f"{place}[{_kind(shape)}]")
    if isinstance(data, dict):
        known, more = shape.get("properties", {}), shape.get("additionalProperties")
        for key, item in data.items():
            if key in known:
                yield (place, key), item
                yield from used(known[key], item, root, f"{place}.{key}")
            elif isinstance(more, Mapping):
                yield from used(more, item, root, place)
    if isinstance(data, list) and isinstance(shape.get("items"), Mapping):
        for item in data:
            yield from used(shape["items"], item, root, place)


def fits(shape: Mapping[str, Any], data: Any, root: Mapping[str, Any]) -> bool:
    """Whether the data may be meant by this one of several shapes."""
    if "$ref" in shape:
        shape = root["definitions"][shape["$ref"].rpartition("/")[2]]
    kinds = [shape["type"]] if isinstance(shape.get("type"), str) else shape.get("type")
    kind = TYPES.get(type(data), "null")
    if kinds and kind not in kinds and not (kind == "integer" and "number" in kinds):
        return False
    if "const" in shape and shape["const"] != data:
        return False
    if isinstance(data, dict):
        known = shape.get("properties", {})
        if shape.get("additionalProperties") is False and not set(data) <= set(known):
            return False
        if not set(shape.get("required", ())) <= set(data):
            return False
        if not all(fits(inner, data[key], root) for key, inner in known.items() if key in data):
            return False
    return all(any(fits(one, data, root) for one in shape[word]) for word in UNIONS if word in shape)


def _kind(shape: Mapping[str, Any]) -> str:
    (told,) = shape["if"]["properties"].values()
    return str(told.get("const", told))
