"""`flowbot link`: the wa.me address that opens WhatsApp with a flow's first message, and its QR code."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

import click
import orjson
import segno

from ..engine.flow import Flow
from ..library.load import load
from ..model.problem import suggest
from ..model.project import Channel, Project
from .named import find_flow
from .root import find_root


@click.command()
@click.argument("flow")
@click.option("--channel", metavar="ACCOUNT/CHANNEL", help="Default: the only channel with a number.")
@click.option("--message", type=click.IntRange(min=1), default=1, help="Which of `start.messages`; default 1.")
@click.option("--svg", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write the QR code there.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON, without the QR code.")
@click.pass_context
def command(
    context: click.Context,
    flow: str,
    channel: str | None,
    message: int,
    svg: Path | None,
    project: Path | None,
    as_json: bool,
) -> None:
    """Print the wa.me link that starts FLOW, and its QR code."""
    environ = dict(context.find_root().obj or {})
    library = load(find_root(project or Path(environ.get("FLOWBOT_PROJECT") or ".")), environ)
    found = find_flow(library, flow)
    messages = found.start.messages or found.start.keywords
    if message > len(messages):
        raise click.UsageError(f"'{flow}' has {len(messages)} start messages; there is no number {message}")
    chosen = choose_channel(library.project, channel, found)
    url = link(chosen.number, messages[message - 1])
    if svg is not None:
        svg.write_bytes(picture(url))
    if as_json:
        data = {"flow": flow, "channel": chosen.key, "message": messages[message - 1], "url": url}
        click.echo(orjson.dumps(data).decode())
        return
    click.echo(url)
    click.echo(blocks(url))


def choose_channel(project: Project, wanted: str | None, flow: Flow) -> Channel:
    """The channel that is meant; a usage error when it is unknown, has no number, or could be several."""
    accounts = [one for one in project.accounts.values() if not one.flows or flow.id in one.flows]
    names = flow.start.channels
    every = {one.key: one for account in accounts for one in account.channels.values()}
    if not every:
        raise click.UsageError(f"no account runs '{flow.id}': see `flows` in flowbot.yaml")
    if wanted:
        fits = [one for key, one in every.items() if wanted in (key, one.name)]
        if not fits:
            near = suggest(wanted, every) or "the channels are " + ", ".join(every)
            raise click.UsageError(f"there is no channel '{wanted}'; {near}")
    else:
        fits = [one for one in every.values() if one.number and (not names or one.name in names)]
    if len(fits) != 1:
        keys = ", ".join(one.key for one in fits) or "none has a number"
        raise click.UsageError(f"name one channel with --channel: {keys}")
    if not fits[0].number:
        raise click.UsageError(f"the channel {fits[0].key} has no number in flowbot.yaml")
    return fits[0]


def link(number: str, text: str) -> str:
    """
    >>> link("+573001112233", "¿Qué tal? 100 % & más")
    'https://wa.me/573001112233?text=%C2%BFQu%C3%A9%20tal%3F%20100%20%25%20%26%20m%C3%A1s'
    """
    return f"https://wa.me/{number.lstrip('+')}?text={quote(text, safe='')}"


def picture(url: str) -> bytes:
    """The QR code as SVG."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", scale=8, border=4, svgclass=None, lineclass=None)
    return out.getvalue()


def blocks(url: str) -> str:
    """The QR code in half blocks, for a terminal."""
    out = io.StringIO()
    segno.make(url, error="m", micro=False).terminal(out, compact=True)
    return out.getvalue()
