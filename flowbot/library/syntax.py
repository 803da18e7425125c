"""What the YAML parser could not read, in an author's words, and what usually helps."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ..model.problem import Problem

_REPARSE_BYTES = 64 * 1024  # the pure parser is slow: not worth it on a large file


def explain(file: str, text: str, error: yaml.YAMLError) -> Problem:
    """The syntax error with its place; the wording of the pure parser when it means the same line."""
    if len(text) <= _REPARSE_BYTES:
        worded = _reparse(text)
        if worded is not None and _place(worded)[0] == _place(error)[0]:
            error = worded
    lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)
    line, column = _place(error)
    what = str(getattr(error, "problem", "") or error)
    context = str(getattr(error, "context", "") or "")
    opened = getattr(error, "context_mark", None)
    unclosed = "quoted scalar" in context and _at_end(lines, line, what)
    if opened and (unclosed or ("flow " in context and opened.line + 1 < line)):
        line, column = opened.line + 1, opened.column + 1  # where it broke at last says little to an author
    while line > 1 and (line > len(lines) or not lines[line - 1].strip()):
        line -= 1
        column = len(lines[line - 1]) + 1
    shown = lines[line - 1]
    message, hint = _words(what, context, shown, shown[: column - 1], opened.line + 1 if opened else line)
    return Problem(file=file, line=line, column=column, code="Y001", message=message, hint=hint)


def _at_end(lines: list[str], line: int, what: str) -> bool:
    return "end of stream" in what or "stream end" in what or not any(one.strip() for one in lines[line - 1 :])


def _words(what: str, context: str, shown: str, before: str, opened: int) -> tuple[str, str]:
    """An author's message and hint for a parser's; the first that fits."""
    indent = shown[: len(shown) - len(shown.lstrip())]
    if "\t" in indent or "'\\t'" in what or "tab character" in what:
        return "a tab stands where spaces are wanted", "indent with spaces, not tabs"
    if "quoted scalar" in context:
        if "end of stream" in what:
            return f"the quote opened in line {opened} is never closed", "close it, or remove it"
        return f"a part of this quoted text cannot be read: {what}", "write \\ twice, or use single quotes"
    if re.search(r":\s+\{\{", shown) or re.match(r"\s*(- )?\{\{", shown):
        return "'{{' cannot start a value without quotes", "put quotes around text that starts with '{{'"
    if "mapping values are not allowed" in what:
        if re.search(r":\s", before.rstrip(": ")) or re.search(r":\s", before):
            return "a second ':' in one text", "put quotes around text that contains ': '"
        return "this line does not fit the line above", "check its indentation, and that the line above ends in ':'"
    if "sequence entries are not allowed" in what:
        return (
            "a list cannot start here",
            "put each '- ' on a line of its own, or quotes around a text that starts with '-'",
        )
    if "flow sequence" in context or "flow mapping" in context:
        sign = "[" if "sequence" in context else "{"
        return f"the '{sign}' opened in line {opened} is not closed as expected", (
            "close it, put commas between its parts, and quotes around text that holds , : { } [ ]"
        )
    if re.search(r"(^|[\s:,\[{-])(['\"]).*\2$", before.rstrip()):
        return "the quoted text ended before this", "write '' for a ' inside '…', or use the other kind of quotes"
    if found := re.search(r"(:|-)\s+([@`%*&!|>?])", shown):
        return f"a value cannot start with '{found[2]}'", "put quotes around it"
    if "expected <block end>" in what or "could not find expected ':'" in what or "block mapping" in context:
        return "this line does not fit the lines above", (
            "check its indentation, that its key ends in ':', and that a text over several lines is quoted"
        )
    return f"this is not YAML: {what}", "put quotes around text that starts with a sign, or contains ': '"


def _reparse(text: str) -> yaml.YAMLError | None:
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        return error
    return None


def _place(error: Any) -> tuple[int, int]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
