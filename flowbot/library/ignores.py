"""`# flowbot: ignore F202`: comments that silence problems, on the line itself or alone on the line above it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import PurePath

from ..model.problem import Problem, Source, suggest
from .codes import codes
from .scalars import LINE_END, Span, spans

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*flowbot:\s*ignore\b(?P<rest>.*)")
_CODE = re.compile(r"[\s,:]*(?P<code>[A-Za-z][0-9]{3})\b")
_NOT_IGNORED = "Y015"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """One code of one comment; "" when the comment names none."""

    code: str
    line: int  # of the comment, from 1
    column: int
    target: int  # the line whose problems it silences


def read_ignores(source: Source) -> tuple[Ignore, ...]:
    """The comments of a file that silence problems; what stands within a text is none.

    >>> text = "hello: Hello!  # flowbot: ignore C407, C409: the name of a brand\\n"
    >>> [(one.code, one.target) for one in read_ignores(Source(file="", text=text, data=None))]
    [('C407', 1), ('C409', 1)]
    """
    return _read(source.text) if "flowbot:" in source.text else ()


@lru_cache(maxsize=1024)  # a project is loaded again for each file that is saved, and for each fix
def _read(text: str) -> tuple[Ignore, ...]:
    found = list(_comments(LINE_END.split(text)))
    texts = spans(text) if found else []
    return tuple(one for one in found if not _within(texts, one))


def silence(problems: Iterable[Problem], sources: Iterable[Source]) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """The problems that comments silence, and a note for every comment that silences nothing.

    No note where an error keeps the linter from looking: the comment may be right.
    """
    every = tuple(problems)
    wanted = {one.file: read_ignores(one) for one in sources}
    silent: list[Problem] = []
    used: set[tuple[str, Ignore]] = set()
    for problem in every:
        hits = [one for one in wanted.get(problem.file, ()) if (one.code, one.target) == (problem.code, problem.line)]
        used.update((problem.file, one) for one in hits)
        silent += [problem] * bool(hits)
    if not any(wanted.values()):
        return (), ()
    broken = {PurePath(one.file).stem for one in every if one.level == "error"}
    idle = (
        _idle(file, one)
        for file, found in wanted.items()
        for one in found
        if (file, one) not in used and not _unsure(file, broken)
    )
    return tuple(silent), tuple(idle)


def _comments(lines: list[str]) -> Iterator[Ignore]:
    for number, text in enumerate(lines, 1):
        comment = _COMMENT.search(text)
        if comment is None:
            continue
        alone = not text[: comment.start()].strip()
        target = _below(lines, number) if alone else number
        start, place, named = comment.start("rest"), comment.start() + 1, False
        while code := _CODE.match(text, start):
            named, start = True, code.end()
            yield Ignore(code=code["code"].upper(), line=number, column=code.start("code") + 1, target=target)
        if not named:
            yield Ignore(code="", line=number, column=place, target=target)


def _below(lines: list[str], number: int) -> int:
    """The next line that is no comment."""
    for below in range(number, len(lines)):
        if not lines[below].lstrip().startswith("#"):
            return below + 1
    return number


def _within(texts: list[Span], one: Ignore) -> bool:
    place = (one.line, one.column)
    index = bisect_right(texts, place, key=lambda span: span.start) - 1
    return index >= 0 and place < texts[index].end


def _unsure(file: str, broken: set[str]) -> bool:
    stem = PurePath(file).stem
    return stem in broken or (bool(broken) and stem in ("common", "flowbot"))


def _idle(file: str, one: Ignore) -> Problem:
    if not one.code:
        message, hint = "this ignore names no code", "write the code that is shown behind 'error' or 'warning'"
    elif one.code not in codes():
        message, hint = f"there is no code {one.code}", _near(one.code) or "remove it"
    else:
        message, hint = f"there is no {one.code} to ignore here", "remove it"
    return Problem(
        file=file,
        line=one.line,
        column=one.column,
        code=_NOT_IGNORED,
        message=message,
        hint=hint,
        level="note",
        length=len(one.code) or 1,
    )


@cache
def _near(code: str) -> str:
    return suggest(code, codes())
