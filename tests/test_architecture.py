"""The rooms and what each may use: ARCHITECTURE in one page. Read from the top; each uses only what is above it."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "flowbot"
PARTS = {"errors", "settings", "crash", "logs", "model", "steps", "engine", "library", "store", "gateways", "delivery"}
MAY_USE: dict[str, set[str]] = {
    "errors": set(),
    "crash": set(),
    "settings": {"errors"},
    "logs": {"errors"},
    "model": {"errors"},
    "steps": {"errors", "model"},
    "engine": {"errors", "model", "steps"},
    "library": {"errors", "model", "steps", "engine"},
    "gateways": {"errors", "model"},
    "store": {"errors", "model", "crash"},
    "delivery": {"errors", "model", "store", "gateways"},
    "wiring": PARTS,
    "testing": PARTS | {"wiring"},
    "docs": PARTS | {"wiring", "cli"},
    "web": PARTS | {"wiring"},
    "worker": PARTS | {"wiring"},
    "sender": PARTS | {"wiring"},
    "hooks": PARTS | {"wiring"},
    "cli": PARTS | {"wiring", "testing"},
}
PURE = ("model", "steps", "engine", "gateways")
IMPURE = {"redis", "httpx", "flask", "os", "time", "random", "asyncio", "socket", "threading", "subprocess", "secrets"}
ASKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid4", "uuid.uuid1"}
ONLY_IN: dict[str, set[str]] = {
    "redis": {"store"},
    "httpx": {"delivery", "sender", "hooks", "cli"},
    "aiohttp": {"delivery"},
    "flask": {"web"},
    "transitions": {"engine"},
    "jinja2": {"engine"},
    "yaml": {"library"},
    "gunicorn": {"web"},
}
BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?|services?|handlers?|misc)(_|$)")
FILES = sorted(file for file in PACKAGE.rglob("*.py"))
ROOMS = sorted({file.relative_to(PACKAGE).parts[0].removesuffix(".py") for file in FILES} - {"__init__", "__main__"})


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, wherever it stands, those for the type checker left out."""
    tree = ast.parse(file.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    package = ("flowbot", *file.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1])
            target = f"{base}.{node.module}" if node.module else base
            yield from ((node.lineno, f"{target}.{alias.name}") for alias in node.names)


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(PACKAGE.parent)}:{line}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_what_stands_above_it(room: str) -> None:
    assert room in MAY_USE, f"say in MAY_USE what {room} may use"
    wrong = [
        f"{place(file, line)} uses {name}"
        for file in FILES
        if room_of(file) == room
        for line, name in imports(file)
        if name.startswith("flowbot.") and name.split(".")[1] not in MAY_USE[room] | {room, "__version__"}
    ]
    assert wrong == []


def test_a_library_is_used_only_where_it_belongs() -> None:
    wrong = [
        f"{place(file, line)} uses {name}"
        for file in FILES
        for line, name in imports(file)
        if name.split(".")[0] in ONLY_IN and room_of(file) not in ONLY_IN[name.split(".")[0]]
    ]
    assert wrong == []


@pytest.mark.parametrize("room", PURE)
def test_rules_are_pure(room: str) -> None:
    wrong = []
    for file in FILES:
        if room_of(file) != room:
            continue
        wrong += [f"{place(file, line)} uses {name}" for line, name in imports(file) if name.split(".")[0] in IMPURE]
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ASKS:
                wrong.append(f"{place(file, node.lineno)} asks for {ast.unparse(node)}")
    assert wrong == []


def test_the_environment_is_read_at_the_doorstep_only() -> None:
    wrong = [
        place(file, node.lineno)
        for file in FILES
        if file.name != "__main__.py"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert wrong == []


def test_files_are_small_and_named_by_a_noun() -> None:
    lines = {file: len(file.read_text("utf-8").splitlines()) for file in FILES}
    assert {str(file): count for file, count in lines.items() if count > 500} == {}
    assert statistics.median(lines.values()) <= 150
    assert [str(file) for file in FILES if BANNED_NAMES.search(file.stem)] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(file.relative_to(PACKAGE))
        for file in FILES
        if file.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert silent == []
