"""What the YAML parser could not read, in an author's words, and what usually helps."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ..model.problem import Problem

_START = re.compile(r"(:|-)\s+([@`%*&!|>?])")  # a sign that no plain text may begin with
_JOINED = re.compile(r"(\s*(?:- )?[a-z_]+:)[^\s/]")
_COMMENT = re.compile(r"\s#")
_SPACE = "write a space between a key and its value"
_STARTS = "a value cannot start with"
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
    if message.startswith(_STARTS) and (sign := _START.search(shown)):
        column = sign.start(2) + 1  # the parser noticed it later
    elif message.startswith("everything from ' #'") and (sign := _COMMENT.search(shown)):
        column = sign.end()
    above = next((number for number in range(line - 1, 0, -1) if lines[number - 1].strip()), 0)
    if message.startswith("this line does not fit") and above and (joined := _JOINED.match(lines[above - 1])):
        line, column = above, joined.end(1)
        message, hint = f"a space is missing after '{joined[1].strip()}'", _SPACE
    elif message.startswith("this line does not fit") and above and _is_bare(lines[above - 1], shown):
        line, column = above, len(lines[above - 1]) - len(lines[above - 1].lstrip()) + 1
        message, hint = "a ':' is missing in this line", "write key: value; a text over several lines wants quotes"
    return Problem(file=file, line=line, column=column, code="Y001", message=message, hint=hint)


def _is_bare(above: str, line: str) -> bool:
    """Whether the line above has no key, and stands where one should."""
    indents = [len(one) - len(one.lstrip()) for one in (above, line)]
    return indents[0] == indents[1] and ":" not in above and not above.lstrip().startswith(("-", "#"))


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
    if "flow " in context and _COMMENT.search(shown):
        return "everything from ' #' on is a comment, not part of the text", "put quotes around the text"
    if "flow sequence" in context or "flow mapping" in context:
        sign = "[" if "sequence" in context else "{"
        return f"the '{sign}' opened in line {opened} is not closed as expected", (
            "close it, put commas between its parts, and quotes around text that holds , : { } [ ]"
        )
    if re.search(r"(^|[\s:,\[{-])(['\"]).*\2$", before.rstrip()):
        return "the quoted text ended before this", "write '' for a ' inside '…', or use the other kind of quotes"
    if found := _START.search(shown):
        return f"{_STARTS} '{found[2]}'", "put quotes around it"
    if found := _JOINED.match(shown):
        return f"a space is missing after '{found[1].strip()}'", _SPACE
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
