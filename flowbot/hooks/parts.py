"""What the hooks process is made from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ..delivery.client import hook_client
from ..delivery.files import Files
from ..delivery.links import Links
from ..library.library import Library
from ..model.project import Project
from ..model.template import Template
from ..store.client import AsyncStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    store: AsyncStore
    project: Callable[[], Project]  # as it is now
    templates: Callable[[], Mapping[str, Template]] = lambda: {}  # those of its files
    media: Path = Path()  # its files for headers of templates
    link: Callable[[str], str] | None = None  # a public address of such a file
    refresh: float = 30.0  # seconds between two looks whether providers should be asked about them
    library: Callable[[], Library] | None = None  # the same with its templates; without it no broadcast is carried on
    owner: str = "hooks#1"  # <slot>#<incarnation>
    links: Links | None = None  # addresses for verifiers; without a secret key there are none, and nothing is verified
    files: Files | None = None  # what contacts sent
    keep_days: int = 30  # that they are kept
    data: Path | None = None  # the data folder
    key: bytes = b""  # seals one-time codes; without it none are sent
    in_flight: int = 40  # the plain client slows down beyond
    per_endpoint: int = 8
    calls_in_flight: int = 64  # calls of flows
    calls_per_target: int = 16  # of them to one integration or verifier: a dead one leaves room for the others
    large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))  # large files in memory at a time
    seconds: float = 15.0  # for one attempt, in all
    patience: float = 2.0  # seconds for what is in flight, once asked to stop: less than a supervisor gives us
    poll: int = 1_000  # ms between two looks at everything: announcements ring
    jitter: Callable[[], float] = lambda: 0.0  # between -1 and 1
    public: httpx.AsyncClient = field(default_factory=lambda: hook_client())
    private: httpx.AsyncClient = field(default_factory=lambda: hook_client(allow_private=True))

    calls_public: httpx.AsyncClient = field(default_factory=lambda: hook_client(in_flight=64))
    calls_private: httpx.AsyncClient = field(default_factory=lambda: hook_client(allow_private=True, in_flight=64))

    def client(self) -> httpx.AsyncClient:
        return self.private if self.project().allow_private_urls else self.public

    def caller(self) -> httpx.AsyncClient:
        """For flows' calls: a service that hangs must not keep hooks from leaving."""
        return self.calls_private if self.project().allow_private_urls else self.calls_public

    async def close(self) -> None:
        for client in (self.public, self.private, self.calls_public, self.calls_private):
            await client.aclose()
