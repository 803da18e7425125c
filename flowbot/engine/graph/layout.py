"""Where everything stands in the picture: numbers, no drawing.

From left to right: chips of ways that lead back, their lanes, the steps, the lanes of jumps ahead, chips of jumps and
ends. A chip stands in the row of its step and beyond all lanes, so no label ever lies on a line or on another label.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .lanes import lanes
from .letters import clean, shorten, width
from .spine import Row, Spine, Way

MARGIN = 20.0
BOX = 240.0  # width of a step
HEAD = 32.0  # height of a step's first line
LINE = 14.0  # of each further one
GAP = 20.0  # between steps
LANE = 11.0
CHIP, BETWEEN = 20.0, 6.0  # height of a chip, room between two
SMALL, LARGE = 11.0, 13.0  # sizes of letters
LABEL, NAME = 250.0, 170.0  # most room for the two halves of a chip
RIGHT, LEFT = 620.0, 300.0  # most room for a row's chips before they wrap
HUES = 6
LEAST = 640.0  # width of the whole picture
_Start = Callable[[Sequence[Way]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    x: float
    y: float
    width: float
    text: str
    whole: str
    tone: str
    hue: int  # of its lane; -1 without one
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    y: float
    height: float
    band: float  # height of the whole row: the box, or its chips
    row: Row
    title: str
    under: tuple[tuple[str, str], ...]  # kind and text of the lines below the title


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A way around other steps: out of one box, along a lane, into another."""

    start: float
    end: float
    lane: float
    edge: float
    hue: int
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way to the step below."""

    start: float
    end: float
    label: str
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    width: float
    height: float
    x: float  # of the boxes
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    arcs: tuple[Arc, ...]
    chips: tuple[Chip, ...]
    anytime: tuple[Chip, ...]
    foot: float  # y of the row for what is understood at any time


def layout_of(spine: Spine) -> Layout:
    """The layout of any spine; its size grows with the steps and lanes, and is bounded in width by the lanes alone."""
    ahead = lanes(way for way in spine.ways if way.shape == "ahead")
    back = lanes(way for way in spine.ways if way.shape == "back")
    by_row = spine.by_row()
    right = [_wrapped([way for way in ways if way.shape in ("ahead", "end")], RIGHT) for ways in by_row]
    left = [_wrapped([way for way in ways if way.shape in ("back", "again")], LEFT) for ways in by_row]
    boxes = _boxes(spine.rows, [max(len(a), len(b)) for a, b in zip(left, right, strict=True)])
    x = MARGIN + _widest(left) + _room(back)
    edge = x + BOX + _room(ahead)
    chips = [
        *_placed(right, boxes, ahead, lambda line: edge),
        *_placed(left, boxes, back, lambda line: x - _room(back) - _length(line)),
    ]
    foot = (boxes[-1].y + boxes[-1].band if boxes else MARGIN + 50) + GAP + 8
    wide = max(edge + _widest(right), x + BOX, LEAST - MARGIN) + MARGIN
    foot_chips = _foot(spine.anytime, foot, wide - 2 * MARGIN)
    return Layout(
        width=wide,
        height=(max(chip.y for chip in foot_chips) + CHIP if foot_chips else foot - GAP) + MARGIN,
        x=x,
        boxes=boxes,
        links=tuple(_link(way, boxes) for way in spine.ways if way.shape == "below"),
        arcs=(*_arcs(spine, boxes, ahead, x + BOX, 1), *_arcs(spine, boxes, back, x, -1)),
        chips=tuple(chips),
        anytime=foot_chips,
        foot=foot,
    )


@lru_cache(maxsize=4096)
def text_of(way: Way) -> tuple[str, str]:
    """What a chip says: shortened, and whole."""
    label, name = clean(way.label), clean(way.name)
    short = shorten(label, LABEL, SMALL)
    parts = [short] if short else []
    return " → ".join([*parts, shorten(name, NAME, SMALL)]), f"{label} → {name}" if label else name


def _boxes(rows: Sequence[Row], lines: Sequence[int]) -> tuple[Box, ...]:
    found, y = [], MARGIN + 54
    for row, count in zip(rows, lines, strict=True):
        under = tuple(_under(row))
        height = HEAD + LINE * len(under) + (4 if under else 0)
        band = max(height, count * (CHIP + BETWEEN) + BETWEEN)
        title = shorten(clean(row.title) or row.id, BOX - 44 - width(row.detail, SMALL), LARGE)
        found.append(Box(y=y, height=height, band=band, row=row, title=title, under=under))
        y += band + GAP
    return tuple(found)


def _under(row: Row) -> list[tuple[str, str]]:
    lines = [("id", row.id)] if clean(row.title) else []
    lines += [("if", f"if {clean(row.condition)}")] if row.condition else []
    lines += [("note", clean(row.note))] if row.note else []
    return [(kind, shorten(text, BOX - 40, SMALL)) for kind, text in lines]


Lines = list[list[Way]]


def _wrapped(ways: Sequence[Way], room: float) -> Lines:
    """The chips of a row in as many lines as they need."""
    lines: Lines = []
    for way in sorted(ways, key=lambda way: way.shape != "ahead"):
        if lines and _length([*lines[-1], way]) <= room:
            lines[-1].append(way)
        else:
            lines.append([way])
    return lines


def _length(line: Sequence[Way]) -> float:
    return sum(_chip_width(way) + BETWEEN for way in line)


def _chip_width(way: Way) -> float:
    return round(width(text_of(way)[0], SMALL) + (28 if way.shape in ("ahead", "back") else 18), 1)


def _widest(rows: Sequence[Lines]) -> float:
    return max((_length(line) for lines in rows for line in lines), default=0.0)


def _room(taken: Mapping[int, int]) -> float:
    """The width of the lanes on one side."""
    return 16 + LANE * (max(taken.values(), default=-1) + 1)


def _placed(rows: Sequence[Lines], boxes: Sequence[Box], taken: Mapping[int, int], start: _Start) -> list[Chip]:
    found = []
    for lines, box in zip(rows, boxes, strict=True):
        for number, line in enumerate(lines):
            y = box.y + BETWEEN + number * (CHIP + BETWEEN)
            found += _line(line, start(line), y, taken)
    return found


def _line(line: Sequence[Way], x: float, y: float, taken: Mapping[int, int]) -> list[Chip]:
    found = []
    for way in line:
        text, whole = text_of(way)
        hue = taken[way.target] % HUES if way.shape in ("ahead", "back") else -1
        wide = _chip_width(way)
        found.append(Chip(x=x, y=y, width=wide, text=text, whole=whole, tone=way.tone, hue=hue, way=way))
        x += wide + BETWEEN
    return found


def _foot(ways: Sequence[Way], y: float, room: float) -> tuple[Chip, ...]:
    found: list[Chip] = []
    for number, line in enumerate(_wrapped(ways, room - 80)):
        found += _line(line, MARGIN + 80, y + number * (CHIP + BETWEEN), {})
    return tuple(found)


def _link(way: Way, boxes: Sequence[Box]) -> Link:
    box, below = boxes[way.source], boxes[way.target]
    label = shorten(clean(way.label), BOX - 40, SMALL)
    return Link(start=box.y + box.height, end=below.y, label=label, way=way)


def _arcs(spine: Spine, boxes: Sequence[Box], taken: Mapping[int, int], edge: float, side: int) -> list[Arc]:
    """Ways leave a box toward where they lead: from its lower half downwards, from its upper half upwards."""
    shape = "ahead" if side > 0 else "back"
    found, ports = [], dict.fromkeys(range(len(boxes)), 0)
    for way in spine.ways:
        if way.shape != shape:
            continue
        lane, port = taken[way.target], min(ports[way.source], 2)
        ports[way.source] += 1
        out, into = (20 + 3 * port, 10) if side > 0 else (12 - 3 * port, 22)
        found.append(
            Arc(
                start=boxes[way.source].y + out,
                end=boxes[way.target].y + into,
                lane=edge + side * (14 + lane * LANE),
                edge=edge,
                hue=lane % HUES,
                way=way,
            )
        )
    return found
