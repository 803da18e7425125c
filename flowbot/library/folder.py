"""The files of a project folder that Flowbot reads, each read once and again only when it has changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..model.problem import Problem
from .recovery import read_on
from .yaml import MAX_BYTES, Read, read_yaml

PROJECT = "flowbot.yaml"
TEMPLATES = "content/templates"
_ELSEWHERE = ("templates", "media")  # folders in content/ that hold no words of flows
Stamp = tuple[int, int, int]  # ns of the last change, size, inode


@dataclass(frozen=True, slots=True)
class Folder:
    """What was on disk at one moment: relative path -> stamp, and what came of each file."""

    root: Path
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    reads: Mapping[str, Read] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path, before: Folder | None = None) -> Folder:
        """Read all files; those of `before` that have not changed are taken from it."""
        stamps = dict(_scan(root))
        reads = {}
        for file, stamp in stamps.items():
            same = before is not None and before.stamps.get(file) == stamp and file in before.reads
            reads[file] = before.reads[file] if same and before is not None else _read(root, file)
        return cls(root, stamps, reads)

    def changed(self) -> bool:
        """Whether any file was added, removed or written since; looks at names and times only."""
        return dict(_scan(self.root)) != self.stamps

    def flows(self) -> dict[str, Read]:
        """Flow id -> its file."""
        return {_stem(file): read for file, read in self.reads.items() if file.startswith("flows/") and _is_flow(file)}

    def contents(self) -> dict[tuple[str, str], Read]:
        """(language, stem) -> content file."""
        found = {}
        for file, read in self.reads.items():
            if file.startswith("content/") and not file.startswith(f"{TEMPLATES}/"):
                found[file.split("/", 2)[1], _stem(file)] = read
        return found

    def templates(self) -> dict[str, Read]:
        """Template name -> its file."""
        return {_stem(file): read for file, read in self.reads.items() if file.startswith(f"{TEMPLATES}/")}

    def rules(self) -> dict[str, Read]:
        """The files of rules, by the name in their path."""
        return {_stem(file): read for file, read in self.reads.items() if file.startswith("rules/")}

    def strays(self) -> Iterator[Problem]:
        """Files that look as if they were meant to be read, and are not."""
        for file in self.stamps:
            if file.endswith(".yml"):
                hint = f"rename it to {Path(file).stem}.yaml"
                yield _problem(file, "Y014", "the file is not read: its name ends in .yml", hint, "warning")


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]


def _scan(root: Path) -> Iterator[tuple[str, Stamp]]:
    if (stamp := _stamp(root / PROJECT)) is not None:
        yield PROJECT, stamp
    yield from _yaml_files(root, "flows")
    yield from _yaml_files(root, "rules")
    yield from _yaml_files(root, TEMPLATES)
    for entry in _entries(root / "content"):
        if entry.is_dir() and entry.name not in _ELSEWHERE:
            yield from _yaml_files(root, f"content/{entry.name}")


def _yaml_files(root: Path, folder: str) -> Iterator[tuple[str, Stamp]]:
    for entry in _entries(root / folder):
        if entry.name.endswith((".yaml", ".yml")) and not entry.name.startswith("."):
            stamp = _stamp(entry)
            if stamp is not None:
                yield f"{folder}/{entry.name}", stamp


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _stamp(file: Path | os.DirEntry[str]) -> Stamp | None:
    """None for what is not a plain file: a pipe would hold us for ever."""
    try:
        facts = file.stat()
    except OSError:
        return (0, 0, 0) if file.is_symlink() else None
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino) if stat.S_ISREG(facts.st_mode) else None


def _read(root: Path, file: str) -> Read:
    if not _is_read(file):
        return Read(None)
    try:
        with open(f"{root}/{file}", "rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return Read(None, (_problem(file, "Y013", f"the file cannot be read: {error.strerror}", "", "error"),))
    read = read_yaml(file, raw)
    return read if read.sound else read_on(file, raw.decode("utf-8-sig", "replace"), read)


def _is_read(file: str) -> bool:
    return file.endswith(".yaml") and not file.endswith(".test.yaml")


def _is_flow(file: str) -> bool:
    return file.endswith(".yaml") and not file.endswith(".test.yaml")


def _problem(file: str, code: str, message: str, hint: str, level: str) -> Problem:
    return Problem(file=file, line=0, column=0, code=code, message=message, hint=hint, level=level)
