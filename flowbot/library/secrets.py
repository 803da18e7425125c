"""Secrets in flowbot.yaml: `${env:NAME}` and `${file:/path}`, never the secret itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from ..model.problem import Path, Problem, Source, suggest

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_KEYS = re.compile(
    r"(^|_)(access_token|app_secret|verify_token|auth_token|api_key|apikey|secret|token|password|bearer|bot_key)$"
)
_TOKEN = re.compile(
    r"(EAA[A-Za-z0-9]{20,}|whsec_[A-Za-z0-9+/=]{16,}|sk_[A-Za-z0-9_]{16,}|gh[pousr]_[A-Za-z0-9]{20,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\..*|AKIA[A-Z0-9]{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----)",
    re.ASCII,
)
_MAX_FILE = 64 * 1024


class Secrets:
    """Fills references in; what is not set is a note, not an error: the project starts without."""

    def __init__(self, source: Source, environ: Mapping[str, str]) -> None:
        self.source = source
        self.environ = environ
        self._mistakes: list[Problem] = []
        self._unset: dict[tuple[Path, str], list[tuple[str, Path]]] = {}  # owner, env or file -> names, places

    @property
    def problems(self) -> list[Problem]:
        """The mistakes, and one note for all that a channel or endpoint lacks."""
        return [*self._mistakes, *(_lack(self.source, kind, names) for (_, kind), names in self._unset.items())]

    def fill(self, value: Any, path: Path) -> tuple[Any, tuple[str, ...]]:
        """The value with its references filled in, and the names of those that are not set."""
        if isinstance(value, str):
            return self._text(value, path)
        missing: tuple[str, ...] = ()
        if isinstance(value, dict):
            filled = {}
            for key, item in value.items():
                filled[key], lacks = self.fill(item, (*path, key))
                missing += lacks
            return filled, missing
        if isinstance(value, list):
            items = []
            for index, item in enumerate(value):
                one, lacks = self.fill(item, (*path, index))
                items.append(one)
                missing += lacks
            return items, missing
        return value, ()

    def _text(self, text: str, path: Path) -> tuple[str, tuple[str, ...]]:
        self._watch_literal(text, path)
        missing: list[str] = []

        def put(found: re.Match[str]) -> str:
            value = self._look_up(found[1], path)
            if value is None:
                missing.append(found[1].partition(":")[2] or found[1])
            return value or ""

        filled = _REFERENCE.sub(put, text) if "${" in text else text
        return ("" if missing else filled), tuple(missing)

    def _look_up(self, reference: str, path: Path) -> str | None:
        kind, _, name = reference.partition(":")
        if kind == "env" and re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII):
            found = self.environ.get(name)
            if not found:
                self._note(kind, name, path)
            return found or None
        if kind == "file" and name.startswith("/"):
            return self._read(name, path)
        near = suggest(kind, ["env", "file"])
        hint = near or "write ${env:NAME} or ${file:/path}"
        self._say(path, "P109", f"'${{{reference}}}' is not a reference", hint, "error")
        return None

    def _read(self, name: str, path: Path) -> str | None:
        try:
            with File(name).open("rb") as file:
                text = file.read(_MAX_FILE).decode("utf-8").strip()
        except (OSError, ValueError):
            text = ""
        if not text:
            self._note("file", name, path)
        return text or None

    def _watch_literal(self, text: str, path: Path) -> None:
        if _REFERENCE.search(text):
            return
        key = next((part for part in reversed(path) if isinstance(part, str)), "")
        named = bool(_KEYS.search(key)) and not re.search(r"\s", text)
        if _TOKEN.match(text) or (named and len(text) >= 16):
            hint = f"put it into the environment and write ${{env:{key.upper()}}} here"
            self._say(path, "P107", f"'{key}' holds what looks like a secret", hint, "error")
        elif named and text:
            hint = f"write ${{env:{key.upper()}}}"
            self._say(path, "P107", f"'{key}' should not stand here as it is", hint, "warning")

    def _note(self, kind: str, name: str, path: Path) -> None:
        self._unset.setdefault((path[:4], kind), []).append((name, path))

    def _say(self, path: Path, code: str, message: str, hint: str, level: str) -> None:
        self._mistakes.append(self.source.problem(path, code, message, hint=hint, level=level))


def _lack(source: Source, kind: str, names: list[tuple[str, Path]]) -> Problem:
    named = ", ".join(dict.fromkeys(name for name, _ in names))
    if kind == "env":
        message, do = f"the environment has no {named}", f"set {named}"
    else:
        message, do = f"cannot be read, or is empty: {named}", "write the secret there"
    hint = f"{do}; until then, what needs it stays off"
    return source.problem(names[0][1], "P108", message, hint=hint, level="note")
