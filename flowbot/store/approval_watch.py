"""What is known of templates, as a sync process knows it: looked at once in a while, read anew only when it changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..model.project import Channel
from ..model.template import UNKNOWN, Approval
from . import approvals
from .approvals import Table
from .client import Store

LOOK = 1.0  # seconds between two looks at one provider's account
WANT = 30.0  # seconds between two wishes to hear of it
_Key = tuple[str, str]  # account, holder


@dataclass(slots=True)
class Watch:
    store: Store
    clock: Callable[[], float] = time.monotonic
    _known: dict[_Key, Table] = field(default_factory=dict)
    _looked: dict[_Key, float] = field(default_factory=dict)
    _wished: dict[_Key, float] = field(default_factory=dict)

    def ask(self, channel: Channel, name: str, language: str) -> Approval | None:
        """What the channel's provider says; None when that is not known, and then it is asked for."""
        found = self.table(channel).approvals.get((name, language))
        if found is None or found.status == UNKNOWN:
            self._wish((channel.account, channel.holder))
            return None
        return found

    def table(self, channel: Channel) -> Table:
        """Raises when the store does not answer."""
        key, now = (channel.account, channel.holder), self.clock()
        known = self._known.get(key)
        if known is not None and now - self._looked.get(key, float("-inf")) < LOOK:
            return known
        if known is None or self.store.run(approvals.number(*key)) != known.number:
            known = self._known[key] = self.store.run(approvals.read(*key))
        self._looked[key] = now
        return known

    def _wish(self, key: _Key) -> None:
        now = self.clock()
        if now - self._wished.get(key, -WANT) >= WANT:
            self._wished[key] = now
            self.store.run(approvals.want(*key, self.store.now()))
