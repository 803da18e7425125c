"""What may be opted in to and out of: everything, a category of templates, or a topic that the project names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...model.template import CATEGORIES
from ..mistakes import Mistakes, unknown
from .templates import every_of

if TYPE_CHECKING:
    from ...model.contact import Contact
    from ...wiring import Parts

ALL = "all"


def topics_of(parts: Parts, account: str) -> frozenset[str]:
    """Of the account's templates, flows and rules, beside `all` and the categories."""
    library = parts.library
    found = {ALL, *CATEGORIES}
    found |= {template.topic for template in every_of(parts, account).values()}
    found |= {rule.topic for rule in library.rules(account)}
    for flow in library.flows_of(account):
        verbs = [verb for step in flow.steps.values() for verb in (*step.acts, step.main)]
        found |= {getattr(verb, "topic", "") for verb in verbs}
    return frozenset(found - {""})


def odd_topic(parts: Parts, account: str, body: Mapping[str, Any]) -> Mistakes:
    """Of a send: one that nobody can opt out of would pass by an opt-out of the topic that was meant."""
    topic = body.get("topic")
    return odd_topics(parts, account, [("/topic", topic)]) if isinstance(topic, str) and topic else []


def odd_topics(
    parts: Parts, account: str, named: Iterable[tuple[str, str]], contact: Contact | None = None
) -> Mistakes:
    """Those of the (pointer, topic) that nobody knows; what the contact opted in to or out of before is known."""
    known = {*topics_of(parts, account), *((*contact.opted_in, *contact.opted_out) if contact else ())}
    return [(pointer, unknown(topic, known)) for pointer, topic in named if topic not in known]
