"""How `flowbot check` says what it has found: one format, one file. A format makes the whole output of a Report."""

from __future__ import annotations

from collections.abc import Callable

from . import data, github, sarif, text
from .report import Report

FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text.write,
    "json": data.write,
    "github": github.write,
    "sarif": sarif.write,
}

__all__ = ["FORMATS", "Report"]
