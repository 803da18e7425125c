"""`expect: url`: an address on the web, kept with its scheme. `with: {domains: [instagram.com, facebook.com]}`

Read are https://example.com/page and, as people write it, www.example.com; a domain counts with what lies below it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, listed, said, texts
from .email import is_domain

BOUNDS: Mapping[str, Bound] = {"domains": texts}
_LONGEST = 2048
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    found = parse(said(inbound))
    if not found:
        return Refused(code="url")
    domains = [domain.lower().removeprefix("www.") for domain in listed(asked.bounds.get("domains"))]
    host = urlsplit(found).hostname or ""
    if domains and not any(host == domain or host.endswith("." + domain) for domain in domains):
        return Refused(code="url.domain", params={"domains": ", ".join(domains)})
    return Answer(value=found)


def parse(text: str) -> str:
    """The address, its host in small letters; "" when it is none that a browser would open.

    >>> parse("WWW.Example.com/Menu?x=1"), parse("http://example.com:8080")
    ('https://www.example.com/Menu?x=1', 'http://example.com:8080')
    >>> parse("javascript:alert(1)"), parse("https://user:pw@example.com"), parse("localhost"), parse("a b.com")
    ('', '', '', '')
    """
    text = unicodedata.normalize("NFC", text).strip().strip("<>").rstrip(".,;")
    if not text or len(text) > _LONGEST or any(char.isspace() or not char.isprintable() for char in text):
        return ""
    written = text if _SCHEME.match(text) and not re.match(r"[^/:]+:[0-9]", text) else "https://" + text
    try:
        parts = urlsplit(written)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc or not is_domain(host):
        return ""
    place = f"{host.lower()}:{port}" if port else host.lower()
    return parts._replace(scheme=parts.scheme.lower(), netloc=place).geturl()
