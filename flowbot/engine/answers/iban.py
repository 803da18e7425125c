"""`expect: iban`: an international bank account number, kept without spaces. `with: {countries: [ES, FR]}`

Its check digits tell, and what is known of the account numbers of its country.
"""

from __future__ import annotations

from collections.abc import Mapping

from stdnum import iban
from stdnum.exceptions import InvalidChecksum, ValidationError

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, countries, listed, said

BOUNDS: Mapping[str, Bound] = {"countries": countries}
_SHORTEST, _LONGEST = 15, 60  # characters, with spaces


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    """
    >>> from flowbot.model.contact import Identity
    >>> read(Inbound(id="1", sender=Identity(), kind="text", text="gb82 west 1234 5698 7654 32"), Asked())
    Answer(value='GB82WEST12345698765432', choice='')
    """
    text = said(inbound)
    if not _SHORTEST <= len(text) <= _LONGEST or not text.isascii():
        return Refused(code="iban")
    try:
        number = iban.validate(text)
    except InvalidChecksum:
        return Refused(code="iban.check")
    except ValidationError:
        return Refused(code="iban")
    allowed = listed(asked.bounds.get("countries"))
    if allowed and number[:2] not in allowed:
        return Refused(code="iban.country", params={"countries": ", ".join(allowed)})
    return Answer(value=number)
