"""The accounts that a command is about."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import NotFound
from ..model.project import Account, Project


def accounts_of(project: Project, name: str | None) -> Sequence[Account]:
    """The one that was named, else all; NotFound for one that flowbot.yaml does not have."""
    if name is None:
        return list(project.accounts.values())
    if name not in project.accounts:
        raise NotFound(f"there is no account '{name}'")
    return [project.accounts[name]]
