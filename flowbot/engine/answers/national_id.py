"""`expect: national_id`: the number of an identity document, kept without points. `with: {country: BR, kind: cpf}`

The country is the contact's unless it is given, the kind that country's usual document. Check digits tell where a
document has them; a Colombian cédula has none, and its length tells. `kind: passport` is known everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model.inbound import Inbound
from . import papers
from .asked import Answer, Asked, Bound, Refused, a_country, a_text, said

BOUNDS: Mapping[str, Bound] = {"country": a_country, "kind": a_text}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    country = str(asked.bounds.get("country") or asked.country).upper()
    kind = str(asked.bounds.get("kind") or "").lower()
    paper = papers.paper(country, kind) or papers.UNKNOWN
    try:
        return Answer(value=paper.read(said(inbound)))
    except papers.Wrong as wrong:
        params = {"kind": paper.label}
        if wrong.why == "length":
            params |= {"min": str(paper.least), "max": str(paper.most)}
        return Refused(code="national_id" if wrong.why == "form" else f"national_id.{wrong.why}", params=params)


def together(bounds: Mapping[str, Any]) -> list[tuple[str, str]]:
    """
    >>> together({"country": "CO", "kind": "cpf"})
    [('kind', "CO has no 'cpf'; there are: cc, ti, ce, ppt, nit, passport")]
    >>> together({"country": "BR"}), together({"kind": "curp"})
    ([], [])
    """
    country, kind = bounds.get("country"), bounds.get("kind", "")
    if "{{" in f"{country}{kind}":
        return []
    if country is None:
        known = not kind or papers.is_kind(kind)
        return [] if known else [("kind", f"no country has a {kind!r} that could be checked")]
    if papers.paper(country, kind):
        return []
    if not kind:
        return [("country", f"nobody has a rule for the documents of {country}: take expect: text, or kind: passport")]
    return [("kind", f"{country} has no {kind!r}; there are: {', '.join(papers.kinds(country))}")]
