"""What speaks against a broadcast before its recipients are looked at: all of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..engine.templates import find, ready
from ..errors import TemplateRefused
from ..library.library import Library
from ..model.broadcast import Broadcast
from ..model.project import Account
from ..model.template import Template
from .recipients import no_variable

Mistakes = list[tuple[str, str]]  # JSON pointer of the request, message
NO_TEMPLATE = Template(name="")


def look(library: Library, broadcast: Broadcast, groups: Mapping[str, Any]) -> tuple[Template, Mistakes]:
    """The template, or an empty one in its place, and the mistakes."""
    account = library.account(broadcast.account)
    try:
        template, _ = find(library, broadcast.template, broadcast.account, forced=broadcast.language)
        mistakes = []
    except TemplateRefused as error:
        template = library.known_template(broadcast.template, broadcast.account) or NO_TEMPLATE
        mistakes = [(f"/template/{part}", message) for part, message, _ in error.facts["mistakes"]]
    return template, [*mistakes, *_wrong(account, broadcast, template, groups)]


def refuse_if_not_approved(library: Library, broadcast: Broadcast) -> None:
    """TemplateRefused with the provider's word, for the language that most will get."""
    languages = library.account(broadcast.account).languages
    one = broadcast
    ready(library, one.account, one.channel, one.template, languages=languages, forced=one.language)


def _wrong(
    account: Account, broadcast: Broadcast, template: Template, groups: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if broadcast.channel not in account.channels:
        yield "/channel", "there is no such channel"
    if broadcast.group and broadcast.group not in groups:
        yield "/group", "there is no such group"
    if template is NO_TEMPLATE:
        return
    for name, value in broadcast.params.items():
        where = "/template/params/" + name.replace("~", "~0").replace("/", "~1")
        if name not in template.variables:
            yield where, no_variable(template)
        elif isinstance(value, (dict, list)):
            yield where, "is neither a text nor a number"
