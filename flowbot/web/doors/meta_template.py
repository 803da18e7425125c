"""A template's components as Meta has them, values by their place -> our parameters, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import InvalidRequest
from ...model.template import MEDIA, MEDIA_URL, VARIABLE, Template, Wording
from .entrance import WRONG


def params_of(template: Template, language: str, components: Any) -> dict[str, Any]:
    """InvalidRequest for a component that the template has not, or with too many values.

    >>> words = Wording(language="en", body="Hi {{ name }}, {{ day }}.")
    >>> body = {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "Monday"}]}
    >>> params_of(Template(name="t", wordings={"en": words}), "en_US", [body])
    {'name': 'Ana', 'day': 'Monday'}
    """
    wording = template.wording(language) or next(iter(template.wordings.values()))
    made: dict[str, Any] = {}
    for at, one in enumerate(components if isinstance(components, list) else [None]):
        place = f"/content/template/components/{at}"
        if not isinstance(one, dict) or not isinstance(one.get("parameters", []), list):
            raise InvalidRequest(WRONG, mistakes=[(place, "is no component")])
        names, values = _names(wording, one), list(_values(one.get("parameters", [])))
        if len(values) > len(names):
            mistake = f"has {len(values)} values; the template has {len(names)} places there"
            raise InvalidRequest(WRONG, mistakes=[(place, mistake)])
        made |= {given or name: value for name, (given, value) in zip(names, values, strict=False)}
    return made


def _names(wording: Wording, component: Mapping[str, Any]) -> list[str]:
    """Of each place, in its order."""
    kind = str(component.get("type", "")).lower()
    if kind == "body":
        return VARIABLE.findall(wording.body)
    if kind == "header" and wording.header is not None:
        return [MEDIA_URL] if wording.header.kind in MEDIA else VARIABLE.findall(wording.header.value)
    index = str(component.get("index", ""))
    if kind == "button" and index.isdecimal() and int(index) < len(wording.buttons):
        return VARIABLE.findall(wording.buttons[int(index)].value)
    return []


def _values(parameters: list[Any]) -> Iterator[tuple[str, Any]]:
    """Its own name, where the template's variables have names at the provider, and the value."""
    for one in parameters:
        one = one if isinstance(one, dict) else {}
        kind = str(one.get("type", "text"))
        file = one.get(kind)
        yield (
            str(one.get("parameter_name") or ""),
            file.get("link", "") if isinstance(file, dict) else one.get(kind, ""),
        )
