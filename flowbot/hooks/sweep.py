"""Files that contacts sent are removed once they were kept as long as FLOWBOT_FILES_DAYS says, or their account's
`retention`, where that is shorter.

Any number of processes may do this at a time: what one has removed, another does not find.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from ..errors import FilesUnavailable
from .parts import Parts

EVERY = 3600.0  # seconds between two looks
DAY = 24 * 3600
logger = logging.getLogger(__name__)


async def keep_sweeping(parts: Parts, stop: asyncio.Event, every: float = EVERY) -> None:
    """Until `stop` is set; a bucket that is away is asked again the next time."""
    while parts.files is not None and not stop.is_set():
        try:
            gone = 0
            for account, seconds in _kept(parts):
                gone += await asyncio.to_thread(parts.files.sweep, time.time() - seconds, account)
            if gone:
                logger.info("media.swept", extra={"count": gone})
        except FilesUnavailable as error:
            logger.warning("media.not_swept", extra={"error": str(error)})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)


def _kept(parts: Parts) -> list[tuple[str, float]]:
    """How many seconds files are kept: all of them, and those of accounts that say less."""
    most = float(parts.keep_days * DAY)
    own = [(account.name, account.retention.files / 1000) for account in parts.project().accounts.values()]
    return [("", most), *((name, seconds) for name, seconds in own if 0 < seconds < most)]
