"""Where the store is, and which node of a cluster has which slot. Nothing here talks to anybody."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.retry import Retry

from ..errors import SettingsError

SLOTS = 16384
CONNECTIONS = 2_000  # of one process to one node; a web has a thousand requests at once, redis-py stops at 100
SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")


@dataclass(frozen=True, slots=True)
class Place:
    """A parsed FLOWBOT_REDIS_URL: the nodes to begin with, and how any other node of the cluster is reached."""

    urls: tuple[str, ...]
    cluster: bool = False
    prefix: str = ""  # scheme and credentials
    query: str = ""

    def node(self, host: str, port: int) -> str:
        """The URL of a node.

        >>> parse("redis+cluster://user:pw@a:1,b:2").node("c", 3)
        'redis://user:pw@c:3'
        """
        bracketed = f"[{host}]" if ":" in host else host
        return f"{self.prefix}{bracketed}:{port}{self.query}"


def parse(url: str) -> Place:
    """Single node, TLS, unix socket or cluster; SettingsError for anything else.

    >>> parse("unix:///tmp/valkey.sock").urls
    ('unix:///tmp/valkey.sock',)
    >>> parse("rediss+cluster://a:1,b:2").urls
    ('rediss://a:1', 'rediss://b:2')
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        raise SettingsError(
            f"not the URL of a store: it begins with one of {', '.join(one + '://' for one in SCHEMES)}"
        )
    if not scheme.endswith("+cluster"):
        return Place((url,))
    parts = urlsplit("//" + rest)
    credentials, at, addresses = parts.netloc.rpartition("@")
    prefix = f"{scheme.removesuffix('+cluster')}://{credentials}{at}"
    query = f"?{parts.query}" if parts.query else ""
    urls = tuple(f"{prefix}{address}{query}" for address in addresses.split(",") if address)
    if not urls:
        raise SettingsError("the URL of a cluster names at least one node: redis+cluster://host:port,host:port")
    return Place(urls, True, prefix, query)


def options(timeout: float) -> dict[str, Any]:
    """How every connection is made. redis-py must repeat nothing: two lost replies made three entries of one."""
    return {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "max_connections": CONNECTIONS,
        "protocol": 2,
        "legacy_responses": False,
        "client_name": "flowbot",
    }


@functools.lru_cache(maxsize=65536)
def _slot_of_tag(tag: str) -> int:
    return int(key_slot(tag.encode()))


def slot_of(key: str) -> int:
    """The cluster's slot of a key: of what stands in its first braces.

    >>> slot_of("{p7}in") == slot_of("{p7}c:x")
    True
    """
    start = key.find("{")
    end = key.find("}", start + 1) if start >= 0 else -1
    return _slot_of_tag(key[start + 1 : end] if end > start + 1 else key)


@dataclass(slots=True)
class Topology:
    """Which node has which slot; of a single node, all are its own."""

    place: Place
    nodes: list[str] = field(default_factory=list)  # URL by slot; empty: not yet known

    def node_of(self, key: str) -> str:
        if not self.place.cluster:
            return self.place.urls[0]
        return self.nodes[slot_of(key)] or self.place.urls[0]

    def known(self) -> bool:
        return not self.place.cluster or bool(self.nodes)

    def seeds(self) -> list[str]:
        """Whom to ask for the slots: the nodes known so far, then those of the URL."""
        return list(dict.fromkeys([*(url for url in self.nodes if url), *self.place.urls]))

    def learn(self, reply: Iterable[Any], asked: str) -> None:
        """Take in what CLUSTER SLOTS said; a node that does not know its own name is the one that was asked."""
        nodes = [""] * SLOTS
        for first, last, primary, *_ in reply:
            host = (primary[0] or b"").decode()
            if host in ("", "?"):
                host = urlsplit(asked).hostname or ""
            nodes[first : last + 1] = [self.place.node(host, primary[1])] * (last - first + 1)
        self.nodes = nodes
