"""One flow with all that belongs to it, to be taken to another project or copied: its files, by their paths.

It is complete: what the flow uses of common.yaml is written into its own content files, so that it says the same
wherever it goes, and has the same version there.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ..engine.content import TABLES
from ..engine.flow import Flow
from ..errors import ProjectError
from ..model.problem import Path as Place
from .folder import TEMPLATES
from .library import Library
from .sent import attached
from .words.edit import edited
from .yaml import read_yaml

MEDIA = "content/media"
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
MOST, LARGEST = 2_000, 100 * 1024 * 1024  # files of a parcel, and bytes of them all
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same archive

Files = Mapping[str, bytes]  # path in a project, with "/" -> what is in it


def pack(library: Library, flow: Flow) -> dict[str, bytes]:
    """The flow's file, its tests and words, the media and templates that it names; ProjectError when one is unreadable.

    Files that are named and not there are left out: `flowbot check` tells of them.
    """
    found = {f"flows/{flow.id}.yaml": _bytes(library, f"flows/{flow.id}.yaml")}
    found |= _there(library, [f"flows/{flow.id}.test.yaml"])
    words: Mapping[str, Mapping[str, Any]] = flow.meaning["content"]
    for lang in sorted({*words, *(lang for lang, stem in library.folder.contents() if stem == flow.id)}):
        file = f"content/{lang}/{flow.id}.yaml"
        raw = _bytes(library, file) if file in library.folder.reads else b""
        made = edited(file, raw, _lacking(_data(library, file), words.get(lang, {})))
        found |= {file: made} if made else {}
    media = {f"{MEDIA}/{text}" for entries in words.values() for _, text in attached(entries)}
    named = {
        f"{TEMPLATES}/{name}.yaml" for part in (flow.meaning["data"], *words.values()) for name in _templates(part)
    }
    return found | _there(library, sorted({*media, *named}))


def unpack(files: Files, name: str = "") -> tuple[str, dict[str, bytes]]:
    """The flow's id, and the files for a project, under another `name` when one is given.

    ProjectError when it is no flow's parcel: nothing leads out of the project, nothing is there but what `pack` takes.
    """
    if name and not _ID.match(name):
        raise ProjectError(f"{name!r} is no id for a flow: small letters, digits and _")
    flows = [path for path in files if path.startswith("flows/") and not path.endswith(".test.yaml")]
    if len(flows) != 1:
        raise ProjectError("this is no flow's parcel: it has one file in flows/")
    old = PurePosixPath(flows[0]).stem
    made: dict[str, bytes] = {}
    for path, raw in files.items():
        if not _belongs(path, old):
            raise ProjectError(f"this is no flow's parcel: {path[:100]!r} does not belong to '{old}'")
        made[_renamed(path, old, name or old)] = _named(path, raw, name) if name and path.startswith("flows/") else raw
    return name or old, made


def as_zip(files: Files) -> bytes:
    """The files as an archive: the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def from_zip(raw: bytes) -> dict[str, bytes]:
    """The files again; ProjectError for what is no archive, or a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = [one for one in archive.infolist() if not one.is_dir()]
            if len(listed) > MOST or sum(one.file_size for one in listed) > LARGEST:
                raise ProjectError("the archive is too large for a flow")
            return {one.filename: archive.read(one) for one in listed}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise ProjectError(f"the archive cannot be read: {error}") from None


def from_folder(root: Path) -> dict[str, bytes]:
    """The same out of a folder."""
    listed = sorted(path for path in root.rglob("*") if path.is_file())
    if len(listed) > MOST or sum(path.stat().st_size for path in listed) > LARGEST:
        raise ProjectError("the folder is too large for a flow")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in listed}


def in_the_way(root: Path, files: Files) -> list[str]:
    """Files of the project that would become others."""
    return [path for path, raw in files.items() if (root / path).exists() and (root / path).read_bytes() != raw]


def _lacking(own: Mapping[str, Any], words: Mapping[str, Any]) -> dict[Place, Any]:
    """What the flow uses and its own file does not have: a change for `edited`."""
    changes: dict[Place, Any] = {(key,): entry for key, entry in words.items() if key not in own and key not in TABLES}
    for table in sorted(TABLES & words.keys()):
        beneath = own.get(table)
        if not isinstance(beneath, dict):
            changes[table,] = words[table]
        else:
            changes |= {(table, name): listed for name, listed in words[table].items() if name not in beneath}
    return changes


def _templates(data: Any) -> Iterator[str]:
    """The templates that a piece of a flow or of its words names."""
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            named = item.get("template")
            named = named.get("name") if isinstance(named, dict) else named
            if isinstance(named, str) and named.replace("_", "a").isalnum():
                yield named
            stack += item.values()
        elif isinstance(item, list):
            stack += item


def _there(library: Library, files: list[str]) -> dict[str, bytes]:
    root = library.root.resolve()
    paths = {file: (root / file).resolve() for file in files}
    return {file: path.read_bytes() for file, path in paths.items() if path.is_relative_to(root) and path.is_file()}


def _bytes(library: Library, file: str) -> bytes:
    try:
        return (library.root / file).read_bytes()
    except OSError as error:
        raise ProjectError(f"{file} cannot be read: {error.strerror}") from None


def _data(library: Library, file: str) -> Mapping[str, Any]:
    read = library.folder.reads.get(file)
    data = read.source.data if read is not None and read.source is not None else None
    return data if isinstance(data, dict) else {}


def _belongs(path: str, flow: str) -> bool:
    parts = PurePosixPath(path).parts
    if any(part in ("..", ".", "") or part.startswith("/") or "\\" in part or "\0" in part for part in parts):
        return False
    if parts[0] == "flows":
        return len(parts) == 2 and parts[1] in (f"{flow}.yaml", f"{flow}.test.yaml")
    if parts[0] != "content" or len(parts) < 3:
        return False
    return parts[1] == "media" or (len(parts) == 3 and (parts[1] == "templates" or parts[2] == f"{flow}.yaml"))


def _renamed(path: str, old: str, new: str) -> str:
    parts = PurePosixPath(path).parts
    if parts[0] == "flows" or parts[1] not in ("media", "templates"):
        return "/".join((*parts[:-1], parts[-1].replace(old, new, 1)))
    return path


def _named(path: str, raw: bytes, name: str) -> bytes:
    """The file with its `flow:` changed."""
    source = read_yaml(path, raw).source
    there = source is not None and isinstance(source.data, dict) and "flow" in source.data
    return edited(path, raw, {("flow",): name}) if there else raw
