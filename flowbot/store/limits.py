"""How often somebody may do something: windows counted in the store by the library `limits`."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from limits import parse
from limits.storage import RedisClusterStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ..errors import StoreUnavailable
from . import keys
from .nodes import parse as place_of

TIMEOUT = 2.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What is used of a limit after a hit."""

    within: bool
    limit: int
    remaining: int
    reset: int  # seconds until the window is over


class Limits:
    """A limit such as `600/minute`, for each of many names."""

    def __init__(self, url: str, rate: str) -> None:
        self._item = parse(rate)
        self._url = url
        self._limiter: FixedWindowRateLimiter | None = None

    def hit(self, name: str) -> Used:
        """Count one; StoreUnavailable when it cannot be counted."""
        try:
            limiter = self._limiter = self._limiter or FixedWindowRateLimiter(_storage(self._url))
            within = limiter.hit(self._item, name)
            window = limiter.get_window_stats(self._item, name)
        except RedisError as error:
            raise StoreUnavailable(str(error)) from None
        reset = max(1, math.ceil(window.reset_time - time.time()))
        return Used(within=within, limit=self._item.amount, remaining=window.remaining, reset=reset)


def _storage(url: str) -> RedisStorage:
    given: dict[str, Any] = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    given |= {"retry": Retry(NoBackoff(), 0), "key_prefix": keys.LIMITS}
    place = place_of(url)
    if place.cluster:
        hosts = ",".join(one.partition("://")[2] for one in place.urls)
        return RedisClusterStorage(f"redis+cluster://{hosts}", **given)
    return RedisStorage(f"redis+{url}" if url.startswith("unix://") else url, **given)
