"""`flowbot export <contact or number>`: everything that is kept of a person, to hand out."""

from __future__ import annotations

from pathlib import Path

import click

from ..people import archive, find
from ..settings import Settings
from ..wiring import files_of, load_library, open_store
from .options import with_settings
from .whose import accounts_of


@click.command(name="export")
@click.argument("who", metavar="CONTACT|NUMBER|USER-ID")
@click.option("--account", help="Where the number is looked for. Default: all accounts.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file: .zip holds the files too.")
@click.option("--json", "_", is_flag=True, help="It always is JSON.")
@with_settings
def command(settings: Settings, who: str, account: str | None, out: Path | None, _: bool) -> None:
    """Print all that is kept of a person as one JSON, or write it to a file; a .zip holds what they sent as well.

    What lies encrypted in the store is in it as it was said: keep it as what it is.
    """
    project = load_library(settings).project
    store = open_store(settings)
    files = files_of(settings)
    try:
        people = find.find(store, who, accounts_of(project, account))
        told = archive.everything(store, project.accounts[people[0].account], people, files, store.now())
    finally:
        store.close()
    if out is None:
        click.echo(archive.as_json(told))
        return
    data = archive.as_zip(told, files) if out.suffix == ".zip" else archive.as_json(told)
    out.touch(mode=0o600)
    out.write_bytes(data)
    click.echo(f"{out}: {len(data)} bytes", err=True)
