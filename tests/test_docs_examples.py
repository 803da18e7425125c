"""What the docs show, done: YAML is checked by the real `check`, terminal sessions are typed and compared.

In docs/*.md a fence says what it is by its second words: a file's path (the file is written), `merge <path>` (laid over
the file), `wrong <path>` (a file with a mistake). A `console` block is a session: `$ command`, `> what is typed`, and
what comes out, in this order, with … for what differs from time to time.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowbot.library.load import load
from flowbot.library.yaml import read_yaml
from flowbot.transcript.read import find, read
from flowbot.transcript.run import play

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    about: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    for found in re.finditer(r"^( *)```(\S+)(?: ([^\n]*))?\n(.*?)^ *```$", page.read_text("utf-8"), re.S | re.M):
        text = "".join(line.removeprefix(found[1]) for line in found[4].splitlines(keepends=True))
        yield Block(found[2], (found[3] or "").strip(), text, found.string[: found.start()].count("\n") + 1)


def lay_over(below: Any, above: Any) -> Any:
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    known = {name: lay_over(value, above[name]) if name in above else value for name, value in below.items()}
    return {**known, **{name: value for name, value in above.items() if name not in below}}


def write(project: Path, name: str, text: str) -> None:
    file = project / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def merge(project: Path, name: str, text: str) -> None:
    below, above = (read_yaml(name, one.encode()).source for one in ((project / name).read_text("utf-8"), text))
    assert below is not None and above is not None
    write(project, name, json.dumps(lay_over(below.data, above.data), ensure_ascii=False, indent=1))


def mistakes(project: Path) -> list[str]:
    return [
        f"{one.file}:{one.line} {one.code} {one.message}" for one in load(project, {}).problems if one.level != "note"
    ]


def sessions(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Command, what is typed into it, what it should say."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, *lines = part.rstrip("\n").splitlines()
        typed = [line.removeprefix("> ") for line in lines if line.startswith("> ")]
        yield command, typed, [line for line in lines if not line.startswith("> ")]


def run(command: str, typed: list[str], folder: Path, **environ: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FLOWBOT_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    whole = {**clean, "PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **environ}
    done = subprocess.run(
        ["bash", "-c", command],
        input="\n".join(typed),
        cwd=folder,
        env=whole,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def says(expected: list[str], output: str) -> str:
    """The first expected line that does not come, after those before it; "" when all do."""
    rest = output.splitlines()
    for line in expected:
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        while rest and not pattern.fullmatch(rest[0]):
            rest.pop(0)
        if not rest:
            return line
        rest.pop(0)
    return ""


def test_every_step_of_the_author_s_page(tmp_path: Path) -> None:
    for block in blocks(DOCS / "authoring.md"):
        word, _, name = block.about.rpartition(" ")
        place = f"authoring.md:{block.line}"
        if block.language == "console":
            for command, typed, expected in sessions(block.text):
                output = run(command, typed, tmp_path)
                assert not says(expected, output), f"{place} {command}\nnot said: {says(expected, output)}\n{output}"
            (tmp_path / "flows" / "tea.yaml").unlink(missing_ok=True)
            continue
        assert block.language == "yaml" and name, place
        if word == "merge":
            merge(tmp_path, name, block.text)
        else:
            write(tmp_path, name, block.text)
        if word != "wrong" and name.startswith("flows/"):
            assert mistakes(tmp_path) == [], place
    assert mistakes(tmp_path) == []
    library = load(tmp_path, {})
    tests = [test for file in find(tmp_path) for test in read(file, tmp_path)[0]]
    assert len(tests) == 2 and all(play(test, library).passed for test in tests)
