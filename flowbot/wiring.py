"""Builds a door's parts from the settings; each door is given only what it uses."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ProjectError, SettingsError, StoreUnavailable
from .model.project import Channel, Project

if TYPE_CHECKING:
    from .delivery.files import Files
    from .delivery.links import Links
    from .library.library import Library
    from .library.live import Live, OnStage
    from .settings import Settings
    from .store.client import AsyncStore, Store
    from .store.publications import Pointers
    from .store.sealing import Ring
    from .web.share import Shares


PATIENCE = 20.0  # seconds that a door waits for the store when it starts; gunicorn gives its workers 30
LULL = 0.25  # seconds between two tries
TRY = "try"  # the simulator's channel in an account that declares none
logger = logging.getLogger(__name__)


def open_store(settings: Settings, *, patience: float = 0.0) -> Store:
    """The store, connected; StoreUnavailable when it does not answer, after `patience` seconds for one that starts."""
    from .store.client import connect

    until = time.monotonic() + patience
    while True:
        try:
            return connect(store_url(settings), ring=ring_of(settings))
        except StoreUnavailable as error:
            _still(settings, error, until)
            time.sleep(LULL)


async def open_store_async(settings: Settings, *, patience: float = 0.0) -> AsyncStore:
    """The same for the doors that are async: sender and hooks."""
    from .store.client import connect_async

    until = time.monotonic() + patience
    while True:
        try:
            return await connect_async(store_url(settings), ring=ring_of(settings))
        except StoreUnavailable as error:
            _still(settings, error, until)
            await asyncio.sleep(LULL)


def _still(settings: Settings, error: StoreUnavailable, until: float) -> None:
    """Go on waiting until then; then say what a person can do about it."""
    if time.monotonic() >= until:
        if settings.redis_url:
            raise StoreUnavailable(f"{error} - is FLOWBOT_REDIS_URL right, and does the server run?") from error
        what = f"no `flowbot run` is running on {settings.data}"
        raise StoreUnavailable(f"{what}: start it, or set FLOWBOT_REDIS_URL to a store of your own") from error
    logger.warning("store.away", extra={"error": str(error), "ms": int(LULL * 1000)})


def store_url(settings: Settings) -> str:
    """Where the store is: as set, else the embedded one of a `flowbot run` on the same data folder."""
    if settings.redis_url:
        return settings.redis_url
    from .store.embedded import Embedded

    return Embedded(settings.data).url


def load_library(settings: Settings, before: Library | None = None) -> Library:
    """The project as it now is on disk; ProjectError when there is none.

    With `before`, only what has changed is read again, and what is broken now stays as it last was.
    """
    from .library.load import load

    if not (settings.project / "flowbot.yaml").is_file():
        raise ProjectError(
            f"{settings.project.resolve()} has no flowbot.yaml: go to a project's folder, or name it with --project"
        )
    library = load(settings.project, settings.environ, before=before)
    library.project = with_webhooks(library.project, settings)
    if settings.may_simulate and _known_key(settings):
        library.project = with_simulator(library.project, settings)
    return library


def tell_errors(library: Library, before: Library | None = None) -> None:
    """Log what is wrong with the project and was not `before`; the rest of it runs all the same."""
    known = before.errors if before else ()
    first = next((one for one in library.errors if one not in known), None)
    if first is not None:
        path = f"{first.file}:{first.line}:{first.column}"
        facts = {"count": len(library.errors), "path": path, "reason": first.message}
        logger.error("project.mistakes", extra={**facts, "error": "see `flowbot check`"})


def with_webhooks(project: Project, settings: Settings) -> Project:
    """The project in which each channel knows the public address of its webhook: some providers sign it."""
    base = settings.public_url or settings.address
    accounts = {}
    for name, account in project.accounts.items():
        channels = {
            key: replace(channel, webhook=f"{base}/webhooks/{channel.key}") for key, channel in account.channels.items()
        }
        accounts[name] = replace(account, channels=channels)
    return replace(project, accounts=accounts)


def with_simulator(project: Project, settings: Settings) -> Project:
    """The project in which each account has a channel of gateway simulator: its own, else one named `try`.

    Such a channel's provider is our own web; the secret, made from ours, keeps others from playing that provider.
    """
    accounts = {}
    for name, account in project.accounts.items():
        own = [one for one in account.channels.values() if one.simulated]
        own = own or [Channel(account=name, name=TRY, gateway="simulator", rate=200.0)]
        made = {one.name: _connected(one, settings) for one in own}
        accounts[name] = replace(account, channels={**account.channels, **made})
    return replace(project, accounts=accounts)


def _connected(channel: Channel, settings: Settings) -> Channel:
    secret = simulator_secret(settings)
    return replace(
        channel,
        options={**channel.options, "secret": secret},
        base_url=channel.base_url or f"{settings.public_url or settings.address}/try/-/{secret}/{channel.key}",
    )


def simulator_secret(settings: Settings) -> str:
    """What the simulator's two sides know: the same in all processes that share FLOWBOT_SECRET_KEY."""
    return hmac.new(secret_key(settings).encode(), b"simulator", hashlib.sha256).hexdigest()


def files_of(settings: Settings) -> Files:
    """Where the files that contacts sent are kept."""
    from .delivery.bucket import bucket_at
    from .delivery.files import Folder

    return bucket_at(settings.files) if settings.files else Folder(settings.data)


