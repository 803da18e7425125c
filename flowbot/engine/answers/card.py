"""`expect: card`: the number of a payment card, by its check digit. `with: {brands: [visa, mastercard]}`

Only the last four digits are kept, as `•••• 1111`, unless the step is `sensitive: true`: then the whole number goes to
the hook and the API, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from stdnum import luhn

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, listed, one_of, said

_BRANDS = {  # digits that a card of the brand begins with, and how many it has
    "visa": (r"4", (13, 16, 19)),
    "mastercard": (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    "amex": (r"3[47]", (15,)),
    "diners": (r"3(?:0[0-5]|[689])", (14, 15, 16, 17, 18, 19)),
    "discover": (r"6011|64[4-9]|65", (16, 17, 18, 19)),
    "jcb": (r"35(?:2[89]|[3-8])", (16, 17, 18, 19)),
    "rupay": (r"508|60|81|82", (16,)),
    "maestro": (r"5018|5020|5038|5893|6304|6759|676[1-3]", (12, 13, 14, 15, 16, 17, 18, 19)),
}
BOUNDS: Mapping[str, Bound] = {"brands": one_of(*_BRANDS)}
_MASK = "•••• "


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    number = re.sub(r"[\s.\-]", "", said(inbound)[:60])
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return Refused(code="card")
    if not luhn.is_valid(number):
        return Refused(code="card.check")
    allowed = listed(asked.bounds.get("brands"))
    if allowed and brand(number) not in allowed:
        return Refused(code="card.brand", params={"brands": ", ".join(name.capitalize() for name in allowed)})
    return Answer(value=number if asked.whole else _MASK + number[-4:])


def brand(number: str) -> str:
    """
    >>> brand("4111111111111111"), brand("5500005555555559"), brand("340000000000009"), brand("9999")
    ('visa', 'mastercard', 'amex', '')
    """
    fits = (name for name, (begin, sizes) in _BRANDS.items() if len(number) in sizes and re.match(begin, number))
    return next(fits, "")
