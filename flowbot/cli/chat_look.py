"""How `flowbot chat` looks: plain lines through a pipe, bubbles at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..model.outbound import Outbound
from ..testing import Said

if TYPE_CHECKING:
    from rich.console import Console


def body(outbound: Outbound) -> str:
    """A message's text with what goes with it, the buttons numbered.

    >>> from flowbot.model.outbound import Choice
    >>> print(body(Outbound(text="Ok?", footer="f", choices=(Choice(id="y", title="Yes"), Choice(id="n", title="No")))))
    Ok?
    f
    [1] Yes  [2] No
    """
    parts = []
    if outbound.template:
        parts += [f"(template {outbound.template.name})", *filter(None, [outbound.template.heading])]
    if outbound.attachment:
        parts.append(f"({outbound.attachment.kind}: {outbound.attachment.url or outbound.attachment.path})")
    if outbound.kind == "location" and outbound.place:
        parts.append(f"(place: {outbound.place['latitude']}, {outbound.place['longitude']})")
    parts += [outbound.text] if outbound.text else []
    parts += [outbound.footer] if outbound.footer else []
    if outbound.kind == "location_request":
        parts.append("(asks for your place: /location)")
    if outbound.kind == "form":
        parts.append(f"({outbound.button}: /form)")
    if outbound.kind == "list" and outbound.button:
        parts.append(f"({outbound.button})")
    rows = [
        f"[{at}] {one.title}" + (f": {one.description}" if one.description else "")
        for at, one in enumerate(outbound.choices, 1)
    ]
    if outbound.template:
        parts += [f"({one['text']}: {one['target']})" for one in outbound.template.links]
    if rows:
        parts.append("  ".join(rows) if outbound.kind != "list" else "\n".join(rows))
    return "\n".join(parts)


class Plain:
    """Line by line, for pipes and tests."""

    def bot(self, said: Said) -> None:
        for at, line in enumerate(body(said.outbound).splitlines()):
            click.echo(("bot  " if at == 0 else "     ") + line)

    def user(self, text: str, *, typed: bool) -> None:
        click.echo(f"you  {text}")

    def note(self, text: str) -> None:
        click.echo(f"  -- {text}")

    def data(self, text: str) -> None:
        click.echo(text)


class Bubbles:
    """Colored bubbles; what a contact or a flow says is never taken for markup."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def bot(self, said: Said) -> None:
        from rich.panel import Panel
        from rich.text import Text

        panel = Panel(Text(body(said.outbound)), title=said.outbound.key or None, title_align="left", expand=False)
        panel.border_style = "green"
        self.console.print(panel)

    def user(self, text: str, *, typed: bool) -> None:
        from rich.text import Text

        if not typed:  # what was typed stands there already
            self.console.print(Text(f"  {text}", style="cyan"))

    def note(self, text: str) -> None:
        from rich.text import Text

        self.console.print(Text("  " + text, style="dim"))

    def data(self, text: str) -> None:
        from rich.text import Text

        self.console.print(Text(text))
