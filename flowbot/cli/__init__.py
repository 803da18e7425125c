"""The command line. Each command is one file here and one line in COMMANDS; it is imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from .. import __version__
from ..imports import at_one_go

# name -> module of this folder; the module's `command` is a click command
COMMANDS = {
    "new": "new",
    "check": "check",
    "explain": "explain",
    "test": "test",
    "chat": "chat",
    "link": "link",
    "templates": "templates",
    "broadcast": "broadcast",
    "when": "when",
    "graph": "graph",
    "content": "content",
    "schema": "schema",
    "publish": "publish",
    "rollback": "rollback",
    "flows": "flows",
    "run": "run",
    "doctor": "doctor",
    "stats": "stats",
    "tail": "tail",
    "show": "show",
    "replay": "replay",
    "keys": "keys",
    "users": "users",
    "export": "export",
    "forget": "forget",
}
# the doors of the Procfile: started by `run`, or one by one under another supervisor
DOORS = {
    "web": "doors",
    "worker": "doors",
    "sender": "doors",
    "hooks": "doors",
}


class Program(click.Group):
    """Commands by name, imported lazily: `flowbot check` must not pay for what `flowbot run` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *DOORS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name) or DOORS.get(cmd_name)
        if module is None:
            return None
        with at_one_go():
            loaded = import_module(f".{module}", __name__)
        found = getattr(loaded, "command" if cmd_name in COMMANDS else cmd_name)
        assert isinstance(found, click.Command)
        return found


@click.command(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flowbot")
def program() -> None:
    """Conversations on WhatsApp, written as YAML."""
