from __future__ import annotations

import io

from rich.console import Console

from flowbot.cli.chat_look import Bubbles
from flowbot.model.outbound import Choice, Outbound
from flowbot.testing import Said


def test_what_is_said_is_never_markup() -> None:
    out = io.StringIO()
    look = Bubbles(Console(file=out, width=60, highlight=False))
    outbound = Outbound(text="[red]x[/red] :smile:", key="hello", choices=(Choice(id="a", title="[b]Ok[/b]"),))
    look.bot(Said(outbound=outbound, at=0, turn=1))
    look.user("[i]tapped[/i]", typed=False)
    look.user("never shown twice", typed=True)
    look.note("[bold]note")
    shown = out.getvalue()
    for text in ("[red]x[/red] :smile:", "hello", "[1] [b]Ok[/b]", "[i]tapped[/i]", "[bold]note"):
        assert text in shown
    assert "never shown twice" not in shown
