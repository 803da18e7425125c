"""A template is handed in to a provider, and what came of it is kept."""

from __future__ import annotations

import mimetypes
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import httpx

from ..gateways.templates import DESKS
from ..model.gateway import HttpRequest, Refused
from ..model.project import Account, Channel
from ..model.submission import HandedIn, Sample, Submission
from ..model.template import (
    GONE,
    MEDIA,
    PENDING,
    QUEUED,
    UNKNOWN,
    Approval,
    Template,
    Wording,
    fingerprint,
    provider_language,
)
from ..store import approval_news
from ..store.approvals import CATEGORY, SENT, STATUS, Fact
from ..store.client import AsyncStore
from .approvals import settle
from .carry import carry
from .client import exchange
from .failure import Failure

MOST = 16 * 1024 * 1024  # bytes of a sample
CREATE, EDIT, SAME, PENDS, FOREIGN = "create", "edit", "unchanged", "pending", "elsewhere"


def plan(template: Template, wording: Wording, known: Approval | None) -> str:
    """What handing it in would mean: create, edit, unchanged, pending (it cannot be changed now), elsewhere (it was not
    handed in from here, so nobody can tell whether it is the same).

    >>> words = Wording(language="en", body="Hello.")
    >>> plan(Template(name="t"), words, None)
    'create'
    """
    if known is None or known.status in (GONE, UNKNOWN, QUEUED, "UNSUBMITTED") or not known.provider_id:
        return CREATE
    if known.digest == fingerprint(template, wording):
        return SAME
    if known.status in PENDING:
        return PENDS
    return EDIT if known.digest else FOREIGN


async def push(
    store: AsyncStore, client: httpx.AsyncClient, account: Account, channel: Channel, given: Submission, now: int
) -> HandedIn | Refused:
    """Hand it in once; `now` is ms UTC. Refused, and nothing is kept, when the provider does not take it."""
    found = await carry(DESKS[channel.gateway].submit(given, channel), client)
    if isinstance(found, Refused):
        return found
    where = approval_news.of(channel, account.channels.values())
    language = provider_language(given.wording.language)

    def fact(kind: str, **value: str) -> Fact:
        return Fact(kind=kind, name=given.template.name, language=language, at=now, value=value)

    facts = [
        fact(SENT, digest=fingerprint(given.template, given.wording), id=found.provider_id),
        fact(STATUS, status=found.status, reason="", provider_id=found.provider_id),
        *([fact(CATEGORY, category=found.category)] if found.category else []),
    ]
    await settle(store, where, facts)
    return found


async def sample_of(wording: Wording, media: Path, link: str, client: httpx.AsyncClient) -> Sample | None:
    """The file that a header shows: from below `media`, where `link` is its public address, or from the web."""
    header = wording.header
    if header is None or header.kind not in MEDIA:
        return None
    if header.value.startswith("https://"):
        return await _from_web(header.value, client)
    file = (media / header.value).resolve()
    if not file.is_relative_to(media.resolve()) or not file.is_file() or file.stat().st_size > MOST:
        return None
    return Sample(name=file.name, mime=_mime(file.name), content=file.read_bytes(), link=link)


async def _from_web(url: str, client: httpx.AsyncClient) -> Sample | None:
    name = PurePosixPath(urlsplit(url).path).name or "sample"
    answer = await exchange(client, HttpRequest(method="GET", url=url), seconds=30.0, cap=MOST)
    if isinstance(answer, Failure) or answer.status != 200:
        return Sample(name=name, mime=_mime(name), link=url)  # a provider that fetches it itself may do better
    mime = answer.headers.get("content-type", "").partition(";")[0].strip()
    return Sample(name=name, mime=mime or _mime(name), content=answer.body, link=url)


def _mime(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
