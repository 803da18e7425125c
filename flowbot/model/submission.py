"""A template on its way to a provider, and what came of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from .gateway import HttpRequest, HttpResponse
from .template import Approval, Template, Wording

T = TypeVar("T")
Exchange = Generator[HttpRequest, HttpResponse, T]  # it yields requests, is sent their responses, and returns


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A file that shows the provider what the header will hold."""

    name: str
    mime: str
    content: bytes = b""
    link: str = ""  # a public address of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A template in one language."""

    template: Template
    wording: Wording
    known: Approval | None = None  # what the provider has under this name and language; None: nothing
    sample: Sample | None = None

    @property
    def edits(self) -> bool:
        """Whether the provider has it already."""
        return self.known is not None and bool(self.known.provider_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """The provider took it."""

    what: str  # created, edited
    status: str = "PENDING"
    provider_id: str = ""
    category: str = ""  # as the provider has it, when it says so
