"""`flowbot chat`: try a flow in the terminal, with a virtual clock and nothing else running."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from ..engine.flow import Flow
from ..engine.folding import squeeze
from ..engine.locale import base
from ..engine.templates import sample
from ..library.library import Library
from ..library.load import load
from ..transcript.run import where
from .chat_look import Bubbles, Plain
from .named import find_flow
from .root import find_root
from .talk import HELP, Look, Setup, Talk, at_the_start


@click.command(epilog=f"\b\n{HELP}")
@click.argument("flow")
@click.option("--lang", default="", metavar="LANGUAGE", help="The contact's language.")
@click.option("--name", default="", help="The contact's name.")
@click.option(
    "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="What the client passes in; implies --api."
)
@click.option("--api", is_flag=True, help="Started by the client, not by the contact's message.")
@click.option("--invite", is_flag=True, help="Begin with the template of `start.template`; --input fills it.")
@click.option("--channel", default="", metavar="ACCOUNT/CHANNEL", help="Default: the first that runs the flow.")
@click.option("--now", default="", metavar="TIME", help='The first time, like "2026-11-20 18:40". Default: now.')
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.pass_context
def command(
    context: click.Context,
    flow: str,
    lang: str,
    name: str,
    inputs: tuple[str, ...],
    api: bool,
    invite: bool,
    channel: str,
    now: str,
    project: Path | None,
) -> None:
    """Talk to FLOW."""
    environ = dict(context.find_root().obj or {})
    library = load(find_root(project or Path(environ.get("FLOWBOT_PROJECT") or ".")), environ)
    found = find_flow(library, flow)
    account, _, wanted = channel.rpartition("/")
    account, channel = where(library, found.id, account, wanted)
    zone = library.account(account).timezone
    given = dict(_input(one) for one in inputs)
    asked = _invitation(library, found, given) if invite else {}
    opening = "" if api or given or invite else _opening(found, lang)
    if not opening and not invite:
        _complete(found, given)
    setup = Setup(
        flow=found.id,
        account=account,
        channel=channel,
        now=at_the_start(now, zone, int(time.time() * 1000)),
        zone=zone,
        by_api=not opening,
        opening=opening,
        inputs={name: value for name, value in given.items() if not invite or name in found.inputs},
        invite=asked,
        language=lang,
        name=name,
    )
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    talk = Talk(library, setup, _look(at_terminal), environ)
    talk.look.note(f"{found.title or found.id} ({found.version}) on {account}/{channel}; /help lists the commands")
    talk.begin()
    for line in _lines(at_terminal):
        if not talk.feed(line):
            break


def _opening(flow: Flow, lang: str) -> str:
    """What the contact writes to start it, in their language where the flow has words for it."""
    words = (*flow.start.messages, *flow.start.keywords)
    spoken = [word for word in words if lang and flow.start.spoken.get(squeeze(word)) in (lang, base(lang))]
    return next(iter((*spoken, *words)), "")


def _complete(flow: Flow, given: Mapping[str, str]) -> None:
    """As a client's start is refused without them."""
    lacks = [name for name, one in flow.inputs.items() if one.required and one.default is None and name not in given]
    if lacks:
        raise click.UsageError(f"the flow needs {', '.join(lacks)}: --input {lacks[0]}=…")


def _invitation(library: Library, flow: Flow, given: Mapping[str, str]) -> dict[str, Any]:
    """The flow's own, its variables filled by what was given, else by their examples."""
    found = flow.start.invitation
    if found is None or found.template not in library.templates:
        raise click.UsageError(f"{flow.id} has no `start.template`")
    return {"template": found.template, "with": sample(library.template(found.template), given)}


def _input(pair: str) -> tuple[str, Any]:
    name, mark, value = pair.partition("=")
    if not mark:
        raise click.UsageError(f"--input wants NAME=VALUE, not {pair!r}")
    return name, value


def _look(at_terminal: bool) -> Look:
    if not at_terminal:
        return Plain()
    from rich.console import Console

    return Bubbles(Console(highlight=False))


def _lines(at_terminal: bool) -> Iterator[str]:
    if not at_terminal:
        yield from sys.stdin
        return
    import readline  # noqa: F401  # editing and history for input()

    while True:
        try:
            yield input("> ")
        except (EOFError, KeyboardInterrupt):
            return
