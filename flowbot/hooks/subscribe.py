"""Which endpoints want an event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..model.hook import Hook
from ..model.project import Account, Endpoint

# Sent only to who names them: there are many, or another event says the same.
ON_REQUEST = ("process.expired", "message.", "outbound.")


def endpoints_for(hook: Hook, account: Account | None) -> list[Endpoint]:
    """The endpoints of the hook's account that subscribe to it."""
    found: Iterable[Endpoint] = account.endpoints.values() if account else ()
    return [endpoint for endpoint in found if wants(endpoint, hook.type, hook.data.get("flow"))]


def wants(endpoint: Endpoint, kind: str, flow: Any = None) -> bool:
    """Whether the endpoint subscribes to events of a type, of a flow.

    >>> crm = Endpoint(account="acme", name="crm", url="", events=("process.*",), flows=("identity",))
    >>> wants(crm, "process.failed", "identity"), wants(crm, "process.failed", "other"), wants(crm, "contact.opted_out")
    (True, False, False)
    """
    if flow and endpoint.flows and flow not in endpoint.flows:
        return False
    if not endpoint.events:
        return not kind.startswith(ON_REQUEST)
    return any(kind == word or (word.endswith(".*") and kind.startswith(word[:-1])) for word in endpoint.events)
