"""What the environment may set: one frozen value, read once, by `wsgi.py` or `flowbot/__main__.py` only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_origin, get_type_hints
from urllib.parse import parse_qs, urlsplit

from .errors import SettingsError

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_STORES = ("redis", "rediss", "unix", "redis+cluster")
_HERE = Path()
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError("must be one of " + ", ".join(words))
        return text

    return read


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _level(text: str) -> str:
    return _one_of(*_LEVELS)(text.upper())


def _store_url(text: str) -> str:
    if urlsplit(text).scheme not in _STORES:
        raise ValueError("must start with " + ", ".join(f"{scheme}://" for scheme in _STORES))
    return text


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that starts with https:// or http://")
    return text.rstrip("/")


def _bucket_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "s3" or not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc):
        raise ValueError("must be such as s3://bucket/prefix?endpoint=https://host&region=name, without keys in it")
    more = parse_qs(parts.query, keep_blank_values=True)
    if set(more) - {"endpoint", "region"}:
        raise ValueError("takes `endpoint` and `region` and nothing else after the `?`")
    if "endpoint" in more:
        _web_url(more["endpoint"][-1])
    return text


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("must have at least 32 characters")
    return text


def _rate(text: str) -> str:
    found = re.fullmatch(r"([0-9]{1,7})/(second|minute|hour|day)", text)
    if not found:
        raise ValueError("must be such as 600/minute")
    return text if int(found[1]) else ""


def _secrets(text: str) -> tuple[str, ...]:
    return tuple(_secret(one.strip()) for one in text.split(",") if one.strip())


def _word(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", text):
        raise ValueError("must be letters, digits, dots, dashes, at most 60")
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is read, and what people are told about it."""

    read: Callable[[str], Any]  # ValueError says what is wrong
    default: str
    allowed: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, checked.

    >>> Settings.from_env({"FLOWBOT_PORT": "9000"}).port
    9000
    >>> Settings.from_env({"FLOWBOT_PORT": "many"})
    Traceback (most recent call last):
    ...
    flowbot.errors.SettingsError: FLOWBOT_PORT: must be a whole number from 0 to 65535
    """

    project: Annotated[
        Path, Setting(Path, "the working folder", "a folder", "The project: flowbot.yaml, flows/, content/.")
    ] = _HERE
    redis_url: Annotated[
        str,
        Setting(
            _store_url,
            "an embedded Valkey",
            "redis://, rediss://, unix:// or redis+cluster://host:port,host:port",
            "The store. Unset, `flowbot run` starts a Valkey of its own in the data folder.",
        ),
    ] = field(default="", repr=False)
    data: Annotated[
        Path,
        Setting(
            Path, "`.flowbot` in the project", "a folder", "What is kept between runs: the embedded store, keys, files."
        ),
    ] = _HERE
    host: Annotated[str, Setting(str, "127.0.0.1", "an address of this machine", "Where the web listens.")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Setting(_between(0, 65535), "8000", "0 to 65535", "Its port; `flowbot run` takes the next free one.")
    ] = 8000
    public_url: Annotated[
        str,
        Setting(
            _web_url,
            "http://HOST:PORT",
            "http:// or https://",
            "The address under which the world reaches the web. Set, it turns the simulator's `auto` off.",
        ),
    ] = ""
    secret_key: Annotated[
        str,
        Setting(
            _secret,
            "made and kept in the data folder",
            "at least 32 characters",
            "How our own processes know one another, and what encrypts sensitive answers. Set it when several machines "
            "share a store.",
        ),
    ] = field(default="", repr=False)
    old_secret_keys: Annotated[
        tuple[str, ...],
        Setting(
            _secrets,
            "none",
            "keys with commas between them",
            "Former values of FLOWBOT_SECRET_KEY: what was encrypted with them can still be read.",
        ),
    ] = field(default=(), repr=False)
    files: Annotated[
        str,
        Setting(
            _bucket_url,
            "the data folder",
            "s3://bucket/prefix?endpoint=https://…&region=…",
            "Where the files that contacts sent are kept. A bucket of any S3-compatible service needs `flowbot[s3]` "
            "and the usual AWS credentials, and is the choice when web and hooks do not share a disk.",
        ),
    ] = ""
    files_days: Annotated[
        int,
        Setting(_between(1, 3650), "30", "1 to 3650", "How many days a file that a contact sent is kept."),
    ] = 30
    log_level: Annotated[
        str, Setting(_level, "INFO", ", ".join(_LEVELS), "The least severe log line that is written.")
    ] = "INFO"
    log_format: Annotated[
        str,
        Setting(_one_of("auto", "json", "text"), "auto", "auto, json, text", "auto: text on a terminal, else JSON."),
    ] = "auto"
    durability: Annotated[
        str,
        Setting(
            _one_of("process", "disk"),
            "process",
            "process, disk",
            "What a 200 to a provider survives: the death of any process, or (disk) a power cut too. A store of your "
            "own then needs `appendfsync always`.",
        ),
    ] = "process"
    flows: Annotated[
        str,
        Setting(
            _one_of("auto", "live", "published"),
            "auto",
            "auto, live, published",
            "What contacts get. live: the flows as their files are now. published: what `flowbot publish` has put into "
            "the store, and nothing else. auto: live, until an account's first `flowbot publish`. The simulator and "
            "`flowbot chat` always have the files.",
        ),
    ] = "auto"
    simulator: Annotated[
        str,
        Setting(
            _one_of("auto", "users", "on", "off"),
            "auto",
            "auto, users, on, off",
            "The browser simulator at /try. auto: for a browser on this machine. users: for who is named by "
            "`flowbot users`, each in the own account (over HTTPS). on: for anyone who reaches the web.",
        ),
    ] = "auto"
    web_workers: Annotated[
        int, Setting(_between(0, 64), "one a core, at most 4", "0 to 64", "Web processes; 0 takes the default.")
    ] = 0
    account_share: Annotated[
        int,
        Setting(
            _between(1, 10_000_000),
            "50000",
            "1 to 10000000",
            "How many events of one account may wait for the workers. Past that its webhooks and API calls are "
            "answered 503, to be sent again; other accounts feel nothing of it.",
        ),
    ] = 50_000
    api_rate: Annotated[
        str,
        Setting(
            _rate,
            "600/minute",
            "a number, `/`, and second, minute, hour or day; 0/minute for no limit",
            "How many requests one API key may make.",
        ),
    ] = "600/minute"
    slot: Annotated[
        str,
        Setting(
            _word,
            "a new name at each start",
            "letters, digits, dots, dashes",
            "This process's place: one that starts again under the same name takes over its leases at once. "
            "`flowbot run` sets it.",
        ),
    ] = ""
    listen_fd: Annotated[
        int,
        Setting(_between(0, 65535), "none", "0 to 65535", "Internal: the open socket that `flowbot run` hands over."),
    ] = 0
    crash_at: Annotated[
        str, Setting(str, "nothing", "point:n, …", "Tests only: kills the process at a named point.")
    ] = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)  # for ${env:…} in flowbot.yaml

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """The settings in `environ`; SettingsError names every one that is wrong, and FLOWBOT_ names nobody knows."""
        values, wrong = {}, []
        for name, setting in KNOWN.items():
            text = environ.get(name, "").strip()
            if not text:
                continue
            try:
                values[field_name(name)] = setting.read(text)
            except ValueError as error:
                wrong.append(f"{name}: {error}")
        if wrong:
            raise SettingsError("\n".join(wrong))
        project = values.setdefault("project", Path())
        values.setdefault("data", project / ".flowbot")
        return cls(**values, environ=dict(environ))

    @property
    def address(self) -> str:
        """Where the web is reached from this machine: http://127.0.0.1:8000."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def may_simulate(self) -> bool:
        """Is there a browser simulator? By default only while the world cannot reach us."""
        return self.simulator in ("on", "users") or (self.simulator == "auto" and self.loopback and not self.public_url)

    @property
    def loopback(self) -> bool:
        """Does the web listen to this machine only?"""
        return self.host in _LOOPBACK


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Names that look like settings and are none: most likely typing errors, for `doctor`."""
    return sorted(name for name in environ if name.startswith("FLOWBOT_") and name not in KNOWN)


def table() -> str:
    """The settings as a Markdown table: docs/settings.md is made from it."""
    rows = ["| setting | default | allowed | what it does |", "|---|---|---|---|"]
    for name, one in KNOWN.items():
        rows.append(f"| `{name}` | {one.default} | {one.allowed} | {one.help} |")
    return "\n".join(rows) + "\n"


def field_name(setting: str) -> str:
    return setting.removeprefix("FLOWBOT_").lower()


def _known() -> dict[str, Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    return {
        "FLOWBOT_" + name.upper(): hint.__metadata__[0] for name, hint in hints.items() if get_origin(hint) is Annotated
    }


KNOWN = _known()
