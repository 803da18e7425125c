"""A server on a free port, for tests that look at the very bytes; what it does with a request is each one's own."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Self


class Listening:
    """`async with` it; `url` is where it listens, `path` included."""

    path = ""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read one request and answer it; False closes the line."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self.path}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self.request(reader, writer):
                pass
        writer.close()
