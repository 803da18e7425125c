"""Which templates a command is about, and at whose provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..library.library import Library
from ..model.project import Account, Channel


@dataclass(frozen=True, slots=True)
class Wanted:
    """The accounts, channels and templates that the command line names; all where it names none."""

    accounts: tuple[str, ...] = ()
    channel: str = ""
    names: tuple[str, ...] = ()

    def places(self, library: Library) -> Iterator[tuple[Account, Channel]]:
        """A channel for each of the providers' accounts that is meant; NotFound for an account that is none."""
        accounts = [library.account(name) for name in self.accounts] or list(library.project.accounts.values())
        for account in accounts:
            for channel in account.holders.values():
                chosen = account.channels.get(self.channel)
                if not self.channel:
                    yield account, channel
                elif chosen is not None and chosen.holder == channel.holder:
                    yield account, chosen

    def templates(self, library: Library) -> list[str]:
        """NotFound for a name that no file has."""
        return [library.template(name).name for name in self.names] or sorted(library.templates)
