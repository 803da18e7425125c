"""WhatsApp templates: content/templates/<name>.yaml, one template a file, in all its languages.

```yaml
category: utility                 # marketing, utility, authentication
topic: orders                     # what a contact may opt out of
examples: {name: Ana, order: A-1043}
defaults: {name: ["{{ contact.name }}", friend]}   # of a broadcast, for who is given none: the first that is not empty
languages:
  en:
    header: Your order            # or {image: file}, {video: file}, {document: file}
    body: Hello {{ name }}, order {{ order }} has left. Do you want to follow it?
    footer: Reply STOP to hear no more
    continue: Show me
    cancel: Not now
    buttons:
      - {quick_reply: later, text: Ask me later}
      - {url: "https://shop.example/o/{{ order }}", text: Open it}
      - {phone: "+573001112233", text: Call us}
      - {copy_code: "{{ coupon }}"}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from marshmallow import ValidationError

from ..engine.expressions import compile_text
from ..errors import ExpressionError
from ..model.duration import MINUTE
from ..model.problem import Path, Problem, Source, suggest
from ..model.template import BUTTONS, CANCEL, CATEGORIES, CODE, CONTINUE, MEDIA, Button, Header, Template, Wording
from .content import base_of, defaults
from .fields import Door, Duration, Flag, Language, Plain, Text, kind_of, load
from .template_rules import check
from .yaml import Read, read_yaml

FOLDER = "templates"
LONGEST_CODE = 90  # minutes that WhatsApp lets a code be good for
_NAME = re.compile(r"[a-z0-9_]{1,512}\Z", re.ASCII)
_TOPIC = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z", re.ASCII)
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z", re.ASCII)
_NO_BUTTON = Button(kind="")


class Words(Text):
    """A text that is not empty, without space at its ends."""

    def read(self, text: str) -> str:
        if not text.strip():
            raise ValidationError("is empty\nwrite the words, or remove the key")
        return text.strip()


class Topic(Text):
    def read(self, text: str) -> str:
        if not _TOPIC.match(text):
            raise ValidationError(f"'{text}' is no topic\na name of small letters, digits, _ and -")
        return text


class TemplateDoor(Door):
    category = Text(required=True, one_of=CATEGORIES)
    topic = Topic()
    is_notification = Flag()
    parameters = Text(one_of=("positional", "named"))
    examples = Plain()
    defaults = Plain()
    languages = Plain(required=True)
    note = Text()


class WordingDoor(Door):
    header = Plain(object)
    body = Words(required=True)
    footer = Words()
    continue_ = Words(data_key="continue")
    cancel = Words()
    buttons = Plain(list)
    examples = Plain()


class CodeDoor(Door):
    """Of an authentication template, whose words are WhatsApp's own."""

    expires = Duration()
    security = Flag()
    button = Words()


class HeaderDoor(Door):
    text = Words()
    image = Words()
    video = Words()
    document = Words()


class ButtonDoor(Door):
    quick_reply = Words()
    url = Words()
    phone = Words()
    copy_code = Words()
    text = Words()


def read_templates(reads: Mapping[str, Read]) -> tuple[dict[str, Template], list[Problem]]:
    """The sound templates by name, and every mistake; `reads` are the files by the name in their path."""
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    for name, read in sorted(reads.items()):
        if read.source is None:
            continue
        reader = _Reader(read.source)
        template = reader.template()
        problems += reader.problems
        if template is not None and read.sound and not any(one.level == "error" for one in reader.problems):
            found[name] = template
    return found, problems


def read_definition(name: str, definition: bytes) -> tuple[Template | None, list[Problem]]:
    """A template that came as JSON, of the same shape as a file; problems point into it."""
    read = read_yaml(f"{name}.yaml", definition)
    found, problems = read_templates({name: read})
    return found.get(name), [*read.problems, *problems]


