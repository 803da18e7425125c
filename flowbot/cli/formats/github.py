"""Annotations of a pull request: workflow commands, one line each, as GitHub Actions reads them from the output."""

from __future__ import annotations

from ...model.problem import Problem
from .report import Report
from .text import summary

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def write(report: Report) -> str:
    lines = [_annotation(one, report.path(one.file)) for one in report.problems]
    # A line that is no command is shown as it is.
    return "\n".join([*lines, summary(report)])


def _annotation(problem: Problem, path: str) -> str:
    facts = {"file": path}
    if problem.line:
        end = problem.column + problem.length
        facts |= {"line": str(problem.line), "col": str(problem.column), "endColumn": str(end)}
    facts["title"] = f"flowbot {problem.code}"
    message = f"{problem.message}\n{problem.hint}" if problem.hint else problem.message
    named = ",".join(f"{name}={_property(value)}" for name, value in facts.items())
    return f"::{_LEVELS[problem.level]} {named}::{_text(message)}"


def _text(value: str) -> str:
    """
    >>> _text("100%\\nsure")
    '100%25%0Asure'
    """
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    """
    >>> _property("a:b,c")
    'a%3Ab%2Cc'
    """
    return _text(value).replace(":", "%3A").replace(",", "%2C")
