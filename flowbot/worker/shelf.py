"""The flows that turns run on: what is saved or published counts from the next event on, older sessions keep theirs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ..engine.flow import Flow
from ..errors import ProjectError
from ..library.live import Live
from ..library.load import Library
from ..library.templates import readable
from ..store import flows, own_templates
from ..store.approval_watch import Watch
from ..store.client import Store
from ..wiring import Stage, tell_errors

logger = logging.getLogger(__name__)
LOOK = 1.0  # seconds between two looks at the disk
SAY = 3600.0  # seconds after which the store is told again which versions we may start; see hooks/collect.py


@dataclass(slots=True, kw_only=True)
class Shelf:
    """`current()` is what contacts get at this moment. A flow's version is kept in the store before it is used, so that
    a session that starts on it can go on with it after the file has changed, and on any machine.
    """

    store: Store
    load: Callable[[Library | None], Library]  # given the last one
    flows: str = "auto"  # as FLOWBOT_FLOWS
    _stage: Stage | None = None
    _watch: Watch | None = None  # what is known of templates
    _own: own_templates.Watch | None = None  # accounts' own
    _library: Library | None = None
    _looked: float = 0.0  # monotonic seconds
    _kept: set[str] = field(default_factory=set)
    _said: float = 0.0

    def current(self) -> Live:
        if self._library is None:
            self._library = self._prepared(None)
        elif time.monotonic() - self._looked >= LOOK:
            self._look(self._library)
            if time.monotonic() - self._said >= SAY:
                self._keep(self._library)
        if self._stage is None:
            self._stage = Stage(self.store, self.flows)
        return self._stage.of(self._library)

    def _look(self, library: Library) -> None:
        try:
            if library.changed():
                self._library = self._prepared(library)
                tell_errors(self._library, library)
                logger.info("library.reloaded", extra={"count": len(self._library.flows)})
        except (ProjectError, OSError) as error:
            logger.error("library.unreadable", extra={"error": str(error)})
        self._looked = time.monotonic()

    def _prepared(self, before: Library | None) -> Library:
        library = self.load(before)
        self._keep(library, [flow for flow in library.flows.values() if flow.version not in self._kept])
        library.fetch = lambda version: self.store.run(flows.get(version))
        self._watch = self._watch or Watch(self.store)
        library.ask = self._watch.ask
        self._own = self._own or own_templates.Watch(self.store, readable)
        library.own = self._own.of
        return library

    def _keep(self, library: Library, fresh: Collection[Flow] = ()) -> None:
        """The store has these versions, and knows that all of the library's may be started."""
        now = self.store.now()
        if not fresh:
            listed = list(library.flows.values())
            there = self.store.all([flows.is_kept(flow.version) for flow in listed])
            fresh = [flow for flow, found in zip(listed, there, strict=True) if not found]
            self.store.all([flows.touch(flow.version, now) for flow in listed])
            self._said = time.monotonic()
        self.store.all([call for flow in fresh for call in flows.keep(flow.version, flow.bundle(), now)])
        self._kept = {flow.version for flow in library.flows.values()}
