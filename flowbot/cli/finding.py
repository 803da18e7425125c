"""One thing that `flowbot doctor` says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    about: str  # settings, project, channel demo/main …
    state: str  # ok, note, off (it is declared and does not run), wrong
    message: str
    hint: str = ""
