"""The spine as SVG: one self-contained picture, light and dark, without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape as escape_text
from xml.sax.saxutils import quoteattr

from .layout import BOX, CHIP, HEAD, LINE, MARGIN, SMALL, Arc, Box, Chip, Layout, Link, layout_of
from .letters import WIDTHS, clean, shorten, width
from .look import OTHER, SIGNS, css
from .spine import Spine, Way

WIDER = 0.87  # of the room, for a line that has no air around it: fonts that stand in for Helvetica are wider


def svg(spine: Spine, counts: Mapping[str, int] | None = None) -> str:
    """The picture; with `counts` (step -> how many came there) it is the funnel."""
    made = layout_of(spine)
    size = f"{made.width:.0f} {made.height:.0f}"
    wide, high = size.split()
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flowbot-spine" viewBox="0 0 {size}"'
        f' width="{wide}" height="{high}" role="img">',
        f"<title>{_escape(spine.title)}</title>",
        f"<style>{css()}</style>",
        f'<rect class="page" width="{wide}" height="{high}" rx="8"/>',
        *_header(spine, made),
        *_bands(made),
        *(_link(link, made.x, spine) for link in made.links),
        *(_arc(arc) for arc in made.arcs),
        *_steps(made, counts or {}),
        *(_chip(chip, spine) for chip in made.chips),
        *_foot(made, spine),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return escape_text(clean(text))


def _text(x: float, y: float, text: str, kind: str = "", size: float = SMALL, end: bool = False) -> str:
    """A text that keeps the room that was reckoned for it, whatever font the reader has."""
    words = clean(text)
    known = words and all(letter in WIDTHS for letter in words)
    held = f' textLength="{width(words, size):.0f}" lengthAdjust="spacingAndGlyphs"' if known else ""
    anchor = ' text-anchor="end"' if end else ""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named}{anchor}{held}>{escape_text(words)}</text>'


def _way(way: Way, spine: Spine | None, inner: str, kind: str = "") -> str:
    """A part that shows a way; with `spine`, the one part that says which way it is."""
    named = " ".join(filter(None, ["quiet" if way.quiet else "", kind]))
    facts = f' class="{named}"' if named else ""
    if spine is not None:
        source = spine.rows[way.source].id if way.source >= 0 else "*"
        pairs = {"data-step": source, "data-outcomes": " ".join(way.outcomes), "data-to": way.name}
        facts += "".join(f" {name}={quoteattr(clean(value))}" for name, value in pairs.items())
    return f"<g{facts}>{inner}</g>"


def _header(spine: Spine, made: Layout) -> Iterator[str]:
    room = made.width - 2 * MARGIN
    title = shorten(clean(spine.title) or spine.id, room - 40, 17 * 1.08)
    yield f'<text x="{MARGIN}" y="{MARGIN + 14}" class="head">{escape_text(title)}</text>'
    starts = clean("starts with " + " · ".join(spine.starts)) if spine.starts else ""
    yield _text(MARGIN, MARGIN + 34, shorten(" · ".join(filter(None, [spine.id, starts])), room * WIDER, SMALL), "dim")


def _bands(made: Layout) -> Iterator[str]:
    for number, box in enumerate(made.boxes):
        if number % 2:
            yield f'<rect class="band" y="{box.y - 8:.1f}" width="{made.width:.0f}" height="{box.band + 16:.1f}"/>'


def _link(link: Link, left: float, spine: Spine) -> str:
    x = left + 20
    inner = f'<path class="way" d="M{x:.1f} {link.start:.1f}V{link.end - 5:.1f}"/>'
    inner += f'<path class="tip" d="M{x:.1f} {link.end - 0.5:.1f}l-4 -6h8z"/>'
    if link.label:
        inner += _text(x + 9, link.start + 14, link.label, "dim")
    return _way(link.way, spine, inner)


def _arc(arc: Arc) -> str:
    side = 1 if arc.lane > arc.edge else -1
    turn = 5 if arc.end > arc.start else -5
    q, bend = arc.lane, 5 * side
    line = (
        f"M{arc.edge:.1f} {arc.start:.1f}H{q - bend:.1f}Q{q:.1f} {arc.start:.1f} {q:.1f} {arc.start + turn:.1f}"
        f"V{arc.end - turn:.1f}Q{q:.1f} {arc.end:.1f} {q - bend:.1f} {arc.end:.1f}H{arc.edge + 6 * side:.1f}"
    )
    tip = f"M{arc.edge + 0.5 * side:.1f} {arc.end:.1f}l{6 * side} -4v8z"
    return _way(arc.way, None, f'<path class="way" d="{line}"/><path class="tip" d="{tip}"/>', f"h{arc.hue}")


def _steps(made: Layout, counts: Mapping[str, int]) -> Iterator[str]:
    most = max(counts.values(), default=0)
    for box in made.boxes:
        yield _step(box, made.x, counts.get(box.row.id, 0) if most else None, most)


def _step(box: Box, x: float, count: int | None, most: int) -> str:
    row, y = box.row, box.y
    ending = row.tone in ("good", "bad", "jump")
    parts = [
        f'<rect class="box {row.tone}" x="{x:.1f}" y="{y:.1f}" width="{BOX:.0f}" height="{box.height:.0f}"'
        f' rx="{15 if ending else 7}"/>',
        f'<path class="sign" transform="translate({x + 10:.1f} {y + 9:.1f})" d="{SIGNS.get(row.kind, OTHER)}"/>',
        _text(x + 32, y + 21, box.title, "name", 13),
        *(_text(x + 32, y + HEAD + 8 + LINE * at, text, _kind(kind)) for at, (kind, text) in enumerate(box.under)),
    ]
    right = row.detail if count is None else str(count)
    if right:
        parts.append(_text(x + BOX - 10, y + 20, right, "dim", end=True))
    if count is not None:
        bar = BOX * max(0, count) / most
        parts.append(f'<rect class="bar" x="{x:.1f}" y="{y + box.height - 3:.1f}" width="{bar:.1f}" height="3"/>')
    whole = _escape(" · ".join(filter(None, [row.id, row.kind, row.title, row.condition, row.note])))
    return f"<g data-id={quoteattr(row.id)}><title>{whole}</title>{''.join(parts)}</g>"


def _kind(kind: str) -> str:
    return "note" if kind == "note" else "dim"


def _chip(chip: Chip, spine: Spine) -> str:
    offset = 18 if chip.hue >= 0 else 9
    parts = [
        f"<title>{_escape(chip.whole)}</title>",
        f'<rect class="{chip.tone}" x="{chip.x:.1f}" y="{chip.y:.1f}" width="{chip.width:.1f}" height="{CHIP:.0f}"'
        ' rx="10"/>',
        _text(chip.x + offset, chip.y + 14, chip.text),
    ]
    if chip.hue >= 0:
        parts.append(f'<circle class="dot h{chip.hue}" cx="{chip.x + 10:.1f}" cy="{chip.y + 10:.1f}" r="3.5"/>')
    return _way(chip.way, spine, "".join(parts))


def _foot(made: Layout, spine: Spine) -> Iterable[str]:
    if made.anytime:
        yield _text(MARGIN, made.foot + 14, "at any time", "dim")
    for chip in made.anytime:
        yield _chip(chip, spine)
