"""The spine as plain text, for a terminal, a mail or a diff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .letters import clean
from .spine import Spine, Way

_SIGNS = {"below": "↓", "ahead": "↓", "back": "↑", "again": "↺"}
_ENDS = {"good": "✓", "bad": "✗", "late": "✗", "jump": "→", "back": "·", "step": "→"}


def text(spine: Spine, counts: Mapping[str, int] | None = None) -> str:
    lines = [clean(f"{spine.id}: {spine.title}")]
    if spine.starts:
        lines.append(clean("starts with " + " · ".join(spine.starts)))
    for row, ways in zip(spine.rows, spine.by_row(), strict=True):
        said = " · ".join(filter(None, [row.kind, row.detail, clean(row.title), clean(row.note)]))
        count = f"  {counts.get(row.id, 0)}" if counts else ""
        lines += ["", f"{row.id}  ({said}){count}"]
        if row.condition:
            lines.append(f"    if {clean(row.condition)}")
        lines += _ways(ways)
    if spine.anytime:
        lines += ["", "at any time", *_ways(spine.anytime)]
    return "\n".join(lines) + "\n"


def _ways(ways: Sequence[Way]) -> list[str]:
    room = max((len(clean(way.label)) for way in ways), default=0)
    found = []
    for way in ways:
        label = clean(way.label).ljust(room)
        sign = _SIGNS.get(way.shape) or _ENDS.get(way.tone, "→")
        found.append(f"    {label} {sign} {clean(way.name)}" if room else f"    {sign} {clean(way.name)}")
    return found