def readable(name: str, definition: bytes) -> Template | None:
    """The same, where it once was sound; None of what is not any more."""
    return read_definition(name, definition)[0]


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.name = PurePosixPath(source.file).stem

    def template(self) -> Template | None:
        if not _NAME.match(self.name):
            hint = "rename the file: small letters, digits and _, at most 512"
            self._say((), "M501", f"'{self.name}' cannot be the name of a template", hint)
        found = self._load(TemplateDoor, (), self.source.data)
        if "category" not in found or "languages" not in found:
            return None
        shared = found.get("examples", {})
        read = self._code if found["category"] == "authentication" else self._wording
        template = Template(
            name=self.name,
            category=found["category"],
            topic=found.get("topic", ""),
            notification=found.get("is_notification", False),
            named=found.get("parameters") == "named",
            wordings=dict(self._wordings(found["languages"], read, shared)),
            defaults=dict(self._defaults(found.get("defaults", {}))),
        )
        if not template.wordings and not self.problems:
            self._say(("languages",), "P103", "languages: there is none", "write its words, e.g. en: {body: …}")
        self.problems += check(template, self.source, "is_notification" in found)
        return template

    def _defaults(self, data: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, value in data.items():
            texts = tuple(str(one) for one in (value if isinstance(value, list) else [value]))
            try:
                for text in texts:
                    compile_text(text)
            except ExpressionError as error:
                self._say(("defaults", name), "E301", str(error), "{{ contact.name }}, or a text")
                continue
            yield str(name), texts

    def _wordings(self, data: Mapping[str, Any], read: Any, shared: Mapping[str, Any]) -> Iterator[tuple[str, Wording]]:
        seen: dict[str, str] = {}
        for language, words in data.items():
            path: Path = ("languages", language)
            try:
                Language().deserialize(str(language).replace("_", "-"))
            except ValidationError:
                self._say(path, "P103", f"'{language}' is not a language", "write its code, like es or pt-BR")
                continue
            other = seen.setdefault(str(language).replace("_", "-").lower(), str(language))
            if other != language:
                self._say(path, "M507", f"'{language}' is the same language as '{other}'", "keep one of the two")
                continue
            yield str(language), read(str(language), path, words, shared)

    def _wording(self, language: str, path: Path, data: Any, shared: Mapping[str, Any]) -> Wording:
        found = self._load(WordingDoor, path, data)
        labels = {CONTINUE: found.get("continue_", ""), CANCEL: found.get("cancel", "")}
        own = [Button(kind="quick_reply", id=id, text=label) for id, label in labels.items() if label]
        more = [self._button(one, (*path, "buttons", at)) for at, one in enumerate(found.get("buttons", []))]
        return Wording(
            language=language,
            header=self._header(found["header"], (*path, "header")) if "header" in found else None,
            body=found.get("body", ""),
            footer=found.get("footer", ""),
            buttons=(*own, *more),
            examples={**_texts(shared), **_texts(found.get("examples", {}))},
        )

    def _code(self, language: str, path: Path, data: Any, shared: Mapping[str, Any]) -> Wording:
        """The words that WhatsApp itself gives it, for whoever looks on; nobody else decides about them."""
        found = self._load(CodeDoor, path, data if data is not None else {})
        shipped = defaults(base_of(language)) or defaults("en")
        minutes = found.get("expires", 0) // MINUTE
        if "expires" in found and not 1 <= minutes <= LONGEST_CODE:
            self._say((*path, "expires"), "M502", f"a code is good for 1 to {LONGEST_CODE} minutes", "e.g. 10m")
        words = {
            part: str(shipped[f"template.{part}"]) for part in ("code", "code_security", "code_expires", "copy_code")
        }
        security = bool(found.get("security", True))
        label = str(found.get("button", words["copy_code"]))
        return Wording(
            language=language,
            body=f"{words['code']} {words['code_security'] if security else ''}".strip(),
            footer=words["code_expires"].replace("{{ minutes }}", str(minutes)) if minutes else "",
            buttons=(Button(kind="copy_code", text=label, value=f"{{{{ {CODE} }}}}"),),
            examples={CODE: "123456", **_texts(shared)},
            expires=minutes,
            security=security,
        )

    def _header(self, data: Any, path: Path) -> Header | None:
        if isinstance(data, str):
            return Header(value=data.strip()) if data.strip() else None
        found = self._load(HeaderDoor, path, data)
        if len(found) != 1:
            hint = f"one of text, {', '.join(MEDIA)}"
            self._say(path, "M506", "a header is one text or one file", hint)
            return None
        kind, value = next(iter(found.items()))
        return Header(kind=kind, value=value)

    def _button(self, data: Any, path: Path) -> Button:
        """One without a kind keeps the place of what is none."""
        found = self._load(ButtonDoor, path, data)
        kinds = [kind for kind in BUTTONS if kind in found]
        if len(kinds) != 1:
            if isinstance(data, dict) and not set(data) - {*BUTTONS, "text"}:
                hint = "- {quick_reply: later, text: Ask me later}"
                self._say(path, "M506", f"a button is one of {', '.join(BUTTONS)}", hint)
            return _NO_BUTTON
        kind, value = kinds[0], found[kinds[0]]
        if kind == "copy_code":
            if "text" in found:
                self._say((*path, "text"), "M506", "WhatsApp gives this button its words", "remove `text`")
            return Button(kind=kind, text=defaults("en")["template.copy_code"], value=value)
        if "text" not in found:
            self._say(path, "M506", "the button has no words", f"- {{{kind}: {value}, text: …}}")
            return _NO_BUTTON
        if kind != "quick_reply":
            return Button(kind=kind, text=found["text"], value=value)
        if not _ID.match(value) or value in (CONTINUE, CANCEL):
            hint = "small letters, digits and _; the words go into `text`"
            if value in (CONTINUE, CANCEL):
                hint = f"write {value}: {found['text']} beside the body"
            self._say((*path, kind), "M506", f"'{value}' cannot be a button's id", hint)
            return _NO_BUTTON
        return Button(kind=kind, text=found["text"], id=value)

    def _load(self, door: type[Door], path: Path, data: Any) -> dict[str, Any]:
        found, problems = load(door, self.source, path, data)
        self.problems += problems
        return found

    def _say(self, path: Path, code: str, message: str, hint: str) -> None:
        self.problems.append(self.source.problem(path, code, message, hint=hint))


def unknown(name: str, templates: Mapping[str, Any]) -> tuple[str, str]:
    """What to say of a template that is not there, and a hint."""
    return f"there is no template '{name}'", suggest(name, templates) or f"write content/templates/{name}.yaml"


def _texts(examples: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in examples.items() if kind_of(value) in ("a text", "a number")}
