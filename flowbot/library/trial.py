"""The example of a problem's code as a project that can be loaded: for its page, `flowbot explain` and a test."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..model.problem import Problem
from .codes import Code
from .excerpt import excerpt, lines_of
from .load import load

BASE = {
    "flowbot.yaml": "accounts:\n  acme:\n    languages: [en]\n    channels: {main: {gateway: simulator}}\n",
    "flows/demo.yaml": "flow: demo\nstart: {keywords: [hi]}\nsteps:\n  greet: {say: hello, succeed: {}}\n",
    "content/en/demo.yaml": "hello: Hello!\n",
}


def write_trial(root: Path, code: Code, text: str) -> None:
    """A project in which the code's file holds the text."""
    for name, content in {**BASE, **code.files, code.file: text}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "latin-1" if code.how == "latin-1" and name == code.file else "utf-8")
    file = root / code.file
    match code.how:
        case "repeat":
            file.write_text(text * 60_000)
        case "long":
            file.write_text(text.strip() + " and more words" * 300)
        case "absent":
            file.unlink()
        case "link":
            file.unlink()
            file.symlink_to(root / "nowhere")


Look = Callable[[Path], Iterable[Problem]]  # a project's folder -> what is wrong in it


def problems_of(root: Path) -> tuple[Problem, ...]:
    """What `flowbot check` says of a project."""
    return load(root, {}).problems


def said_of(code: Code, look: Look = problems_of) -> str:
    """What is said of the bad example, of this code alone: text, with the line and a caret; "" for an example that
    cannot be shown."""
    return "" if code.how or not code.bad else "\n".join(_said(code, look)).rstrip()


def _said(code: Code, look: Look) -> Iterator[str]:
    text = {**code.files, code.file: code.bad}
    for one in _found(code, look):
        place = f"{one.file}:{one.line}:{one.column}" if one.line else one.file
        yield f"{place}: {one.level} {one.code}: {one.message}"
        lines = lines_of(text.get(one.file, ""))
        if 0 < one.line <= len(lines):
            shown, space, caret = excerpt(lines[one.line - 1], one)
            yield f"{one.line:>6} | {shown}"
            yield f"       | {space}{caret}"
        if one.hint:
            yield f"       = {one.hint}"
        yield ""


def _found(code: Code, look: Look) -> list[Problem]:
    with tempfile.TemporaryDirectory() as folder:
        write_trial(Path(folder), code, code.bad)
        return [one for one in look(Path(folder)) if one.code == code.code]
