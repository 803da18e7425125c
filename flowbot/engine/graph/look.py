"""Colors and signs of the picture, for light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LIGHT = {
    "page": "#ffffff",
    "ink": "#1f2a30",
    "dim": "#5b6b74",
    "line": "#8696a0",
    "band": "#f3f6f8",
    "act": "#ffffff",
    "wait": "#dcf5d6",
    "route": "#ece6f8",
    "step": "#e6ebef",
    "good": "#a7e8bd",
    "bad": "#f9c6c6",
    "late": "#fbe0ae",
    "jump": "#c9defa",
    "back": "#e6ebef",
    "bar": "#00a884",
    "hues": ("#3b6fb6", "#b4690e", "#7d4bb0", "#0f8a72", "#b8386f", "#66707a"),
}
DARK = {
    "page": "#10171b",
    "ink": "#e6edf0",
    "dim": "#9db0ba",
    "line": "#6b7b84",
    "band": "#161f24",
    "act": "#1d282e",
    "wait": "#17402c",
    "route": "#362c50",
    "step": "#2a363d",
    "good": "#1c5c38",
    "bad": "#6d2a2e",
    "late": "#5e4713",
    "jump": "#21436e",
    "back": "#2a363d",
    "bar": "#25c9a3",
    "hues": ("#7fb0f0", "#e8a24a", "#bb92ee", "#4cc9ae", "#f08ab5", "#a9b6be"),
}
TONES = ("act", "wait", "route", "step", "good", "bad", "late", "jump", "back")

# One stroke each, in a field of 14 by 14.
SIGNS = {
    "say": "M2 3h10v7H6l-3 2.5V10H2z",
    "ask": "M4.5 5a2.6 2.6 0 1 1 3.6 2.4c-.8.4-1.1.8-1.1 1.6M7 11.6v.4",
    "template": "M2 3h10v8H2zM2 5.5h10M4 8h4",
    "verify": "M7 1.8l4.6 1.7v3.6c0 2.6-1.9 4.3-4.6 5.2-2.7-.9-4.6-2.6-4.6-5.2V3.5zM4.9 7l1.6 1.6 2.8-3",
    "call": "M8 1.5L3.5 8H7l-1 4.5L10.5 6H7z",
    "set": "M3 10.8V12h1.2l6.6-6.6-1.2-1.2zM8.6 5.2l1.2 1.2",
    "branch": "M7 2l5 5-5 5-5-5z",
    "split": "M7 12V8M7 8L3 3M7 8l4-5",
    "wait": "M7 2a5 5 0 1 0 .01 0M7 4.2V7l2 1.4",
    "run": "M3 2.5h8v9H3zM5.5 5l3.5 2-3.5 2z",
    "jump": "M2 7h8M7.5 4L11 7l-3.5 3M12.5 3.5v7",
    "handoff": "M7 2.2a2.2 2.2 0 1 0 .01 0M2.8 12c.3-2.6 2-3.8 4.2-3.8s3.9 1.2 4.2 3.8",
    "opt_in": "M3 4.5h8v6.5H3zM5 7.5l1.5 1.5 5-6",
    "opt_out": "M3 4h8v7H3zM5.2 6l3.6 3M8.8 6l-3.6 3",
    "event": "M2 7h3l2-4 2 8 1.5-4H12",
    "labels": "M2.5 2.5h5l4.5 4.5-5 5-4.5-4.5zM5 5v.1",
    "groups": "M5 3a1.8 1.8 0 1 0 .01 0M9.8 4a1.4 1.4 0 1 0 .01 0M2 11c.3-4 5.7-4 6 0M9 8.5c2 0 2.7 1 3 2.5",
    "language": "M7 2a5 5 0 1 0 .01 0M2 7h10M7 2c-3 3-3 7 0 10M7 2c3 3 3 7 0 10",
    "succeed": "M2.5 7.5l3 3 6-7",
    "fail": "M3.5 3.5l7 7M10.5 3.5l-7 7",
}
OTHER = "M3 7h8"


def css() -> str:
    """The rules; everything is below `.flowbot-spine`, so that a page that holds the picture is left alone."""
    light, dark = _colors(LIGHT), _colors(DARK)
    rules = [
        f".flowbot-spine{{{light}font-family:Helvetica,Arial,'Liberation Sans',sans-serif}}",
        f"@media(prefers-color-scheme:dark){{.flowbot-spine{{{dark}}}}}",
        ".flowbot-spine text{fill:var(--ink);font-size:11px}",
        ".flowbot-spine .page{fill:var(--page)}",
        ".flowbot-spine .band{fill:var(--band)}",
        ".flowbot-spine .name{font-size:13px}",
        ".flowbot-spine .head{font-size:17px;font-weight:bold}",
        ".flowbot-spine .dim,.flowbot-spine .note{fill:var(--dim)}",
        ".flowbot-spine .note{font-style:italic}",
        ".flowbot-spine .box{stroke:var(--line)}",
        ".flowbot-spine .sign{fill:none;stroke:var(--ink);stroke-width:1.3;stroke-linejoin:round;stroke-linecap:round}",
        ".flowbot-spine .way{fill:none;stroke:var(--line);stroke-width:1.5}",
        ".flowbot-spine .tip{fill:var(--line)}",
        ".flowbot-spine .quiet .way{stroke-dasharray:4 3}",
        ".flowbot-spine .bar{fill:var(--bar)}",
    ]
    rules += [f".flowbot-spine .{tone}{{fill:var(--{tone})}}" for tone in TONES]
    for number in range(len(LIGHT["hues"])):
        rules.append(f".flowbot-spine .h{number} .way{{stroke:var(--h{number})}}")
        rules.append(f".flowbot-spine .h{number} .tip,.flowbot-spine .dot.h{number}{{fill:var(--h{number})}}")
    return "\n".join(rules)


def _colors(scheme: Mapping[str, Sequence[str]]) -> str:
    named = {name: color for name, color in scheme.items() if isinstance(color, str)}
    named |= {f"h{number}": color for number, color in enumerate(scheme["hues"])}
    return "".join(f"--{name}:{color};" for name, color in named.items())
