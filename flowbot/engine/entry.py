"""One content entry: from what an author wrote, in up to several languages, to what can be rendered.

An entry is a text; a mapping with `text` and what goes with it; a list of these (several bubbles); or
`{any: [...]}` (one of them, stable per session). Plural forms `{one: …, other: …}` may stand wherever a text may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ExpressionError
from ..model.quick import quick
from .expressions import Report, Scope, Text, Value, compile_text, compile_value, compile_with
from .locale import plural_form
from .match import Option

ATTACHMENTS = ("image", "video", "audio", "document", "sticker")
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
FIELDS = frozenset({"text", "any", *ATTACHMENTS, "location", "footer", "choices", "button", "outside"})
_OUTSIDE = frozenset({"template", "with"})
_LABEL_FIELDS = frozenset({"title", "description", "aliases"})
_PLACE_FIELDS = frozenset({"latitude", "longitude", "name", "address"})

Path = tuple[str | int, ...]
Mistakes = list[tuple[Path, str, str]]  # path, code, message
Raw = Sequence[tuple[str, Any]]  # language and what stands there, the best first


@quick
@dataclass(frozen=True, slots=True)
class Wording:
    """A text, or its plural forms by the count `n`, in the language that it is written in."""

    forms: Mapping[str, Text]  # "" for a text without forms
    lang: str

    def render(self, scope: Scope, report: Report | None = None) -> str:
        if "" in self.forms:
            return self.forms[""].render(scope, report)
        name = plural_form(self.lang, scope.get("n"))
        return (self.forms.get(name) or self.forms["other"]).render(scope, report)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for text in self.forms.values() for name in text.names)

    @property
    def is_constant(self) -> bool:
        return "" in self.forms and self.forms[""].is_constant


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A choice's words."""

    id: str
    title: Wording
    description: Wording | None = None
    aliases: tuple[str, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether every contact sees the same."""
        return self.title.is_constant and (self.description is None or self.description.is_constant)

    def option(self, scope: Scope, report: Report | None = None) -> Option:
        return Option(
            id=self.id,
            title=self.title.render(scope, report),
            description=self.description.render(scope, report) if self.description else "",
            aliases=self.aliases,
        )


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One message."""

    text: Wording | None = None
    footer: Wording | None = None
    button: Wording | None = None
    attachment: tuple[str, Wording, Wording | None] | None = None  # kind, path or URL, file name
    place: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A template by its name, and what fills it."""

    template: str
    values: Callable[[Scope], Any]  # its `with`


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    key: str
    lang: str  # the best language that has it
    bubbles: tuple[tuple[Bubble, ...], ...]  # one after another; each one of several
    labels: Mapping[str, Label] = field(default_factory=dict)
    outside: Letter | None = None  # the template that is sent instead when the 24-hour window is closed
    names: tuple[str, ...] = ()


def build(key: str, raw: Raw, mistakes: Mistakes) -> Entry:
    """The entry, each field from the first language that has it; what is wrong goes to `mistakes`."""
    lang, best = raw[0]
    if all(isinstance(item, str) for _, item in raw):
        return _spoken(key, lang, str(best), mistakes)
    maker = _Maker(mistakes)
    if isinstance(best, (list, tuple)):
        bubbles = tuple(maker.alternatives([(lang, item)], (at,)) for at, item in enumerate(best))
        labels = maker.labels([(lang, item) for item in best], (len(best) - 1,))
        if not best:
            maker.wrong((), "C402", "an empty list says nothing")
    else:
        bubbles = (maker.alternatives([one for one in raw if not isinstance(one[1], (list, tuple))], ()),)
        labels = maker.labels(raw, ())
    outside = maker.outside(raw)
    names = tuple(sorted(maker.names))
    return Entry(key=key, lang=lang, bubbles=bubbles, labels=labels, outside=outside, names=names)


def _spoken(key: str, lang: str, words: str, mistakes: Mistakes) -> Entry:
    """An entry that is a text in every language, as most are."""
    try:
        text = compile_text(words)
    except ExpressionError as error:
        mistakes.append((("text",), "E301", str(error)))
        text = compile_text("")
    bubble = Bubble(text=Wording({"": text}, lang))
    return Entry(key=key, lang=lang, bubbles=((bubble,),), names=text.names)


class _Maker:
    """Compiles the parts of one entry and notes what is wrong."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.mistakes = mistakes
        self.names: set[str] = set()

    def wrong(self, path: Path, code: str, message: str) -> None:
        self.mistakes.append((path, code, message))

    def alternatives(self, raw: Raw, path: Path) -> tuple[Bubble, ...]:
        """The bubbles of which one is said; just one without `any`."""
        fields = [(lang, self._fields(item, path)) for lang, item in raw]
        lang, best = next(((lang, item) for lang, item in fields if "any" in item or "text" in item), ("", {}))
        if "any" not in best:
            return (self._bubble(fields, path),)
        listed = best["any"]
        if not isinstance(listed, (list, tuple)) or not listed:
            self.wrong((*path, "any"), "C402", "any takes a list of texts, one of which is said")
            return (Bubble(),)
        rest = [(one, {name: item[name] for name in item if name not in ("any", "text")}) for one, item in fields]
        found = []
        for at, item in enumerate(listed):
            place = (*path, "any", at)
            if isinstance(item, Mapping) and "any" in item:
                self.wrong(place, "C402", "any can't stand within any")
            found.append(self._bubble([(lang, self._fields(item, place)), *rest], place))
        return tuple(found)

    def outside(self, raw: Raw) -> Letter | None:
        """Of the first language that has one; of a list, of the first bubble that does."""
        for _, item in raw:
            for at, one in enumerate(item) if isinstance(item, (list, tuple)) else (("", item),):
                if isinstance(one, Mapping) and one.get("outside") is not None:
                    path: Path = ("outside",) if at == "" else (at, "outside")
                    return self._outside(one["outside"], path)
        return None

    def _outside(self, data: Any, path: Path) -> Letter | None:
        given = data.get("with", {}) if isinstance(data, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(data.get("template"), str) or set(data) - _OUTSIDE:
            self.wrong(path, "C402", "outside takes {template: name, with: {…}}")
            return None
        if not isinstance(given, Mapping):
            self.wrong((*path, "with"), "C402", "`with` takes the template's variables with their values")
            return None
        try:
            values = compile_with(given)
        except ExpressionError as error:
            self.wrong((*path, "with"), "E301", str(error))
            return None
        self.names.update(values.names)
        return Letter(template=data["template"], values=values)

    def labels(self, raw: Raw, path: Path) -> dict[str, Label]:
        """All choices that any of the languages knows, their fields from the first that has them."""
        merged: dict[str, dict[str, tuple[str, Any]]] = {}
        for lang, item in raw:
            choices = item.get("choices") if isinstance(item, Mapping) else None
            if choices is None:
                continue
            if not isinstance(choices, Mapping):
                self.wrong((*path, "choices"), "C402", "choices takes a mapping: choice id -> label")
                continue
            for id, label in choices.items():
                place = (*path, "choices", id)
                for name, value in self._label_fields(label, place).items():
                    merged.setdefault(str(id), {}).setdefault(name, (lang, value))
        return {id: self._label(id, parts, (*path, "choices", id)) for id, parts in merged.items()}

    def _label_fields(self, label: Any, path: Path) -> Mapping[str, Any]:
        if isinstance(label, str) or not isinstance(label, Mapping):
            return {"title": label}
        for name in label:
            if name not in _LABEL_FIELDS:
                self.wrong((*path, name), "C401", f"unknown key {name!r}; a label has title, description, aliases")
        return {name: value for name, value in label.items() if name in _LABEL_FIELDS}

    def _label(self, id: str, parts: Mapping[str, tuple[str, Any]], path: Path) -> Label:
        aliases = parts.get("aliases", ("", ()))[1]
        lang, title = parts.get("title", ("", id))
        described = parts.get("description")
        return Label(
            id=id,
            title=self.wording(lang, title, (*path, "title")),
            description=self.wording(*described, (*path, "description")) if described else None,
            aliases=self._aliases(aliases, (*path, "aliases")) if "aliases" in parts else (),
        )

    def _aliases(self, data: Any, path: Path) -> tuple[str, ...]:
        words = data if isinstance(data, (list, tuple)) else [data] if data not in ("", None) else []
        for word in words:
            if isinstance(word, (Mapping, list, bool)) or word is None:
                self.wrong(path, "C401", "aliases should be words: [cc, cédula]")
                return ()
        return tuple(str(word) for word in words)

    def _fields(self, item: Any, path: Path) -> Mapping[str, Any]:
        """The entry as a mapping of fields, whatever short form it was written in."""
        if isinstance(item, str) or not isinstance(item, Mapping):
            if isinstance(item, (list, tuple)):
                self.wrong(path, "C402", "a list can't stand here")
                return {}
            return {"text": item}
        if item and PLURALS.issuperset(item):
            return {"text": item}
        for name in item:
            if name not in FIELDS:
                self.wrong((*path, name), "C401", f"unknown key {name!r}; there are: {', '.join(sorted(FIELDS))}")
        return {name: value for name, value in item.items() if name in FIELDS and value is not None}

    def _bubble(self, fields: Sequence[tuple[str, Mapping[str, Any]]], path: Path) -> Bubble:
        def first(name: str) -> Wording | None:
            found = next(((lang, item[name]) for lang, item in fields if name in item), None)
            return self.wording(*found, (*path, name)) if found else None

        place = next((item["location"] for _, item in fields if "location" in item), None)
        return Bubble(
            text=first("text"),
            footer=first("footer"),
            button=first("button"),
            attachment=self._attachment(fields, path),
            place=self._place(place, (*path, "location")) if place is not None else None,
        )

    def _attachment(
        self, fields: Sequence[tuple[str, Mapping[str, Any]]], path: Path
    ) -> tuple[str, Wording, Wording | None] | None:
        for lang, item in fields:
            kinds = [kind for kind in ATTACHMENTS if kind in item]
            for extra in kinds[1:]:
                self.wrong((*path, extra), "C402", "one message carries one file; make it a list of two")
            if kinds:
                value, name = item[kinds[0]], None
                if isinstance(value, Mapping):
                    written = value.get("filename")
                    name = self.wording(lang, written, (*path, kinds[0], "filename")) if written else None
                    value = value.get("url") or value.get("path")
                if not isinstance(value, str):
                    self.wrong((*path, kinds[0]), "C402", f"{kinds[0]} takes a file below content/media/ or a URL")
                    value = ""
                return kinds[0], self.wording(lang, value, (*path, kinds[0])), name
        return None

    def _place(self, value: Any, path: Path) -> Value | None:
        if not isinstance(value, Mapping) or not {"latitude", "longitude"} <= set(value) <= _PLACE_FIELDS:
            self.wrong(path, "C402", "location takes latitude, longitude and, if you like, name and address")
            return None
        try:
            made = compile_value(value)
        except ExpressionError as error:
            self.wrong(path, "E301", str(error))
            return None
        self.names.update(made.names)
        return made

    def wording(self, lang: str, value: Any, path: Path) -> Wording:
        if not isinstance(value, str) and isinstance(value, Mapping):
            for name in value:
                if name not in PLURALS:
                    self.wrong((*path, name), "C401", f"unknown plural form {name!r}; there are one, other, few …")
            if "other" not in value:
                self.wrong(path, "C403", "plural forms need the form other")
            forms = {str(name): self._text(text, (*path, name)) for name, text in value.items()}
            return Wording({"other": compile_text(""), **forms}, lang)
        return Wording({"": self._text(value, path)}, lang)

    def _text(self, value: Any, path: Path) -> Text:
        if not isinstance(value, str) and (isinstance(value, (Mapping, list, tuple)) or value is None):
            self.wrong(path, "C402", "a text belongs here")
            return compile_text("")
        try:
            made = compile_text(str(value) if not isinstance(value, bool) else str(value).lower())
        except ExpressionError as error:
            self.wrong(path, "E301", str(error))
            return compile_text("")
        if made.names:
            self.names.update(made.names)
        return made
