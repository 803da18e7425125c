"""`flowbot content`: the words of flows, and their translations."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "extract": "content_extract",
    "status": "content_status",
    "export": "content_exchange",
    "import": "content_exchange",
}


class Content(click.Group):
    """Commands by name, imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(f".{COMMANDS[cmd_name]}", __package__), cmd_name.rstrip("_") + "_")
        assert isinstance(found, click.Command)
        return found


@click.command(cls=Content)
def command() -> None:
    """Words of flows: take them out of the flow, see what is not translated, and exchange them with translators."""
