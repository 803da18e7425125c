"""Which channel a client of another system means: by a number of it, or as what may send its template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.project import Account, Channel
from ...model.template import APPROVED, Template, provider_language

if TYPE_CHECKING:
    from ...wiring import Parts


def line_of(account: Account, number: str) -> Channel | None:
    """The channel with that number, however it is written."""
    digits = "".join(filter(str.isdigit, number))
    found = (one for one in account.channels.values() if digits and one.number.lstrip("+") == digits)
    return next(found, None)


def line_for(parts: Parts, account: Account, template: str) -> Channel | None:
    """The first that may send the template, those with a provider first; else the first of all, which says why not."""
    lines = sorted((one for one in account.channels.values() if not one.missing), key=lambda one: one.simulated)
    found = parts.library.known_template(template, account.name)
    able = [one for one in lines if found is not None and _may(parts, one, found)]
    return next(iter([*able, *lines]), None)


def _may(parts: Parts, line: Channel, template: Template) -> bool:
    languages = map(provider_language, template.wordings)
    said = (parts.library.approval(line.account, line.name, template.name, language) for language in languages)
    return any(one is not None and one.status == APPROVED for one in said)
