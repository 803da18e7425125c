"""`flowbot new`: a small project that runs, to change into one's own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from ..editor import schemas
from ..library.load import load
from .options import as_json, tell
from .schema import write_all

NAME = "mybot"  # the account in the starter's files; the new project has its own
HIDDEN = {"gitignore": ".gitignore"}  # kept without the dot, so that no tool takes it for its own


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--project", type=click.Path(path_type=Path), help="The same as FOLDER.")
@as_json
def command(folder: Path | None, project: Path | None, as_json: bool) -> None:
    """Write a small project into FOLDER: a flow, its words, its tests.

    FOLDER is made when it is not there; one that holds anything is left alone.
    """
    if (folder is None) == (project is None):
        raise click.UsageError("name the FOLDER, once")
    folder = folder or project
    assert folder is not None
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise click.UsageError(f"{folder} is there already, and not empty")
        written = [place.as_posix() for place in write(folder, account_of(folder.resolve().name))]
    except OSError as error:
        raise click.ClickException(f"the project cannot be written: {error}") from None
    if as_json:
        tell(True, {"project": str(folder), "files": [str(folder / place) for place in written]}, "")
        return
    for place in written:
        click.echo(f"  {folder / place}")
    shown = f'"{folder}"' if " " in str(folder) else str(folder)
    click.echo(f"\nNext:\n  cd {shown}")
    for line, what in NEXT.items():
        click.echo(f"  {line:<{WIDE}} {what}")
    click.echo("\nThen change flows/booking.yaml and content/en/booking.yaml into your own.")


NEXT = {
    "flowbot check": "find mistakes, with line and column",
    "flowbot test": "run the conversations of flows/booking.test.yaml",
    "flowbot chat booking": "try it in the terminal",
    "flowbot run --try": "try it in the browser; what you save counts from the next conversation on",
    "flowbot graph booking -o booking.svg": "see it as a picture",
}

WIDE = max(map(len, NEXT))


def write(folder: Path, account: str) -> Iterator[Path]:
    """Write the starter's files and the editor's schemas; the places of the files, relative to the folder."""
    for place, text in starter():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_named(text, account) if place.name == "flowbot.yaml" else text, "utf-8")
        yield place
    write_all(folder, schemas(load(folder, {})))


def starter() -> Iterator[tuple[Path, str]]:
    """Where each file goes, and what stands in it."""
    yield from _below(files(__package__).joinpath("starter"), Path())


def account_of(name: str) -> str:
    """A name for the account, out of the folder's.

    >>> account_of("My Café 2"), account_of("42"), account_of("...")
    ('my-cafe-2', 'mybot', 'mybot')
    """
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    found = re.sub("[^a-z0-9_]+", "-", plain).strip("-_")[:40].strip("-_")
    return found if found[:1].isalpha() else NAME


def _named(text: str, account: str) -> str:
    return text.replace(f"  {NAME}:\n", f"  {account}:\n")


def _below(folder: Traversable, place: Path) -> Iterator[tuple[Path, str]]:
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir():
            yield from _below(one, place / one.name)
        else:
            yield place / HIDDEN.get(one.name, one.name), one.read_text("utf-8")
