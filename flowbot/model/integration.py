"""A client's HTTP service, and what `call` may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Fill = Callable[[Mapping[str, Any]], Any]  # a value whose `{{ }}` are filled in from a call's `with`

TIMEOUT = 30_000  # ms that an action may take unless it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One request that may be made."""

    name: str
    method: str = "GET"
    path: Fill = field(default=lambda values: "")
    query: Fill | None = None
    json: Fill | None = None
    form: Fill | None = None
    headers: Fill | None = None
    timeout: int = TIMEOUT  # ms, with all attempts
    needs: frozenset[str] = frozenset()  # values that it cannot do without: they stand in the path
    reads: frozenset[str] = frozenset()  # all values that it has a use for


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """Where the service is, and how we prove who we are; `missing` names secrets that are not set."""

    name: str
    base_url: str = ""
    auth: Mapping[str, Any] = field(default_factory=dict, repr=False)  # bearer, basic, header or query
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    actions: Mapping[str, Action] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
