"""`flowbot test --update`: a file of transcripts, rewritten where they fail."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from ..library.library import Library
from ..library.yaml import read_yaml
from ..transcript.read import read
from ..transcript.revise import revised
from ..transcript.run import play


def renew(file: Path, root: Path, library: Library, only: str = "") -> str:
    """Rewrite what the failing tests of a file expect; returns the difference, "" when there is none."""
    tests, _ = read(file, root)
    failing = [test for test in tests if only.lower() in test.name.lower() and not play(test, library).passed]
    raw = file.read_bytes()
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
    source = read_yaml(name, raw).source
    if source is None or not failing:
        return ""
    text = revised(source, failing, library)
    if text == source.text or not read_yaml(name, text.encode()).sound:
        return ""
    file.write_bytes((b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b"") + text.encode())
    lines = difflib.unified_diff(source.text.splitlines(), text.splitlines(), name, name, "before", "now", lineterm="")
    return "\n".join(lines)


def colored(diff: str) -> str:
    """A difference as a terminal shows it."""
    colors = {"+": "green", "-": "red", "@": "cyan"}
    return "\n".join(click.style(line, fg=colors.get(line[:1])) for line in diff.splitlines()) + "\n"
