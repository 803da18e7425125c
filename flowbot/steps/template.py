"""Send a template that the provider has approved: what the business may say when the 24-hour window is closed.

With `choices` or `expect` it waits for the answer, as a question does; its buttons are the choices of the same ids.
With `to` it goes to another number, and that contact's own conversation is untouched. `refused`: it is not approved,
does not fit its places, or the contact has opted out. Beside a step's other verb, it is sent on entry.

```yaml
flow: example
languages: [en]
inputs: {name: {default: Ana}, nurse: {type: phone, default: "+573009998877"}}
steps:
  age:
    template: visit_today            # content/templates/visit_today.yaml; or {name: visit_today, language: en}
    with: {name: "{{ inputs.name }}"}
    expect: integer
    next: {refused: {fail: not_sent}}
  invite:
    template: visit_today
    with: {name: "{{ inputs.name }}"}
    topic: visits                    # what a contact may opt out of; the template's own unless given
    choices: {coming: tell, later: {fail: later}}
    match: close
    stale: accept
    timeout: {after: 20h, then: {fail: no_answer}}
    next: {refused: {fail: not_sent}}
  tell:
    template: visit_today
    to: "{{ inputs.nurse }}"
    with: {name: the nurse}
    next: {refused: closing}
  closing: {say: See you today., succeed: {}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .ask import MATCHES, STALE, Ask
from .base import WAIT, Keys, Outcome, Tools, Value, Visit
from .choices import choices_of
from .fields import Anything, Table, Text
from .opt_in import topic_of

RESERVED = ("done", "invalid", "timeout", "refused")
_NAME = re.compile(r"[a-z0-9_]{1,512}\Z", re.ASCII)
_WAITING = ("save", "timeout", "retry", "sensitive", "match", "stale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Ask):
    name: str
    values: Value
    to: Value | None = None
    topic: str = ""
    language: str = ""  # forced; else the flow's
    waits: bool = False

    word: ClassVar[str] = "template"
    good: ClassVar[str] = "done"
    bad: ClassVar[tuple[str, ...]] = ("invalid", "timeout", "refused")

    class Schema(Keys):
        template = Anything(required=True)
        with_ = Table(data_key="with")
        to = Anything()
        topic = Text()
        choices = Anything()
        expect = Text()
        match = Text()
        stale = Text()

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Template:
        waits = "choices" in data or "expect" in data
        name, language = _named(data["template"], tools, (*path, "template"))
        ways, deeds = choices_of(data.get("choices"), tools, (*path, "choices"), reserved=RESERVED)
        _apart(data, waits, tools, path)
        tools.template_named(name, (*path, "template"))
        return cls(
            key="",
            name=name,
            language=language,
            values=tools.value(data.get("with", {}), (*path, "with")),
            to=_recipient(data["to"], tools, (*path, "to")) if "to" in data else None,
            topic=topic_of(data["topic"], tools, (*path, "topic")) if "topic" in data else "",
            waits=waits,
            expect=tools.kind(data.get("expect", "text"), {}, path),
            bounds=tools.value({}, path),
            match=tools.one_of(data.get("match", "close"), MATCHES, (*path, "match"), "match"),
            choices=tuple(ways),
            free="expect" in data,
            ways={choice: target for choice, target in ways.items() if target is not None},
            deeds=deeds,
            stale=tools.one_of(data.get("stale", "say"), STALE, (*path, "stale"), "policy"),
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        return (*self.choices, *RESERVED) if self.waits else ("done", "refused")

    def enter(self, visit: Visit) -> Outcome:
        to = self.to(visit.scope) if self.to is not None else None
        if self.to is not None:
            return "done" if visit.post_to(self, to) else "refused"
        if not visit.post(self):
            return "refused"
        if not self.waits:
            return "done"
        visit.open(self)
        return WAIT


def _named(given: Any, tools: Tools, path: Path) -> tuple[str, str]:
    """The template's name, and the language that it is sent in whatever the contact speaks."""
    language = ""
    if isinstance(given, Mapping):
        row = tools.row(given, path, ("name",), ("name", "language"))
        given, language, path = row.get("name", ""), str(row.get("language", "")), (*path, "name")
    if not isinstance(given, str) or not _NAME.match(given):
        hint = "small letters, digits and _; its words stand in content/templates/<name>.yaml"
        tools.problem(path, "F203", f"{given!r} is no name for a template", hint=hint)
        return "", language
    return given, language


def _recipient(given: Any, tools: Tools, path: Path) -> Value:
    if isinstance(given, Mapping):
        message = "a template goes to one number; groups of contacts cannot be looked up by flows"
        tools.problem(path, "F203", message, hint='to: "{{ inputs.manager }}", or a broadcast to the group')
    return tools.value(given if not isinstance(given, Mapping) else "", path)


def _apart(data: Mapping[str, Any], waits: bool, tools: Tools, path: Path) -> None:
    """What does not go together."""
    if waits and "to" in data:
        message = "an answer to what goes to another number does not come back to this step"
        tools.problem((*path, "to"), "F205", message, hint="remove `choices` and `expect`, or `to`")
    for key in _WAITING if not waits else ():
        if key in data:
            hint = "give the template `choices` or `expect`"
            tools.problem((*path, key), "F205", f"`{key}` needs a step that waits", hint=hint)
