"""All safe fixes of a project, each made by itself and checked again before the next; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ...model.problem import Problem
from ..baseline import known
from ..library import Library
from ..load import build
from ..yaml import MAX_BYTES, read_yaml
from . import keys
from .fix import Fix, Mended
from .layout import trimmed, untabbed
from .quotes import readable

MAX_KEYS = 200  # fixed in one run; another run goes on
BOM = "\ufeff"
Layer = Callable[[str, str], tuple[str, tuple[Fix, ...]]]


def mend(library: Library, environ: Mapping[str, str], *, only: str = "") -> tuple[Mended, ...]:
    """The files that can be mended, with what was done; a fix that brings an error near its place is left out."""
    wanted = [file for file in library.files if only in ("", file)]
    before = {file: raw for file in wanted if (raw := _raw(library, file)) is not None}
    now = dict(before)
    fixes: dict[str, list[Fix]] = {}
    for file in before:
        layers: tuple[Layer, ...] = (untabbed, readable) if file.startswith(("flows/", "content/")) else (untabbed,)
        for layer in layers:
            library = _layer(library, environ, layer, file, now, fixes)
    library = _keys(library, environ, now, fixes)
    for file in before:
        library = _layer(library, environ, trimmed, file, now, fixes)
    return tuple(
        Mended(file=file, before=before[file], after=now[file], fixes=tuple(fixes[file])) for file in sorted(fixes)
    )


def _raw(library: Library, file: str) -> bytes | None:
    """The bytes of a file that is read, and lies in the project."""
    if not file.endswith(".yaml") or file.endswith(".test.yaml"):
        return None
    path = (library.root / file).resolve()
    if not path.is_relative_to(library.root.resolve()):
        return None
    try:
        raw = path.read_bytes()
        raw.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return raw if len(raw) <= MAX_BYTES else None


def _layer(
    library: Library,
    environ: Mapping[str, str],
    layer: Layer,
    file: str,
    now: dict[str, bytes],
    fixes: dict[str, list[Fix]],
) -> Library:
    text, done = layer(file, now[file].decode("utf-8-sig"))
    if not done:
        return library
    raw = _encoded(text, now[file])
    after = _overlaid(library, environ, file, raw)
    places = {(one.file, one.line) for one in done}
    if any((one.file, one.line) in places and not keys.suggested(one) for one in _new_errors(library, after)):
        return library  # what now stands there can be read, but is not what belongs there
    now[file] = raw
    fixes.setdefault(file, []).extend(done)
    return after


def _keys(library: Library, environ: Mapping[str, str], now: dict[str, bytes], fixes: dict[str, list[Fix]]) -> Library:
    refused: set[tuple[str, int, int]] = set()
    for _ in range(MAX_KEYS):
        wrong = next(
            (one for one in _misspelled(library, now) if (one.file, one.line, one.column) not in refused), None
        )
        if wrong is None:
            break
        source = library.folder.reads[wrong.file].source
        text = keys.renamed(source, wrong) if source is not None else None
        raw = _encoded(text, now[wrong.file]) if text is not None else b""
        after = _overlaid(library, environ, wrong.file, raw) if raw else library
        if not raw or _gone_wrong(library, after, wrong):
            refused.add((wrong.file, wrong.line, wrong.column))
            continue
        library, now[wrong.file] = after, raw
        what = f"{wrong.pointer.rpartition('/')[2]} -> {keys.suggested(wrong)}"
        fix = Fix(file=wrong.file, line=wrong.line, column=wrong.column, what=what)
        fixes.setdefault(wrong.file, []).append(fix)
    return library


def _misspelled(library: Library, now: Mapping[str, bytes]) -> Iterable[Problem]:
    silent = set(library.ignored)
    return (one for one in library.problems if one.file in now and one not in silent and keys.suggested(one))


def _gone_wrong(before: Library, after: Library, problem: Problem) -> bool:
    """Whether the problem is still there, or an error has come in the mapping of its key, or above."""
    if problem in after.problems:
        return True
    parent = problem.pointer.rpartition("/")[0]
    key = f"{parent}/{keys.suggested(problem)}"
    return any(
        one.file != problem.file
        or one.pointer in ("", parent, key)
        or one.pointer.startswith(f"{parent or key}/")
        or parent.startswith(f"{one.pointer}/")
        for one in _new_errors(before, after)
    )


def _new_errors(before: Library, after: Library) -> list[Problem]:
    had = {known(one) for one in before.errors}
    return [one for one in after.errors if known(one) not in had]


def _encoded(text: str, like: bytes) -> bytes:
    return text.encode("utf-8-sig" if like.startswith(BOM.encode()) else "utf-8")


def _overlaid(library: Library, environ: Mapping[str, str], file: str, raw: bytes) -> Library:
    """The project as if this file were these bytes."""
    folder = replace(library.folder, reads={**library.folder.reads, file: read_yaml(file, raw)})
    return build(folder, environ, before=library)
