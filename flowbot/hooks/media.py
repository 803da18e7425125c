"""A file that a contact sent: fetched from the provider once, kept where FLOWBOT_FILES says, and looked at."""

from __future__ import annotations

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from ..delivery.client import exchange
from ..delivery.failure import Failure
from ..delivery.files import Files, path_of
from ..errors import FilesUnavailable
from ..gateways import GATEWAYS
from ..media.look import Facts, look
from ..model.gateway import HttpRequest, HttpResponse, Refused
from ..model.inbound import LARGEST_MB, Media
from ..model.project import Channel
from .parts import Parts

CAP = LARGEST_MB << 20  # bytes
SECONDS = 20.0  # for one request
MOST_HOPS = 3  # from the provider's answer to the file: an address, redirects
LOOKERS = ThreadPoolExecutor(2, "look")  # no more at a time: a picture of a few kilobytes may take 200 MB to decode
_UPLOADED = re.compile(r"[0-9a-f]{32}\Z")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A file at its path; or why it is not to be had: gone or too_big (for good), or a word for what went wrong in
    passing.
    """

    path: str = ""
    facts: Facts | None = None
    reason: str = ""


class Hold:
    """Room for a large file, from the moment that it turns out to be one until it has been looked at."""

    def __init__(self, large: asyncio.Semaphore) -> None:
        self._large = large
        self._has = False

    async def take(self) -> None:
        if not self._has:
            await self._large.acquire()
            self._has = True

    async def __aenter__(self) -> Hold:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._has:
            self._large.release()


async def fetch(parts: Parts, channel: Channel, contact_id: str, media: Media) -> Got:
    """The bytes are fetched at most once; who asks again gets the same path."""
    if parts.files is None:
        return Got(reason="off")
    origin = f"{channel.key}:{media.id or media.url}"
    path = path_of(channel.account, contact_id, origin)
    try:
        return await _kept(parts, parts.files, channel, media, path)
    except FilesUnavailable as error:
        logger.error("media.not_kept", extra={"channel": channel.key, "error": str(error)})
        return Got(reason="files")


async def _kept(parts: Parts, files: Files, channel: Channel, media: Media, path: str) -> Got:
    async with Hold(parts.large) as hold:
        data = await asyncio.to_thread(files.read, path)
        if data is None:
            found = await _fetched(parts, channel, media, hold)
            if isinstance(found, str):
                extra = {"channel": channel.key, "kind": media.kind, "reason": found}
                logger.warning("media.not_fetched", extra=extra)
                return Got(reason=found)
            data = found
            await asyncio.to_thread(files.save, path, data)
        return Got(path=path, facts=await asyncio.get_running_loop().run_in_executor(LOOKERS, look, data))


async def _fetched(parts: Parts, channel: Channel, media: Media, hold: Hold) -> bytes | str:
    return await _uploaded(parts, channel, media) if channel.simulated else await _download(parts, channel, media, hold)


async def _uploaded(parts: Parts, channel: Channel, media: Media) -> bytes | str:
    """What was sent from the simulated phone lies here already."""
    if parts.data is None or not _UPLOADED.match(media.id):
        return "gone"
    file = parts.data / "simulator" / channel.account / media.id
    try:
        return await asyncio.to_thread(file.read_bytes)
    except OSError:
        return "gone"


async def _download(parts: Parts, channel: Channel, media: Media, hold: Hold) -> bytes | str:
    """The file's bytes, or why not. Credentials go to the provider, and not where it redirects to."""
    gateway = GATEWAYS[channel.gateway]
    request: HttpRequest = gateway.build_media_fetch(media, channel)
    told = getattr(gateway, "read_media_url", None)  # of a provider that first says where the file lies
    for _ in range(MOST_HOPS):
        answer = await exchange(parts.caller(), request, seconds=SECONDS, cap=CAP, room=hold.take)
        if isinstance(answer, Failure):
            return answer.reason
        if 300 <= answer.status < 400 and answer.headers.get("location"):
            request = _onward(request, answer)
            continue
        if answer.status in (404, 410):
            return "gone"
        if answer.status >= 300:
            return "status"
        if told is None:
            return answer.body
        onward = told(answer, channel)
        if isinstance(onward, Refused):
            return "gone" if onward.kind.startswith("perm") else "status"
        request, told = onward, None
    return "redirects"


def _onward(request: HttpRequest, answer: HttpResponse) -> HttpRequest:
    """
    >>> old = HttpRequest(method="GET", url="https://api.test/m/1", headers={"authorization": "Basic x"})
    >>> new = _onward(old, HttpResponse(status=307, headers={"location": "https://cdn.test/f"}))
    >>> new.url, dict(new.headers), _onward(old, HttpResponse(status=307, headers={"location": "/f"})).headers
    ('https://cdn.test/f', {}, {'authorization': 'Basic x'})
    """
    url = urljoin(request.url, answer.headers["location"])
    same = urlsplit(url)[:2] == urlsplit(request.url)[:2]
    return replace(request, url=url, query={}, headers=request.headers if same else {})
