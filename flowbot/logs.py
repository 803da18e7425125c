"""Log lines: one JSON object each, only allowed fields, nothing that could be a person or a key."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TextIO

import orjson

REQUEST: ContextVar[str] = ContextVar("request", default="")  # what is being answered here, by its X-Request-Id
# What `extra` may carry; the rest is dropped, so that a slip of the pen can't publish a phone number.
# (logging itself forbids the names `message` and `process`.)
WORDS = frozenset(
    (
        "account",
        "broadcast",
        "channel",
        "call",
        "flow",
        "template",
        "broadcast",
        "schedule",
        "step",
        "contact",
        "process_id",
        "message_id",
        "code",
        "kind",
        "state",
        "reason",
        "endpoint",
        "delivery",
        "path",
        "aside",
        "outcome",
        "error",
        "role",
        "lane",
        "gateway",
        "event",
        "version",
        "method",
        "setting",
        "release",
        "signal",
    )
)
NUMBERS = frozenset(("partition", "count", "ms", "attempt", "status", "pid", "port", "rc", "bytes", "epoch", "limit"))

_WAMID = re.compile(r"wamid\.[\w+/=-]*")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[^\s'\",]+")
_NAMED = re.compile(
    r"(?i)((?:token|secret|password|api_?key|signature|verify_token)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"
)
_USERINFO = re.compile(r"(://)[^/\s@]*@")
_TOKEN = re.compile(r"\b(?:EAA\w{10,}|whsec_[\w+/=-]+|v1,[\w+/=]{20,})")
_TRACE = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")  # as proxies write one
_LONG = re.compile(r"(?<![\w+=-])(?:[0-9a-fA-F]{32,}|[\w+=-]{40,})(?![\w+=-])")
_PHONE = re.compile(r"(?<![\w.])(?![0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9]))\+?[0-9](?:[ ().-]{0,2}[0-9]){7,18}(?!\w)")
# control characters and those that turn the direction of text: a log viewer must show what is there
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def redact(text: str) -> str:
    """The text without provider ids, phone numbers, tokens, and with unseen characters made visible.

    >>> redact("to +57 300 111 2233 wamid.HBgMNTcz= failed")
    'to [number] [wamid] failed'
    """
    text = _BEARER.sub(r"\1 [secret]", _USERINFO.sub(r"\1[secret]@", _WAMID.sub("[wamid]", text)))
    text = _LONG.sub("[secret]", _TOKEN.sub("[secret]", _NAMED.sub(r"\1[secret]", text)))
    return visible(_PHONE.sub("[number]", text))


def visible(text: str) -> str:
    r"""Unseen characters written out.

    >>> visible("a\r\nb\x1b[31m")
    'a\\x0d\\x0ab\\x1b[31m'
    """
    return _UNSEEN.sub(lambda found: _written(ord(found[0])), text)


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What the line says: the action, and the allowed extras."""
    out: dict[str, Any] = {"level": record.levelname.lower(), "action": redact(record.getMessage())}
    for name, value in record.__dict__.items():
        if name in NUMBERS and isinstance(value, (int, float)):
            out[name] = value
        elif (name in WORDS or name in NUMBERS) and value is not None:
            out[name] = redact(str(value))
    if request := REQUEST.get():
        out["request"] = request if _TRACE.fullmatch(request) else redact(request)
    if record.exc_info and record.exc_info[0]:
        trace = logging.Formatter().formatException(record.exc_info)
        out["trace"] = [redact(line) for line in trace.splitlines()]
    return out


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `{"at": …, "level": …, "action": …, "from": …, …}`."""

    def format(self, record: logging.LogRecord) -> str:
        out = {"at": _stamp(record), "from": record.name, **fields(record)}
        return orjson.dumps(out, default=str).decode()


class TextFormatter(logging.Formatter):
    """The same for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        said = fields(record)
        level, action, trace = said.pop("level"), said.pop("action"), said.pop("trace", [])
        facts = " ".join(f"{name}={value}" for name, value in said.items())
        head = f"{_stamp(record)[11:23]} {level:<7} {action} {facts}".rstrip()
        return "\n    ".join([head, *trace])


def configure(level: str = "INFO", style: str = "auto", stream: TextIO | None = None) -> None:
    """Send every log line of this process to standard error (or `stream`)."""
    stream = stream or sys.stderr
    as_text = style == "text" or (style == "auto" and stream.isatty())
    out = logging.StreamHandler(stream)
    out.setFormatter(TextFormatter() if as_text else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level)
    # transitions logs every callback; the HTTP libraries write addresses with their query
    for chatty in ("transitions", "httpx", "httpcore", "aiohttp", "asyncio", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _written(point: int) -> str:
    return f"\\x{point:02x}" if point < 256 else f"\\u{point:04x}"


def _stamp(record: logging.LogRecord, gmtime: Callable[[float], time.struct_time] = time.gmtime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", gmtime(record.created)) + f".{int(record.msecs):03d}Z"
