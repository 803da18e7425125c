"""gunicorn's gevent worker, which answers what it has taken even when its parent was killed."""

from __future__ import annotations

import os

from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.ggevent import GeventWorker


class Worker(GeventWorker):  # type: ignore[misc]
    """When the parent is gone it takes no more, finishes for `graceful_timeout` seconds, and ends."""

    def notify(self) -> None:
        AsyncWorker.notify(self)  # GeventWorker's own ends at once, and with it every request under way
        if self.ppid != os.getppid():
            self.alive = False
