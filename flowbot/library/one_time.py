"""`codes` of an account in flowbot.yaml: how one-time codes are sent, and how many at most."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from ..model.problem import Path, Problem, Source, suggest
from ..model.project import CodeRules
from .fields import Count, Country, Door, Duration, Listing, Text, load

_ACTION = re.compile(r"[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\Z")


class Action(Text):
    """integration.action"""

    def read(self, text: str) -> str:
        if not _ACTION.match(text):
            raise ValidationError(
                f"'{text}' is no action of an integration\nwrite integration.action, like texter.send"
            )
        return text


class CodesDoor(Door):
    template = Text()
    sms = Action()
    email = Action()
    cooldown = Duration()
    per_number = Count()
    period = Duration()
    per_prefix = Count()
    per_day = Count()
    countries = Listing(Country(), all_word=True)


def read_codes(
    source: Source, path: Path, data: Any, integrations: Mapping[str, Any]
) -> tuple[CodeRules, list[Problem]]:
    """The rules, and every mistake in them; an action that is named has to be declared."""
    found, problems = load(CodesDoor, source, path, data)
    actions = [f"{name}.{action}" for name, one in integrations.items() for action in _actions(one)]
    for key in ("sms", "email"):
        if key in found and found[key] not in actions:
            hint = suggest(found[key], actions) or "declare it under integrations, with its actions"
            message = f"there is no action '{found[key]}'"
            problems.append(source.problem((*path, key), "P103", message, hint=hint, on_value=True))
    return CodeRules(**found), problems


def _actions(integration: Any) -> Mapping[str, Any]:
    actions = integration.get("actions") if isinstance(integration, Mapping) else None
    return actions if isinstance(actions, Mapping) else {}
