"""The spine in DOT, for Graphviz and whatever reads it."""

from __future__ import annotations

from collections.abc import Mapping

from .letters import clean
from .spine import Spine, Way

_COLORS = {
    "good": "#a7e8bd",
    "bad": "#f9c6c6",
    "late": "#fbe0ae",
    "jump": "#c9defa",
    "wait": "#dcf5d6",
    "route": "#ece6f8",
}


def dot(spine: Spine, counts: Mapping[str, int] | None = None) -> str:
    lines = [
        f"digraph {_quoted(spine.id)} {{",
        f"  label={_quoted(spine.title)}; labelloc=t; rankdir=TB;",
        '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=10];',
    ]
    for number, row in enumerate(spine.rows):
        label = clean(row.title) or row.id
        if counts:
            label += f" ({counts.get(row.id, 0)})"
        lines.append(f"  s{number} [label={_quoted(label)}{_fill(row.tone)}];")
    if spine.anytime:
        lines.append('  any [label="at any time", shape=plaintext, style=""];')
    for number, way in enumerate((*spine.ways, *spine.anytime)):
        lines += _way(way, number)
    return "\n".join([*lines, "}"]) + "\n"


def _way(way: Way, number: int) -> list[str]:
    source = f"s{way.source}" if way.source >= 0 else "any"
    facts = [f"label={_quoted(way.label)}"] if clean(way.label) else []
    facts += ["style=dashed"] if way.quiet else []
    facts += ["constraint=false"] if way.shape in ("back", "again") else []
    shown = f" [{', '.join(facts)}]" if facts else ""
    if way.target >= 0:
        return [f"  {source} -> s{way.target}{shown};"]
    return [f"  e{number} [label={_quoted(way.name)}{_fill(way.tone)}];", f"  {source} -> e{number}{shown};"]


def _fill(tone: str) -> str:
    return f', fillcolor="{_COLORS[tone]}"' if tone in _COLORS else ""


def _quoted(text: str) -> str:
    r"""
    >>> print(_quoted('a "b" \\n'))
    "a \"b\" \\n"
    """
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
