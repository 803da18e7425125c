"""marshmallow fields that take what authors write, and say in plain words what they wanted instead."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, fields

from ..model.duration import parse_duration
from ..model.problem import Path, Problem, Source, suggest

_KINDS = {str: "a text", dict: "a mapping", list: "a list", bool: "true or false", int: "a number", float: "a number"}
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z", re.ASCII)
_RATE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*(?:/\s*([smh]))?\Z", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", re.ASCII)


def kind_of(value: Any) -> str:
    return _KINDS.get(type(value), "nothing")


class Door(Schema):
    """A mapping of the project file; unknown keys are refused."""

    class Meta:
        unknown = RAISE


class Text(fields.Field[str]):
    """A text; a number is one too, because a phone_number_id is easily written without quotes."""

    def __init__(self, *, one_of: Iterable[str] = (), **more: Any) -> None:
        super().__init__(**more)
        self.one_of = tuple(one_of)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ValidationError(f"expected a text, not {kind_of(value)}")
        text = str(value)
        if self.one_of and text not in self.one_of:
            hint = suggest(text, self.one_of)
            raise ValidationError(f"'{text}' is not one of {', '.join(self.one_of)}" + (f"\n{hint}" if hint else ""))
        return self.read(text)

    def read(self, text: str) -> str:
        return text


class Name(Text):
    """A name that stands in URLs and keys."""

    def read(self, text: str) -> str:
        if not _NAME.match(text):
            raise ValidationError(
                f"'{text}' is not a name\nuse small letters, digits, _ and -, beginning with a letter"
            )
        return text


class Timezone(Text):
    def read(self, text: str) -> str:
        try:
            zoneinfo.ZoneInfo(text)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            hint = suggest(text, zoneinfo.available_timezones()) or "write it like America/Bogota"
            raise ValidationError(f"there is no time zone '{text}'\n{hint}") from None
        return text


class Country(Text):
    def read(self, text: str) -> str:
        if not re.fullmatch("[A-Z]{2}", text):
            raise ValidationError(f"'{text}' is not a country\nwrite its two capital letters, like CO")
        return text


class Language(Text):
    def read(self, text: str) -> str:
        if not _LANGUAGE.match(text):
            raise ValidationError(f"'{text}' is not a language\nwrite its code, like es or pt-BR")
        return text


class Number(Text):
    """A phone number with its country code."""

    def read(self, text: str) -> str:
        digits = re.sub(r"[\s().-]", "", text)
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits, re.ASCII):
            hint = 'write it with + and the country code, in quotes: "+573001112233"'
            raise ValidationError(f"'{text}' is not a phone number\n{hint}")
        return digits


class Network(Text):
    """An IP address, or a range of them."""

    def read(self, text: str) -> str:
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            hint = "write it like 203.0.113.7 or 203.0.113.0/24"
            raise ValidationError(f"'{text}' is not an IP address or a range of them\n{hint}") from None


class Url(Text):
    def read(self, text: str) -> str:
        try:
            parts = urlsplit(text)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or re.search(r"\s", text):
            raise ValidationError(f"'{text}' is not a web address\nit begins with https:// or http://")
        return text


class Rate(fields.Field[float]):
    """Sends a second: 80/s, 20/m."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> float:
        found = None if isinstance(value, bool) else _RATE.match(str(value))
        rate = float(found[1]) / {"s": 1, "m": 60, "h": 3600}[found[2] or "s"] if found else 0.0
        if rate <= 0:
            raise ValidationError(f"'{value}' is not a rate\nwrite how many in what time, like 80/s")
        return rate


class Flag(fields.Field[bool]):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(f"expected true or false, not {kind_of(value)}\nwithout quotes, in small letters")
        return value


