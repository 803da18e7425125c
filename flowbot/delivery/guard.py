"""Which addresses our requests may reach: the names that clients give us must not lead into our own network.

The check stands between the name's resolution and the connect, and we connect to the very address that was checked:
a name that resolves differently a moment later gains nothing. Host header and TLS keep the name.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

import anyio
import httpcore

from ..errors import AddressForbidden

# What `is_global` lets through though it may lead to a private address: NAT64, 6to4, Teredo, IPv4-compatible,
# old site-local, discard, segment routing, IETF protocol assignments, the 6to4 relay.
_DENIED = tuple(
    ipaddress.ip_network(net)
    for net in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "::/96",
        "fec0::/10",
        "100::/64",
        "5f00::/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
    )
)


def is_public(address: str) -> bool:
    """Whether the address is an ordinary one of the public internet.

    >>> is_public("8.8.8.8"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("64:ff9b::7f00:1")
    (True, False, False, False)
    """
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return False
    return not any(found in net for net in _DENIED if net.version == found.version)


def anywhere(address: str) -> bool:
    """The check of a project that says `allow_private_urls: true`."""
    return True


def guarded_socket(allowed: Callable[[str], bool]) -> Callable[[Any], socket.socket]:
    """A maker of sockets for aiohttp that refuses, before the connect, an address that is not allowed."""

    def make(info: Any) -> socket.socket:
        family, kind, proto, _, target = info
        if not allowed(str(target[0])):
            raise OSError("forbidden address")
        return socket.socket(family, kind, proto)

    return make


class Guard(httpcore.AsyncNetworkBackend):
    """A network for httpcore that connects to allowed addresses and ports only; every address of a name must pass."""

    def __init__(self, allowed: Callable[[str], bool] = is_public, ports: tuple[int, ...] = (443,)) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allowed = allowed
        self._ports = ports  # (): any

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if self._ports and port not in self._ports:
            raise AddressForbidden(f"port {port} is not allowed")
        try:
            with anyio.fail_after(timeout):
                found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name does not resolve") from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise AddressForbidden("the name leads to a private or forbidden address")
        return await self._inner.connect_tcp(
            addresses[0], port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressForbidden("no unix sockets")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
