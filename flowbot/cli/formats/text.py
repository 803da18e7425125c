"""For people: the place, the line with a caret, what to do."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from ...model.problem import Problem
from .report import Report

COLORS = {"error": "red", "warning": "yellow", "note": "blue"}
_INVISIBLE = ("Mn", "Me", "Cf")  # what a terminal draws upon the sign before it, or not at all
WIDTH = 110  # characters of a source line that are shown


def write(report: Report) -> str:
    lines = [click.style("fixed", fg="green", bold=True) + f" {one}" for one in report.fixed]
    lines += said(report.problems, report.root)
    for one in report.gone:
        lines.append(f"{one.file}: {click.style(f'gone {one.code}', fg='green', bold=True)}: {one.message}")
    if report.gone:
        lines.append("       = take them out of the baseline with --write-baseline\n")
    return "\n".join([*lines, summary(report)])


def said(problems: Iterable[Problem], root: Path) -> Iterable[str]:
    """Each problem as text: place, level, code, message, the line with a caret, the hint."""
    texts: dict[str, list[str]] = {}
    for one in problems:
        if one.file not in texts:
            texts[one.file] = _lines(root / one.file)
        place = f"{one.file}:{one.line}:{one.column}" if one.line else one.file
        level = click.style(f"{one.level} {one.code}", fg=COLORS.get(one.level), bold=True)
        yield f"{click.style(place, bold=True)}: {level}: {one.message}"
        lines = texts[one.file]
        if 0 < one.line <= len(lines):
            yield from _excerpt(lines[one.line - 1], one)
        if one.hint:
            yield f"       = {one.hint}"
        yield ""


def summary(report: Report) -> str:
    """One line: how many of what."""
    counts = Counter(one.level for one in report.problems)
    words = [f"{counts[level]} {level}{'s' * (counts[level] != 1)}" for level in COLORS if counts[level]]
    aside = ((report.ignored, "ignored"), (report.known, "known"), (len(report.gone), "gone"))
    words += [f"{count} {word}" for count, word in aside if count]
    if words:
        return f"{report.files} files: " + ", ".join(words)
    return click.style(f"{report.files} files, all fine", fg="green")


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text("utf-8-sig", errors="replace")
    except OSError:
        return []
    return re.split("\r\n|[\r\n\x85\u2028\u2029]", text)


def _excerpt(line: str, problem: Problem) -> Iterable[str]:
    start = max(0, problem.column - 1 - WIDTH // 2) if len(line) > WIDTH else 0
    shown = "".join(" " if ord(sign) < 32 else sign for sign in line[start : start + WIDTH])
    before = shown[: problem.column - 1 - start]
    length = max(1, min(problem.length, len(shown) - len(before)))
    caret = click.style("^" * _cells(shown[len(before) : len(before) + length] or " "), fg=COLORS.get(problem.level))
    yield f"{problem.line:>6} | {shown}"
    yield f"       | {' ' * _cells(before)}{caret}"


def _cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.category(sign) in _INVISIBLE else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )
