"""Which template goes out, in which language, and whether it may: as the provider has approved it, and filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import NotFound, TemplateRefused
from ..model.outbound import Outbound
from ..model.quick import replace
from ..model.template import APPROVED, MEDIA_URL, UNKNOWN, Approval, Template, Wording, provider_language
from .filling import fill


class Templates(Protocol):
    """The part of a Book that knows templates."""

    def template(self, name: str, account: str = "") -> Template:
        """The project's, or one that the account has made for itself; NotFound when there is none."""

    def approval(self, account: str, channel: str, name: str, language: str) -> Approval | None:
        """What the channel's provider says of it in the language; None when nobody has told."""


def compose(
    templates: Templates,
    account: str,
    channel: str,
    name: str,
    given: Mapping[str, Any],
    *,
    languages: tuple[str, ...] = (),
    forced: str = "",
    visit: int = 0,
) -> Outbound:
    """The message, in the first of the `languages` that the template has, else in its own first one.

    TemplateRefused names what stands against it: the name, the `forced` language, the provider's status, or a
    component.
    """
    return ready(templates, account, channel, name, languages=languages, forced=forced).fill(given, visit=visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A template in one language that may go out; filling it is all that is left."""

    template: Template
    wording: Wording
    provider_id: str = ""

    def fill(self, given: Mapping[str, Any], *, visit: int = 0) -> Outbound:
        """The message; TemplateRefused names the components that do not fit."""
        outbound = fill(self.template, self.wording, given, visit=visit)
        if self.provider_id and outbound.template is not None:
            return replace(outbound, template=replace(outbound.template, provider_id=self.provider_id))
        return outbound


def ready(
    templates: Templates, account: str, channel: str, name: str, *, languages: tuple[str, ...] = (), forced: str = ""
) -> Ready:
    """As `compose`, before anybody is written to."""
    template, wording = find(templates, name, account, languages=languages, forced=forced)
    language = provider_language(wording.language)
    approval = templates.approval(account, channel, name, language)
    check(name, language, approval)
    return Ready(template=template, wording=wording, provider_id=approval.provider_id if approval is not None else "")


def find(
    templates: Templates, name: str, account: str = "", *, languages: tuple[str, ...] = (), forced: str = ""
) -> tuple[Template, Wording]:
    """The template and its words; TemplateRefused when there are none."""
    try:
        template = templates.template(name, account)
    except NotFound:
        raise TemplateRefused.of(name, [("name", "there is no such template", "")]) from None
    if not forced:
        return template, template.wording(*languages) or next(iter(template.wordings.values()))
    for language, wording in template.wordings.items():
        if provider_language(language) == provider_language(forced):
            return template, wording
    message = f"it is not written in '{forced}', but in {', '.join(template.wordings)}"
    raise TemplateRefused.of(name, [("language", message, "")])


def sample(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters for who only tries it: what is given, else the examples.

    >>> words = Wording(language="en", body="Hi {{ name }}, {{ order }}.", examples={"name": "Ana", "order": "A-1"})
    >>> sample(Template(name="t", wordings={"en": words}), {"order": "B-2", "other": 1})
    {'name': 'Ana', 'order': 'B-2'}
    """
    wording = next(iter(template.wordings.values()))
    examples = {**wording.examples, **({MEDIA_URL: wording.header.value} if wording.header else {})}
    return {name: given.get(name) or examples.get(name, "") for name in template.variables}


def check(name: str, language: str, approval: Approval | None) -> None:
    """TemplateRefused unless it is approved.

    >>> check("left", "es", Approval(name="left", language="es", status="REJECTED", reason="TAG_CONTENT_MISMATCH"))
    Traceback (most recent call last):
    flowbot.errors.TemplateRefused: template left, status: REJECTED in es (TAG_CONTENT_MISMATCH)
    """
    status = approval.status if approval is not None else UNKNOWN
    if status == APPROVED:
        return
    why = f" ({approval.reason})" if approval is not None and approval.reason else ""
    if status == UNKNOWN:
        why = ": `flowbot templates pull` asks the provider"
    raise TemplateRefused.of(name, [("status", f"{status} in {language}{why}", "")], status=status)
