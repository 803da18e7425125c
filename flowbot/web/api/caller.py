"""Who calls the API and what the key opens: the account is the key's, never one that the request names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Response, after_this_request, request

from ...errors import FlowbotError
from ...store import apikeys
from ...store.apikeys import ApiKey
from ...store.limits import Limits, Used
from ..bearer import Unauthorized

if TYPE_CHECKING:
    from ...store.client import Store
    from ...wiring import Parts

DAY = 86_400_000  # ms


class Forbidden(FlowbotError):
    """The API key does not open this door."""

    code = "forbidden"


class TooMany(FlowbotError):
    """More requests than this API key may make."""

    code = "rate_limited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    account: str
    key: ApiKey


class Doorkeeper:
    """Lets requests in: a known key, in its time, with the scope, within its rate."""

    def __init__(self, parts: Parts, url: str) -> None:
        self._parts = parts
        self._limits = Limits(url, parts.settings.api_rate) if parts.settings.api_rate else None
        self._noted: dict[str, int] = {}  # key id -> the day that was noted as its last use

    @property
    def store(self) -> Store:
        return self._parts.store

    def opens(self, scope: str, *, writes: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A view that is called with `caller=`, for those who may; the outermost of its decorators but the route."""

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def guarded(*args: Any, **given: Any) -> Any:
                return view(*args, caller=self.admit(scope, writes), **given)

            return guarded

        return decorate

    def admit(self, scope: str, writes: bool, key: str | None = None) -> Caller:
        """Unauthorized, Forbidden or TooMany for who may not. The `key` where it is not in the usual header."""
        caller = self._known(_bearer(request.headers.get("Authorization", "")) if key is None else key)
        now = self._parts.store.now()
        if caller.key.expired(now):
            raise Unauthorized("The API key has expired: make another with `flowbot keys rotate`.")
        if self._limits is not None:
            used = self._limits.hit(caller.key.id)
            after_this_request(lambda response: _told(response, used))
            if not used.within:
                raise TooMany(f"More than {used.limit} requests; wait {used.reset} s.", headers=_retry(used))
        if not caller.key.may(scope, writes, now):
            need = scope if writes else f"{scope}:read"
            raise Forbidden(f"The API key lacks the scope {need!r}: it has {', '.join(caller.key.scopes)}.")
        self._note(caller, now - now % DAY)
        return caller

    def _known(self, written: str) -> Caller:
        parsed = apikeys.parse(written.strip())
        account = apikeys.account_of(parsed[0], self._parts.library.project.accounts) if parsed else None
        if parsed is None or account is None:
            raise Unauthorized
        key = self._parts.store.run(apikeys.check(account, *parsed, self._parts.store.salt))
        if key is None:
            raise Unauthorized
        return Caller(account=account, key=key)

    def _note(self, caller: Caller, day: int) -> None:
        """Once a day for each key: a write at every request would tell nobody more."""
        if self._noted.get(caller.key.id) != day:
            self._noted[caller.key.id] = day
            self._parts.store.run_all([apikeys.used(caller.account, caller.key.id, day)])


def _bearer(header: str) -> str:
    scheme, _, written = header.partition(" ")
    return written if scheme.lower() == "bearer" else ""


def _retry(used: Used) -> list[tuple[str, str]]:
    return [("Retry-After", str(used.reset))]


def _told(response: Response, used: Used) -> Response:
    response.headers["RateLimit-Limit"] = str(used.limit)
    response.headers["RateLimit-Remaining"] = str(used.remaining)
    response.headers["RateLimit-Reset"] = str(used.reset)
    return response
