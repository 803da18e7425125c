"""Where the texts of a YAML file begin and end: what is outside of them is layout and comments."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what YAML counts as the end of a line
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Span(NamedTuple):
    start: tuple[int, int]  # line and column from 1
    end: tuple[int, int]  # the first place behind it
    style: str  # "" plain, ' " | >


def spans(text: str) -> list[Span]:
    """Every text in order, as far as the file can be read.

    >>> spans("a: 'x y'  # z")
    [Span(start=(1, 1), end=(1, 2), style=''), Span(start=(1, 4), end=(1, 9), style="'")]
    """
    found: list[Span] = []
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if type(event) is yaml.ScalarEvent:
                found.append(_span(event))
    except yaml.YAMLError:
        pass
    return found


def _span(event: Any) -> Span:
    style, first, last = event.style or "", event.start_mark, event.end_mark
    # Behind `|` and `>` a comment may stand: the text itself begins in the next line.
    start = (first.line + 2, 1) if style in ("|", ">") else (first.line + 1, first.column + 1)
    return Span(start, (last.line + 1, last.column + 1), style)
