"""Every error Flowbot raises, in one tree.

FlowbotError
├── SettingsError            an environment setting is missing or wrong
├── ProjectError             the project folder cannot be used; carries its problems
├── ParseError               a body from outside cannot be understood
│   ├── SignatureError       the proof of origin is missing or wrong
│   └── NewerRelease         it was written by a newer release, which will read it
├── EngineError              a turn could not be finished
│   ├── ExpressionError      an author's expression failed
│   ├── RenderError          a text could not be rendered
│   └── StepLimitError       more automatic steps than one event may take
├── StoreError               the store refused or could not be reached
│   ├── StoreUnavailable     no answer, or not yet ready
│   ├── Fenced               another owner holds the partition now
│   ├── Stale                the session has moved on since it was read
│   └── SchemaMismatch       the store was written by another release
├── FilesUnavailable         the files of contacts cannot be read or kept now
├── SendError                a provider refused a message (class: retry, slow, hold, perm ...)
├── TemplateRefused          a template does not fit, or the provider has not approved it
├── AddressForbidden         a URL leads to a private or forbidden address
├── AccountBusy              an account has as many events waiting as it may
├── NotFound                 no such account, channel, flow, process or message
├── Conflict                 the request does not fit the state, e.g. a conversation is open
└── InvalidRequest           a client's request has mistakes; carries them all
    └── BadRequest           some of it cannot be read: an unknown parameter, a name that comes twice

Doors translate these in one place: the web into problem+json, the sender into a retry decision, the command line into
a message and an exit code.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, ClassVar, Self


class FlowbotError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    log_level: ClassVar[int] = logging.ERROR

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.facts = facts


class SettingsError(FlowbotError):
    """A setting is missing or wrong."""

    code = "settings"


class ProjectError(FlowbotError):
    """The project folder has mistakes."""

    code = "project"


class ParseError(FlowbotError):
    """The body cannot be understood."""

    code = "parse"
    log_level = logging.WARNING


class SignatureError(ParseError):
    """The signature is missing or wrong."""

    code = "signature"


class NewerRelease(ParseError):
    """A newer release wrote it."""

    code = "newer_release"


class EngineError(FlowbotError):
    """A turn could not be finished."""

    code = "engine_error"


class ExpressionError(EngineError):
    """An expression failed."""

    code = "expression"
    log_level = logging.WARNING


class RenderError(EngineError):
    """A text could not be rendered."""

    code = "render"
    log_level = logging.WARNING


class StepLimitError(EngineError):
    """One event led through more steps than are allowed."""

    code = "step_limit"


class StoreError(FlowbotError):
    """The store refused."""

    code = "store"


class StoreUnavailable(StoreError):
    """The store does not answer."""

    code = "store_unavailable"
    retryable = True


class Fenced(StoreError):
    """Another owner holds the partition."""

    code = "fenced"
    log_level = logging.WARNING


class Stale(StoreError):
    """The session has moved on since it was read."""

    code = "stale"
    retryable = True
    log_level = logging.INFO


class SchemaMismatch(StoreError):
    """The store was written by another release."""

    code = "schema"
    log_level = logging.CRITICAL


class FilesUnavailable(FlowbotError):
    """The files of contacts cannot be read or kept now."""

    code = "files_unavailable"
    retryable = True


class SendError(FlowbotError):
    """The provider refused the message.

    `facts` holds `kind` (retry, slow, hold, perm, perm-user, perm-tmpl), `provider_code`, `title`, and for a throttle
    `retry_after` in seconds and `scope` (channel, recipient).
    """

    code = "send"
    log_level = logging.WARNING


class TemplateRefused(FlowbotError):
    """A template cannot be sent so.

    `facts` holds `mistakes`: a component (header, body, button 2, parameters, language …), the message, and of which
    variable it is said, if of one; `status` is the provider's word when that is what stands against it.
    """

    code = "template_refused"
    log_level = logging.INFO

    @classmethod
    def of(cls, name: str, mistakes: Sequence[tuple[str, str, str]], **facts: Any) -> Self:
        """One error for all of them; its message names the first component.

        >>> str(TemplateRefused.of("left", [("body", "too long", ""), ("button 1", "no value", "code")]))
        'template left, body: too long; button 1: no value'
        """
        said = "; ".join(f"{component}: {message}" for component, message, _ in mistakes)
        return cls(f"template {name}, {said}", mistakes=tuple(mistakes), **facts)


class AddressForbidden(FlowbotError):
    """The URL leads to an address that hooks and calls may not reach."""

    code = "address_forbidden"
    log_level = logging.WARNING


class AccountBusy(FlowbotError):
    """As many events of the account wait as may: come again."""

    code = "account_busy"
    retryable = True
    log_level = logging.WARNING


class NotFound(FlowbotError):
    """There is no such thing."""

    code = "not_found"
    log_level = logging.INFO


class Conflict(FlowbotError):
    """The request does not fit the present state."""

    code = "conflict"
    log_level = logging.INFO


class InvalidRequest(FlowbotError):
    """The request has mistakes; `facts['mistakes']` lists them as (pointer, message)."""

    code = "invalid_request"
    log_level = logging.INFO


class BadRequest(InvalidRequest):
    """A part of the request cannot be read, or there is nothing of that name."""
