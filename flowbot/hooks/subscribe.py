"""Which endpoints want an event."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ..engine.expressions import compile_expression
from ..errors import ExpressionError
from ..model.hook import Hook
from ..model.project import Account, Endpoint

logger = logging.getLogger(__name__)


def endpoints_for(hook: Hook, account: Account | None) -> list[Endpoint]:
    """The endpoints of the hook's account that subscribe to it."""
    found: Iterable[Endpoint] = account.endpoints.values() if account else ()
    return [one for one in found if one.wants(hook.type, hook.data.get("flow")) and _holds(one, hook)]


def _holds(endpoint: Endpoint, hook: Hook) -> bool:
    """Its `when`. What can't be told is sent rather than lost; and nobody is kept from learning whom to forget."""
    if not endpoint.when or hook.type == "contact.forgotten":
        return True
    try:
        return compile_expression(endpoint.when).holds({"type": hook.type, "data": hook.data})
    except ExpressionError:
        logger.warning("hook.condition", extra={"endpoint": endpoint.key, "kind": hook.type})
        return True
