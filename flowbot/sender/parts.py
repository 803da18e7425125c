"""What the sender is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ..delivery.client import provider_client
from ..model.project import Channel, Project
from ..store.client import AsyncStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things may take, in ms. RELIABILITY: an answer that stays away is waited for, then asked about."""

    deadline: int = 8_000  # a claimed message must be settled by then
    reply_grace: int = 12_000  # then a status may still tell, before it is sent again
    fail_grace: int = 82_000  # the same for what is never sent again
    attempts: int = 5  # of sends that nobody answered
    poll: int = 1_000  # between two looks at everything: announcements ring, and what is due later has its alarm
    lease: int = 5_000
    nudge: int = 1_000  # an inbound that waited so long is shown as read, and that we write


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    store: AsyncStore
    project: Callable[[], Project]  # as it is now
    root: Path  # the project's folder: files to upload lie below content/media/
    owner: str  # <slot>#<incarnation>
    link: Callable[[str], str]  # a signed address of a file below content/media/
    timing: Timing = field(default_factory=Timing)
    in_flight: int = 512
    public: httpx.AsyncClient = field(default_factory=lambda: provider_client())
    private: httpx.AsyncClient = field(default_factory=lambda: provider_client(allow_private=True))

    def client(self, channel: Channel) -> httpx.AsyncClient:
        """The client for a channel: the simulator is ours and lies where we lie."""
        free = channel.simulated or self.project().allow_private_urls
        return self.private if free else self.public

    async def close(self) -> None:
        await self.public.aclose()
        await self.private.aclose()
