"""What does not fit of a template that a request asks for, each at its place in the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..engine.filling import fill
from ..engine.render import attached
from ..engine.templates import find
from ..errors import BadRequest, InvalidRequest, TemplateRefused
from ..library.library import Library
from ..model.template import MEDIA_URL
from .mistakes import Mistakes, escape

MISMATCH = "template_mismatch"
WRONG = "The request has mistakes."


def placed(pointer: str, mistakes: Iterable[tuple[str, str, str]]) -> Mistakes:
    """
    >>> placed("/template", [("body", "the variable 'day' has no value", "day"), ("language", "not in fr", "")])
    [('/template/params/day', "body: the variable 'day' has no value"), ('/template/language', 'language: not in fr')]
    """
    return [(_place(pointer, part, variable), f"{part}: {message}") for part, message, variable in mistakes]


def _place(pointer: str, part: str, variable: str) -> str:
    if variable:
        return f"{pointer}/params/{escape(variable)}"
    return f"{pointer}/{part if part in ('name', 'language') else 'name'}"


def misfits(
    library: Library, account: str, asked: Mapping[str, Any], languages: tuple[str, ...], pointer: str = "/template"
) -> Mistakes:
    """Of a template request, as far as it could be read; whether the provider has approved it is another question."""
    if "name" not in asked:
        return []
    found: Mistakes = []
    for forced in dict.fromkeys((asked.get("language", ""), "")):  # of one that is not there, the parameters in another
        try:
            wording = find(library, asked["name"], account, languages=languages, forced=forced)
            fill(*wording, asked.get("params", {}))
        except TemplateRefused as error:
            found += [one for one in placed(pointer, error.facts["mistakes"]) if one not in found]
            if found[0][0] == f"{pointer}/language":
                continue
        break
    return found or _no_file(library, asked.get("params", {}), pointer)


def _no_file(library: Library, params: Mapping[str, Any], pointer: str) -> Mistakes:
    """The header's file, where it is one of the project's."""
    where = params.get(MEDIA_URL)
    file = attached("document", where) if isinstance(where, str) else None
    if file is None or not file.path or library.has_media(file.path):
        return []
    return [(f"{pointer}/params/{MEDIA_URL}", "header: there is no such file below content/media/")]


def refuse(mistakes: Mistakes, unfit: Mistakes) -> None:
    """One answer for all of them: InvalidRequest, or BadRequest where the template alone does not fit."""
    if mistakes:
        raise InvalidRequest(WRONG, mistakes=[*mistakes, *unfit])
    if unfit:
        raise BadRequest("The template does not fit.", mistakes=unfit, code=MISMATCH)
