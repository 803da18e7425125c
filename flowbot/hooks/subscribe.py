"""Which endpoints want an event."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.hook import Hook
from ..model.project import Account, Endpoint


def endpoints_for(hook: Hook, account: Account | None) -> list[Endpoint]:
    """The endpoints of the hook's account that subscribe to it."""
    found: Iterable[Endpoint] = account.endpoints.values() if account else ()
    return [endpoint for endpoint in found if endpoint.wants(hook.type, hook.data.get("flow"))]
