"""For people: the place, the line with a caret, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from ...library.excerpt import excerpt, lines_of
from ...model.problem import Problem
from .report import Report

COLORS = {"error": "red", "warning": "yellow", "note": "blue"}
MORE = 6  # codes that are named beside the first


def write(report: Report) -> str:
    lines = [click.style("fixed", fg="green", bold=True) + f" {one}" for one in report.fixed]
    lines += said(report.problems, report.root)
    for one in report.gone:
        lines.append(f"{one.file}: {click.style(f'gone {one.code}', fg='green', bold=True)}: {one.message}")
    if report.gone:
        lines.append("       = take them out of the baseline with --write-baseline\n")
    return "\n".join([*lines, *more(report), summary(report)])


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


def more(report: Report) -> Iterable[str]:
    """Where to read on: the gravest code first."""
    found = sorted(report.problems, key=lambda one: list(COLORS).index(one.level))
    first, *others = dict.fromkeys(one.code for one in found) or [""]
    if first:
        aside = f" (there are: {', '.join(others[:MORE])}{' …' * (len(others) > MORE)})" if others else ""
        yield f"flowbot explain {first} says more{aside}"


def _lines(file: Path) -> list[str]:
    try:
        return lines_of(file.read_text("utf-8-sig", errors="replace"))
    except OSError:
        return []


def _excerpt(line: str, problem: Problem) -> Iterable[str]:
    shown, space, caret = excerpt(line, problem)
    yield f"{problem.line:>6} | {shown}"
    yield f"       | {space}{click.style(caret, fg=COLORS.get(problem.level))}"
