"""A YAML file as a Source: plain data, and the line and column of every key and value.

Stricter than YAML: no duplicate keys, no tags, no anchors, one document, at most 40 levels and 512 KiB. Only `true`,
`false`, `null` and plain numbers are not text, so `no`, `08:00` and `+57300` stay what the author wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from ..model.problem import Problem, Source
from .builder import Builder, Halt
from .syntax import explain

MAX_BYTES = 512 * 1024
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a file: its source unless it could not be parsed at all, and every problem found."""

    source: Source | None
    problems: tuple[Problem, ...] = ()
    mended: bool = False  # it is not YAML as it stands: for `check` to look at, nothing runs from it
    guessed: frozenset[int] = frozenset()  # lines of which nobody knows what they were meant to be

    @property
    def sound(self) -> bool:
        return self.source is not None and not any(one.level == "error" for one in self.problems)


def read_yaml(file: str, raw: bytes) -> Read:
    """The file's data with positions; never raises, whatever the bytes are.

    >>> found = read_yaml("flow.yaml", b"steps:\\n  hello: {say: hello}\\n")
    >>> found.source.data, found.source.at(("steps", "hello", "say"))
    ({'steps': {'hello': {'say': 'hello'}}}, (2, 11))
    """
    if len(raw) > MAX_BYTES:
        return _refused(
            file, "Y006", f"the file is larger than {MAX_BYTES // 1024} KiB", hint="split it into several files"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(raw[: error.start].decode("utf-8", "replace"))
        return _refused(file, "Y008", "the file is not UTF-8 text here", line, column, "save it as UTF-8")
    if control := _CONTROL.search(text):
        line, column = _place(text[: control.start()])
        name = f"U+{ord(control[0]):04X}"
        return _refused(file, "Y009", f"a control character ({name}) stands here", line, column, "remove it")
    return read_text(file, text)


def read_text(file: str, text: str) -> Read:
    """The same of a text that has been decoded, and holds no control characters."""
    builder = Builder(file, text)
    source = None
    loader = None
    try:
        loader = _Loader(text)
        builder.feed(loader.get_event)
        source = builder.source()
    except Halt:
        pass
    except yaml.YAMLError as error:
        builder.problems.append(explain(file, text, error))
    finally:
        if loader is not None:
            loader.dispose()
    return Read(source, tuple(builder.problems))


def _place(before: str) -> tuple[int, int]:
    lines = re.split("\r\n|\r|\n", before.removeprefix("\ufeff"))
    return len(lines), len(lines[-1]) + 1


def _refused(file: str, code: str, message: str, line: int = 1, column: int = 1, hint: str = "") -> Read:
    return Read(None, (Problem(file=file, line=line, column=column, code=code, message=message, hint=hint),))
