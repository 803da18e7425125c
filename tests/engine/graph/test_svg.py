"""The picture's structure: every way drawn once, nothing on top of anything else, every text harmless."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import pytest

from flowbot.editor.hover import doc
from flowbot.engine.flow import Flow
from flowbot.engine.graph import FORMATS, draw, spine_of
from flowbot.engine.graph.layout import BOX, CHIP, HUES, layout_of
from flowbot.engine.graph.look import DARK, LIGHT, SIGNS
from flowbot.library.load import load
from flowbot.steps import VERBS
from flowbot.steps.ask import Ask
from flowbot.steps.wait import Wait
from tests.engine.graph.growing import grown
from tests.engine.talk import flow_of

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLES = load(Path(__file__).parents[3], {}).flows
SIZES = {f"{steps} steps": flow_of(grown(steps)) for steps in (1, 12, 80, 300)}
SHOWN = {word: re.search(r"```yaml\n(.*?)```", doc(word), re.DOTALL) for word in VERBS}
VERB_FLOWS = {f"verb {word}": flow_of(shown[1], id="example") for word, shown in SHOWN.items() if shown}
FLOWS = {**EXAMPLES, **SIZES, **VERB_FLOWS}
HOSTILE = [
    "</text></svg><script>alert(1)</script>",
    'a " onload="x" \' & ]]> --> <!-- &amp; &#0;',
    "null\x00 bell\x07 \x1b[31mred",
    "\u202egnol \u2066x\u2069 \ufffe\uffff",
    "e\u0301\u0327" * 200,
    "w" * 5000,
    "🎉 हाँ 漢字 العربية",
    "#quot; `x` %% {{a}} subgraph end",
    " \n\t ",
]


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def expected(flow: Flow) -> Counter[tuple[str, str]]:
    """(step, outcome) as the compiled flow has them, without those that can never come about."""
    found: Counter[tuple[str, str]] = Counter()
    waiting = 0
    for step in flow.steps.values():
        closed = bool(getattr(step.main, "choices", ())) and not getattr(step.main, "free", False)
        for trigger, ways in step.routes.items():
            own = any(timeout.trigger == trigger for timeout in step.timeouts)
            alike = trigger == "timeout" and not ways[0].target.path and not own
            silent = alike and not isinstance(step.main, Wait)
            waiting += silent and isinstance(step.main, Ask)
            if silent or (closed and trigger == "answered") or (trigger == "invalid" and step.retry.times < 0):
                continue
            found.update((step.id, trigger if len(ways) == 1 else f"{trigger}[{at}]") for at in range(len(ways)))
    found.update(("*", word) for word in flow.anytime)
    found.update(("*", word) for again in flow.reengage for word in ("reengage", *again.choices))
    found.update([("*", "no")] if flow.reengage else [])
    if waiting:
        found["*", "timeout"] += 1
    return found


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_outcome_is_drawn_once(flow: Flow) -> None:
    root = parsed(draw(flow))
    drawn = [(part.attrib["data-step"], word) for part in root.iter() for word in part.get("data-outcomes", "").split()]
    assert Counter(drawn) == expected(flow)
    assert [part.attrib["data-id"] for part in root.iter() if "data-id" in part.attrib] == list(flow.steps)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_nothing_lies_on_anything_else(flow: Flow) -> None:
    made = layout_of(spine_of(flow))
    chips = sorted([*made.chips, *made.anytime], key=lambda chip: (chip.y, chip.x))
    for one, other in pairwise(chips):
        assert one.y != other.y or one.x + one.width < other.x, f"{one.whole} lies on {other.whole}"
        assert one.y == other.y or one.y + CHIP < other.y
    for box, below in pairwise(made.boxes):
        assert box.y + box.band < below.y
    lanes = [arc.lane for arc in made.arcs]
    left, right = min([*lanes, made.x]), max([*lanes, made.x + BOX])
    for chip in made.chips:
        assert chip.x + chip.width < left or chip.x > right, f"{chip.whole} lies on a lane"
        assert chip.x > 0 and chip.x + chip.width < made.width
        box = made.boxes[chip.way.source]
        assert box.y <= chip.y and chip.y + CHIP <= box.y + box.band, "a chip stands in its step's row"
    assert made.boxes[-1].y + made.boxes[-1].band < made.height


@pytest.mark.parametrize("flow", SIZES.values(), ids=SIZES)
def test_lines_to_different_steps_share_no_lane(flow: Flow) -> None:
    arcs = layout_of(spine_of(flow)).arcs
    for one in arcs:
        for other in arcs:
            if one.lane == other.lane and one.way.target != other.way.target:
                assert max(one.start, one.end) < min(other.start, other.end) or max(other.start, other.end) < min(
                    one.start, one.end
                )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("form", FORMATS)
def test_every_text_is_harmless(text: str, form: str) -> None:
    spine = spine_of(FLOWS["identity"])
    rows = tuple(replace(row, title=text, note=text, condition=text) for row in spine.rows)
    ways = tuple(replace(way, label=text, name=text, outcomes=(text,)) for way in spine.ways)
    told = {"title": text, "starts": (text,), "anytime": tuple(replace(way, label=text) for way in spine.anytime)}
    picture = FORMATS[form](replace(spine, rows=rows, ways=ways, **told), None)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", picture)
    if form == "svg":
        root = parsed(picture)
        assert {part.tag.removeprefix(SVG) for part in root.iter()} <= {
            *("svg", "title", "style", "g", "rect", "path", "text", "circle"),
        }
        assert not any(name.startswith("on") for part in root.iter() for name in part.attrib)
        assert float(root.attrib["width"]) < 2000
    elif form == "mermaid":
        assert all(line.count('"') % 2 == 0 for line in picture.splitlines())
        assert "<" not in picture.replace("<-", "") and "`" not in picture
    elif form == "dot":
        bare = re.sub(r'"(\\.|[^"\\])*"', "", picture)
        assert '"' not in bare and "script" not in bare and "x" not in bare.replace("box", "").replace("plaintext", "")


def test_a_long_text_is_shortened_and_whole_in_the_tooltip() -> None:
    long = "a condition of a length that no label can ever have " * 3
    made = flow_of(
        f"flow: demo\nlanguages: [en]\ninputs: {{a: text}}\nsteps:\n"
        f"  which:\n    branch: [{{when: inputs.a == '{long}', then: over}}, {{else: done}}]\n"
        "  done: {succeed: {}}\n  over: {fail: over}\n"
    )
    texts = ["".join(part.itertext()) for part in parsed(draw(made)).iter(f"{SVG}text")]
    tips = ["".join(part.itertext()) for part in parsed(draw(made)).iter(f"{SVG}title")]
    assert any("…" in text for text in texts) and not any(long.strip() in text for text in texts)
    assert any(long.strip() in tip for tip in tips)


def test_counts_make_it_the_funnel() -> None:
    flow = SIZES["12 steps"]
    counts = {f"step_{at}": 1000 - 80 * at for at in range(12)}
    root = parsed(draw(flow, counts=counts))
    bars = [float(part.attrib["width"]) for part in root.iter(f"{SVG}rect") if part.get("class") == "bar"]
    assert bars[:12] == [round(BOX * count / 1000, 1) for count in counts.values()]
    assert bars[12:] == [0.0] * 4
    assert not [part for part in parsed(draw(flow)).iter(f"{SVG}rect") if part.get("class") == "bar"]
    assert "920" in draw(flow, "text", counts) and "920" in draw(flow, "mermaid", counts)
    assert "(920)" in draw(flow, "dot", counts)


def test_it_is_drawn_quickly() -> None:
    """A page may draw one at each request; the bound is far above what it takes, for a busy machine."""
    started = perf_counter()
    draw(SIZES["80 steps"])
    assert perf_counter() - started < 1


def test_light_and_dark_have_the_same_colors_and_every_verb_its_sign() -> None:
    assert set(LIGHT) == set(DARK)
    assert len(LIGHT["hues"]) == len(DARK["hues"]) == HUES
    assert set(VERBS) <= set(SIGNS)


@pytest.mark.parametrize("form", ["mermaid", "dot"])
def test_exports_have_every_step_and_way(form: str) -> None:
    flow = FLOWS["identity"]
    spine = spine_of(flow)
    lines = draw(flow, form).splitlines()
    arrow = "->" if form == "dot" else "-->"
    drawn = [line for line in lines if re.search(r"^ +(s\d+|any) (-.?->|->)", line)]
    assert len(drawn) == len(spine.ways) + len(spine.anytime), arrow
    assert len([line for line in lines if re.match(r" +s\d+(\[|\{|\(| \[label)", line)]) == len(flow.steps)


def test_the_text_is_the_flow_at_a_glance() -> None:
    assert draw(flow_of(grown(2, 9)), "text") == TEXT


TEXT = """\
demo: A flow of 2 steps

step_0  (ask)
    yes_please / rather_not / another_way_altogether ↓ step_1
    2 retries                                        ✗ locked

step_1  (ask)
    yes_please / another_way_altogether ↺ step_1
    rather_not                          ↑ step_0
    2 retries                           ✗ locked

closing  (set)
    ↓ over

over  (succeed)
    ✓ succeeded

locked  (fail)
    ✗ locked

gave_up  (fail)
    ✗ gave_up

at any time
    exit          ✗ canceled
    help          · says help
    2h of silence ✗ expired
"""
