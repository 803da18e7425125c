"""The spine as a Mermaid flowchart, which many wikis and code hosts draw in place."""

from __future__ import annotations

from collections.abc import Mapping

from .letters import clean
from .spine import Spine, Way

_SHAPES = {"route": ("{", "}"), "good": ("([", "])"), "bad": ("([", "])"), "jump": ("([", "])")}
_COLORS = {"good": "#a7e8bd", "bad": "#f9c6c6", "late": "#fbe0ae", "jump": "#c9defa", "wait": "#dcf5d6"}
_PLAIN = frozenset(" .,_-→…“”+/")


def mermaid(spine: Spine, counts: Mapping[str, int] | None = None) -> str:
    lines = ["flowchart TD", *(f"  classDef {name} fill:{color},color:#111" for name, color in _COLORS.items())]
    for number, row in enumerate(spine.rows):
        opened, closed = _SHAPES.get(row.tone, ("[", "]"))
        label = clean(row.title) or row.id
        if counts:
            label += f" {counts.get(row.id, 0)}"
        tone = f":::{row.tone}" if row.tone in _COLORS else ""
        lines.append(f"  s{number}{opened}{_quoted(label)}{closed}{tone}")
    for number, way in enumerate((*spine.ways, *spine.anytime)):
        lines += _way(way, number)
    if spine.anytime:
        lines.append('  any(["at any time"])')
    return "\n".join(lines) + "\n"


def _way(way: Way, number: int) -> list[str]:
    source = f"s{way.source}" if way.source >= 0 else "any"
    arrow = "-.->" if way.quiet else "-->"
    label = f"|{_quoted(way.label)}|" if clean(way.label) else ""
    if way.target >= 0:
        return [f"  {source} {arrow}{label} s{way.target}"]
    tone = f":::{way.tone}" if way.tone in _COLORS else ""
    return [f"  {source} {arrow}{label} e{number}([{_quoted(way.name)}]){tone}"]


def _quoted(text: str) -> str:
    """In quotes; any sign that Mermaid could take for its own is written by its number.

    >>> _quoted('a "b" #1;')
    '"a #34;b#34; #35;1#59;"'
    """
    return '"' + "".join(one if one.isalnum() or one in _PLAIN else f"#{ord(one)};" for one in clean(text)) + '"'
