"""A flow or an account that somebody names: its mistakes are told, and a name that is nearly right is hinted at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import click

from ..engine.flow import Flow
from ..errors import NotFound
from ..library.library import Library
from ..model.problem import suggest
from ..model.project import Account
from .check import report


def find_flow(library: Library, name: str, also: Iterable[str] = ()) -> Flow:
    """The flow of that name; `also` are what else the command takes in its place."""
    try:
        return library.flow(name)
    except NotFound:
        mistakes = library.mistakes(name)
        for line in report(mistakes, library.root):
            click.echo(line, err=True)
        if mistakes:
            raise click.ClickException(f"the flow '{name}' has mistakes") from None
        known = (*library.flows, *also)
        near = suggest(name, known) or f"there are: {', '.join(known) or 'none'}"
        raise click.UsageError(f"there is no flow '{name}'; {near}") from None


def find_account(accounts: Mapping[str, Account], name: str, fits: Callable[[Account], bool], none: str) -> Account:
    """The one named, else the first that fits; `none` says what is wrong when it does not."""
    if name and name not in accounts:
        near = suggest(name, accounts) or "there are " + ", ".join(accounts)
        raise click.UsageError(f"there is no account '{name}'; {near}")
    found = next((one for one in accounts.values() if name in ("", one.name) and fits(one)), None)
    if found is None:
        raise click.UsageError(none)
    return found
