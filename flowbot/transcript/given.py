"""Whether what a test's `given` says may be so: as the API would refuse it, so does the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..engine.flow import Flow
from ..model.problem import suggest
from ..model.project import Account

CONTACT = ("name", "phone", "language", "timezone", "country", "labels", "groups")  # beside the account's own fields


def impossible(given: Mapping[str, Any], flow: Flow, account: Account, *, by_api: bool) -> Iterator[str]:
    """What of it cannot be."""
    inputs, contact = given.get("inputs") or {}, given.get("contact") or {}
    for name in inputs if isinstance(inputs, Mapping) else ():
        if name not in flow.inputs:
            yield _said(f"the flow {flow.id!r} declares no input {name!r}", suggest(name, flow.inputs))
    for name, one in flow.inputs.items():
        if by_api and one.required and one.default is None and inputs.get(name) is None:
            yield f"given: the flow {flow.id!r} needs the input {name!r}"
    known = (*CONTACT, *account.contact_fields)
    for name in contact if isinstance(contact, Mapping) and account.contact_fields else ():
        if name not in known:
            yield _said(f"{name!r} is no field of a contact", suggest(name, known))


def _said(message: str, hint: str) -> str:
    return f"given: {message}" + (f"; {hint}" if hint else "")
