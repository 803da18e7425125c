"""Taking the texts that stand in a flow out to its content file, so that they can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...engine.compiler import compile_flow
from ...engine.flow import Flow
from ...errors import ProjectError
from ...model.problem import Path
from ..content import Contents, shipped
from ..flows import facts_of, languages_of
from ..library import Library
from ..yaml import read_yaml
from .edit import edited
from .placed import Placed, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """New texts of files, by their path in the project; and why a text stays where it is: (line, column, reason)."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    moved: int = 0
    left: tuple[tuple[int, int, str], ...] = ()


def extract(library: Library, flow: Flow) -> Extraction:
    """What the flow's file and its content file become; nothing is written. ProjectError when they can't be edited."""
    source = library.made[flow.id].read.source
    if source is None or flow is not library.made[flow.id].flow:
        raise ProjectError(f"flows/{flow.id}.yaml has mistakes; `flowbot check` tells them")
    fallback = flow.languages[0]
    file = f"content/{fallback}/{flow.id}.yaml"
    own = _entries(library, file)
    in_flow: dict[Path, Any] = {}
    in_content: dict[Path, Any] = {}
    left = []
    for one in placed(flow):
        reason = _obstacle(library, flow, one, own)
        if reason:
            left.append((*source.values.get(one.path, source.at(one.path)), reason))
            continue
        key = one.keys[0]
        in_flow[one.path] = key
        if key not in own:
            in_content[key,] = one.text
        elif isinstance(own[key], dict) and own[key].get("text") != one.text:
            in_content[key, "text"] = one.text
    raw = {name: _bytes(library, name) for name in (source.file, file)}
    changed = {source.file: in_flow, file: in_content}
    files = {name: edited(name, raw[name], changes) for name, changes in changed.items() if changes}
    _prove(library, flow, files, {key: text for key, text in _said(flow, in_flow)})
    return Extraction(files=files, moved=len(in_flow), left=tuple(left))


def _obstacle(library: Library, flow: Flow, one: Placed, own: Mapping[str, Any]) -> str:
    """Why this text can't be moved; "" when it can."""
    key, fallback = one.keys[0], flow.languages[0]
    here = own.get(key)
    if isinstance(here, dict):
        if here.get("text", one.text) != one.text or not {"text", "choices"} >= set(here):
            return f"content/{fallback}/{flow.id}.yaml has another entry '{key}'"
    elif here is not None and here != one.text:
        return f"content/{fallback}/{flow.id}.yaml has another entry '{key}'"
    elif here is None and isinstance(flow.content.written(fallback).get(key), dict):
        return f"the choices of '{key}' stand in common.yaml: take another id for the step"
    for lang in library.folder.contents():
        for other in one.keys[1:]:
            if other in _entries(library, f"content/{lang[0]}/{flow.id}.yaml"):
                return f"it is shared by several steps, and content/{lang[0]}/{flow.id}.yaml has '{other}' of its own"
    return ""


def _prove(library: Library, flow: Flow, files: Mapping[str, bytes], said: Mapping[str, str]) -> None:
    """The new files make a flow that says the same; ProjectError if not, before anything is written."""
    if not files:
        return
    reads = {
        pair: read_yaml(read.source.file, files.get(read.source.file, read.source.text.encode()))
        for pair, read in library.folder.contents().items()
        if read.source is not None
    }
    fallback = flow.languages[0]
    file = f"content/{fallback}/{flow.id}.yaml"
    if file in files:
        reads[fallback, flow.id] = read_yaml(file, files[file])
    contents = Contents(reads)
    flow_file = f"flows/{flow.id}.yaml"
    source = read_yaml(flow_file, files[flow_file]).source
    assert source is not None
    spoken = contents.languages_of(flow.languages)
    project = library.project
    known = facts_of(project, library.folder)
    own, beneath = contents.own(flow.id, spoken), shipped(spoken)
    made = compile_flow(source, own, languages=languages_of(project), known=known, shipped=beneath).flow
    words = made.content.written(fallback) if made else {}
    for key, text in said.items():
        entry = words.get(key)
        if (entry.get("text") if isinstance(entry, dict) else entry) != text:
            raise ProjectError(f"{flow_file}: '{key}' would not say the same; nothing is changed")


def _said(flow: Flow, moved: Mapping[Path, Any]) -> list[tuple[str, str]]:
    return [(moved[one.path], one.text) for one in placed(flow) if one.path in moved]


def _entries(library: Library, file: str) -> Mapping[str, Any]:
    read = library.folder.reads.get(file)
    data = read.source.data if read is not None and read.source is not None else None
    return data if isinstance(data, dict) else {}


def _bytes(library: Library, file: str) -> bytes:
    """What is on disk; nothing for a file that is not there."""
    try:
        return (library.root / file).read_bytes()
    except FileNotFoundError:
        return b""
