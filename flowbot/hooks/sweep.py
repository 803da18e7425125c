"""Files that contacts sent are removed once they were kept as long as FLOWBOT_FILES_DAYS says.

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
            gone = await asyncio.to_thread(parts.files.sweep, time.time() - parts.keep_days * DAY)
            if gone:
                logger.info("media.swept", extra={"count": gone})
        except FilesUnavailable as error:
            logger.warning("media.not_swept", extra={"error": str(error)})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)
