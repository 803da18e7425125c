"""POST /v1/messages: the request as a client writes it, checked as a whole, all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from ..engine.render import attached
from ..gateways import GATEWAYS
from ..gateways.fit import fit
from ..library.library import Library
from ..model.contact import Identity
from ..model.outbound import Outbound
from ..model.project import Account
from .languages import language_tag
from .misfits import misfits, refuse
from .mistakes import Mistakes
from .recipient import NO_NUMBER, read_recipient
from .start_request import TemplateRequest

KINDS = ("image", "video", "audio", "document", "sticker")
CONTENTS = ("text", "media", "template", "code")
_word = validate.Length(min=1, max=200)


class Media(Schema):
    """A file at a public address, or one below content/media/."""

    class Meta:
        unknown = RAISE

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    url = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    filename = fields.String(load_default="", validate=validate.Length(max=200))


class MessageRequest(Schema):
    """`{channel, to, text? | media? | template? | code?, topic?, language?, user_authorized?}`"""

    class Meta:
        unknown = RAISE

    channel = fields.String(required=True, validate=_word)
    to = fields.String(required=True, validate=_word)
    text = fields.String(
        validate=validate.Length(min=1, max=4096), metadata={"description": "Alone, or the caption of `media`."}
    )
    media = fields.Nested(Media)
    template = fields.Nested(TemplateRequest)
    code = fields.String(
        validate=validate.Regexp(r"^[A-Za-z0-9]{4,15}\Z"),
        metadata={"description": "A one-time code: goes out in the account's `codes.template`.", "example": "483201"},
    )
    topic = fields.String(load_default="", validate=validate.Length(max=200))
    language = fields.String(load_default="", validate=[validate.Length(max=35), language_tag])
    user_authorized = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def one_content(self, _: Any, given: Any, **__: Any) -> None:
        named = [name for name in CONTENTS if isinstance(given, dict) and name in given]
        if not named or (len(named) > 1 and named != ["text", "media"]):
            raise ValidationError("name one of text, media (its caption may be a `text`), template and code")


def check_send(given: Mapping[str, Any], account: Account, library: Library, spoken: str) -> Identity:
    """Whom it is for; InvalidRequest with every mistake, BadRequest where the template alone does not fit."""
    refuse(*send_mistakes(given, account, library, spoken))
    identity = read_recipient(given["to"], account.default_country)
    assert identity is not None
    return identity


def send_mistakes(
    given: Mapping[str, Any], account: Account, library: Library, spoken: str
) -> tuple[Mistakes, Mistakes]:
    """Those of the request, as far as it could be read, and those of its template for who speaks that language."""
    wrong = list(_wrong(given, account, library))
    if "to" in given and read_recipient(given["to"], account.default_country) is None:
        wrong.append(("/to", NO_NUMBER))
    asked = given.get("template")
    return wrong, misfits(library, account.name, asked, (spoken, *account.languages)) if asked else []


def free_of(given: Mapping[str, Any]) -> Outbound:
    """The free text or file; a template is composed."""
    media = given.get("media")
    if media is None:
        return Outbound(kind="text", text=given["text"])
    file = attached(media["kind"], media["url"], media.get("filename", ""))
    return Outbound(kind=media["kind"], text=given.get("text", ""), attachment=file)


def _wrong(given: Mapping[str, Any], account: Account, library: Library) -> Iterator[tuple[str, str]]:
    channel = account.channels.get(given.get("channel", ""))
    if channel is None and "channel" in given:
        yield "/channel", "there is no such channel"
    if "code" in given and not account.codes.template:
        yield "/code", "the account names no `codes.template` that codes go out in"
    media = given.get("media")
    if media is not None and not {"kind", "url"} <= set(media):
        return
    file = attached(media["kind"], media["url"]) if media is not None else None
    if media is not None and file is None:
        yield "/media/url", "is neither a public address nor a file below content/media/"
    elif file is not None and file.path and not library.has_media(file.path):
        yield "/media/url", "there is no such file below content/media/"
    elif channel is not None and ("text" in given or media is not None):
        fitted = fit(free_of(given), GATEWAYS[channel.gateway].LIMITS)
        if len(fitted) > 1:
            yield "/text", "is longer than this channel takes in one message"