def media_key(settings: Settings) -> bytes:
    """What signs the addresses of files that we hand out."""
    return hmac.digest(secret_key(settings).encode(), b"media", hashlib.sha256)


def media_link(settings: Settings) -> Callable[[str], str]:
    """Makes a signed address, good for an hour, of a file below content/media/; SettingsError without a secret key."""
    from .delivery import links

    public = settings.public_url or settings.address

    def link(path: str) -> str:
        return links.address(public, media_key(settings), f"content/{path}", int(time.time()) + links.LIFE)

    return link


def links_of(settings: Settings) -> Links | None:
    """What makes the addresses that a verifier gets; None without a secret key."""
    from .delivery.links import Links

    if not _known_key(settings):
        return None
    return Links(public=settings.public_url or settings.address, key=media_key(settings))


def secret_key(settings: Settings) -> str:
    """The key that encrypts what is sensitive: as set, else the one that `flowbot run` keeps in the data folder."""
    found = _known_key(settings)
    if not found:
        raise SettingsError("FLOWBOT_SECRET_KEY is not set, and no `flowbot run` has made one in the data folder yet")
    return found


def code_key(settings: Settings) -> bytes:
    """The key that seals one-time codes, made from ours; b"" when there is none, and then no code is sent."""
    from .model.code import derived_key

    found = _known_key(settings)
    return derived_key(found) if found else b""


def ring_of(settings: Settings) -> Ring:
    """The keys of what lies encrypted in the store: none before there is a secret key, then all of it lies open."""
    from .store.sealing import Ring

    known = _known_key(settings)
    return Ring((known, *settings.old_secret_keys) if known else settings.old_secret_keys)


def _known_key(settings: Settings) -> str:
    kept = secret_file(settings)
    return settings.secret_key or (kept.read_text("ascii").strip() if kept.is_file() else "")


def secret_file(settings: Settings) -> Path:
    return settings.data / "secret.key"


class Shelf:
    """The library that is live now: in development a saved file counts from the next message on.

    `current()` looks at the disk at most twice a second. A project that cannot be read any more leaves the last good
    one in place.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._library = load_library(settings)
        self._looked = time.monotonic()

    def current(self) -> Library:
        now = time.monotonic()
        if now - self._looked >= 0.5:
            self._looked = now
            self._look()
        return self._library

    def _look(self) -> None:
        try:
            if self._library.changed():
                self._library = load_library(self._settings, self._library)
                logger.info("library.reloaded", extra={"count": len(self._library.flows)})
        except (ProjectError, OSError) as error:
            logger.error("library.unreadable", extra={"error": str(error)})


class Stage:
    """The flows that take real users now: what the files say, or what the store says is published."""

    def __init__(self, store: Store, mode: str) -> None:
        from .store.publications import Watch

        self._mode = mode
        self._watch = Watch(store)
        self._live: Live | None = None
        self._seen: Mapping[str, Pointers] = {}

    def of(self, library: Library) -> Live:
        """For the library as it is now; made anew only when it, or what is published, has changed."""
        from .library.live import Live

        accounts = library.project.accounts if self._mode != "live" else ()
        seen = self._watch.current(accounts) if accounts else {}
        if self._live is None or self._live.library is not library or self._seen is not seen:
            self._live = Live(library, on_stage(seen, self._mode), self._live)
            self._seen = seen
        return self._live


def on_stage(seen: Mapping[str, Pointers], mode: str) -> dict[str, OnStage]:
    """The accounts whose contacts get what is published, and what that is; see FLOWBOT_FLOWS."""
    from .library.live import OnStage

    chosen = {name: one for name, one in seen.items() if mode == "published" or (mode == "auto" and one.number)}
    return {name: OnStage(one.flows, one.gone) for name, one in chosen.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the web is made from."""

    settings: Settings
    store: Store
    shelf: Shelf
    stage: Stage
    shares: Shares
    files: Files
    kept: Store | None = None  # the store for what is acknowledged, where that is more than `store` promises

    @property
    def ledger(self) -> Store:
        """Where everything goes that a provider or client is told is stored."""
        return self.kept or self.store

    @property
    def library(self) -> Library:
        """The project as its files are now."""
        return self.shelf.current()

    @property
    def live(self) -> Live:
        """What contacts get of it."""
        return self.stage.of(self.library)


def open_parts(settings: Settings) -> Parts:
    """Store and library of the web, ready."""
    store = open_store(settings, patience=PATIENCE)
    return parts_of(settings, store, kept=_promised(store, settings))


def parts_of(settings: Settings, store: Store, kept: Store | None = None) -> Parts:
    """The web's parts over a store that is there."""
    from .library.templates import readable
    from .store import flows, own_templates
    from .store.approval_watch import Watch
    from .web.share import Shares

    shelf = Shelf(settings)
    shelf.current().fetch = lambda version: store.run(flows.get(version))
    shelf.current().ask = Watch(store).ask
    shelf.current().own = own_templates.Watch(store, readable).of
    shares = Shares(store, settings.account_share)
    stage = Stage(store, settings.flows)
    return Parts(
        settings=settings, store=store, shelf=shelf, stage=stage, shares=shares, files=files_of(settings), kept=kept
    )


def _promised(store: Store, settings: Settings) -> Store | None:
    from .store.durable import promise

    return promise(store) if settings.durability == "disk" else None