class Score(fields.Field[float]):
    """A number from 0 up."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e9:
            raise ValidationError("expected a number from 0, like 0.8")
        return float(value)


class Count(fields.Field[int]):
    def __init__(self, *, most: int = 1_000_000, **more: Any) -> None:
        super().__init__(**more)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= self.most:
            raise ValidationError("expected a whole number from 1" + (f" to {self.most}" if self.most < 10**6 else ""))
        return value


class Duration(fields.Field[int]):
    """Milliseconds."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> int:
        try:
            return parse_duration(value)
        except ValueError:
            hint = "write a number and s, m, h, d or w: 30s, 10m, 20h, 3d, 2w"
            raise ValidationError(f"'{value}' is not a duration\n{hint}") from None


class Listing(fields.Field[tuple[str, ...]]):
    """A list of texts, or one text alone; `all` is the empty tuple."""

    def __init__(self, inner: Text, *, all_word: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.inner = inner
        self.all_word = all_word

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> tuple[str, ...]:
        if self.all_word and value == "all":
            return ()
        if not isinstance(value, list):
            return (self.inner.deserialize(value),)
        mistakes: dict[int, Any] = {}
        found: list[str] = []
        for index, item in enumerate(value):
            try:
                found.append(self.inner.deserialize(item))
            except ValidationError as error:
                mistakes[index] = error.messages
        if mistakes:
            raise ValidationError(mistakes, valid_data=tuple(found))  # type: ignore[arg-type]
        return tuple(found)


class Plain(fields.Field[Any]):
    """A mapping or list that is read elsewhere."""

    def __init__(self, kind: type | tuple[type, ...] = dict, **more: Any) -> None:
        super().__init__(**more)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        if not isinstance(value, self.kind):
            kinds = self.kind if isinstance(self.kind, tuple) else (self.kind,)
            raise ValidationError(f"expected {' or '.join(_KINDS[kind] for kind in kinds)}, not {kind_of(value)}")
        return value


@cache
def _opened(door: type[Door]) -> tuple[Door, bool]:
    """The schema, one for all: making it takes longer than what it reads. And whether it minds being given nothing."""
    schema = door()
    return schema, any(field.required for field in schema.fields.values())


def load(door: type[Door], source: Source, path: Path, data: Any) -> tuple[dict[str, Any], list[Problem]]:
    """What `door` makes of the mapping at `path`, and its mistakes at their places; the sound keys are kept."""
    if not isinstance(data, dict):
        message = f"expected a mapping here, not {kind_of(data)}"
        return {}, [source.problem(path, "P103", message, hint="write keys and values below it", on_value=True)]
    schema, asks = _opened(door)
    if not data and not asks:
        return {}, []  # as most accounts have most of it
    try:
        found: dict[str, Any] = schema.load(data)
        return found, []
    except ValidationError as error:
        messages = error.messages if isinstance(error.messages, dict) else {}
        names = [field.data_key or name for name, field in schema.fields.items()]
        problems = []
        for key, said in messages.items():
            problems += list(_problems(source, (*path, key), said, names))
        return dict(error.valid_data) if isinstance(error.valid_data, dict) else {}, problems


def _problems(source: Source, path: Path, said: Any, names: list[str]) -> Iterable[Problem]:
    if isinstance(said, dict):
        for key, inner in said.items():
            yield from _problems(source, (*path, key), inner, names)
        return
    for text in said if isinstance(said, list) else [said]:
        message, _, hint = str(text).partition("\n")
        key = path[-1]
        if message == "Unknown field.":
            near = suggest(str(key), names)
            known = "the keys here are " + ", ".join(sorted(names))
            yield source.problem(path, "P101", f"unknown key '{key}'", hint=near or known)
        elif message.startswith("Missing data"):
            yield source.problem(path[:-1], "P102", f"the key '{key}' is missing here", hint=f"add {key}: …")
        elif message == "Field may not be null.":
            yield source.problem(path, "P103", f"'{key}' has no value", hint="give it one, or remove the key")
        else:
            where = f"{key}: " if isinstance(key, str) else ""
            yield source.problem(path, "P103", where + message, hint=hint, on_value=True)
