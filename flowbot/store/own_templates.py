"""Templates that an account has made over the API: the same JSON as a template's file, by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..model.template import Template
from . import keys
from .call import Call, as_pairs, command
from .client import Store
from .scripts import fcall

MOST = 1000  # of one account
LOOK = 1.0  # seconds between two looks at one account
_NUMBER = "#"  # no template's name is like it


def keep(account: str, name: str, body: bytes, *, most: int = MOST) -> Call[bool]:
    """False when the account has as many as it may."""
    return fcall("keep_template", [keys.own_templates(account)], [name, body, most], read=bool, repeatable=True)


def drop(account: str, name: str) -> Call[bool]:
    """False when there is none of that name."""
    return fcall("drop_template", [keys.own_templates(account)], [name], read=bool, repeatable=True)


def every(account: str) -> Call[dict[str, bytes]]:
    """Name -> JSON; the number of changes is under `#`."""
    return command("HGETALL", keys.own_templates(account), read=as_pairs, repeatable=True)


def number(account: str) -> Call[int]:
    """How often they were changed."""
    return command("HGET", keys.own_templates(account), _NUMBER, read=lambda one: int(one or 0), repeatable=True)


@dataclass(slots=True)
class Watch:
    """What a sync process knows of them; `read` makes a template of its JSON, None of what it cannot read."""

    store: Store
    read: Callable[[str, bytes], Template | None]
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[int, Mapping[str, Template]]] = field(default_factory=dict)
    _looked: dict[str, float] = field(default_factory=dict)

    def of(self, account: str) -> Mapping[str, Template]:
        """Raises when the store does not answer."""
        now, known = self.clock(), self._known.get(account)
        if known is not None and now - self._looked.get(account, float("-inf")) < LOOK:
            return known[1]
        if known is None or self.store.run(number(account)) != known[0]:
            known = self._known[account] = made(self.store.run(every(account)), self.read)
        self._looked[account] = now
        return known[1]


def made(
    found: Mapping[str, bytes], read: Callable[[str, bytes], Template | None]
) -> tuple[int, Mapping[str, Template]]:
    """The number of changes, and the templates that can be read."""
    templates = {name: read(name, body) for name, body in sorted(found.items()) if name != _NUMBER}
    return int(found.get(_NUMBER, 0)), {name: one for name, one in templates.items() if one is not None}
