"""From written rows to recipients: numbers, variables, and what is for the contact's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..gateways.recipient import NO_NUMBER, read_recipient
from ..model.contact import Identity
from ..model.project import Account
from ..model.template import Template
from .audience import Bad, Row, Sheet, pointer

REMEMBERED = 100_000  # shapes of numbers
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
Read = Callable[[str, str], Identity | None]


class Numbers:
    """`read_recipient` for very many: of numbers that begin alike and are as long, one is looked at as a whole.

    >>> numbers = Numbers("CO")
    >>> [numbers.read(one).number for one in ("+573001112233", "+573001112234", "3001112233")]
    ['573001112233', '573001112234', '573001112233']
    >>> numbers.read("+57300111223"), numbers.read("nobody")
    (None, None)
    """

    def __init__(self, country: str) -> None:
        self._country = country
        self._shapes: set[tuple[str, int]] = set()

    def read(self, to: str) -> Identity | None:
        digits = to[1:]
        plain = to[:1] == "+" and digits.isascii() and digits.isdigit()
        shape = (digits[:7], len(digits))
        if plain and shape in self._shapes:
            return Identity(number=digits)
        found = read_recipient(to, self._country)
        if plain and found is not None and found.number == digits and len(self._shapes) < REMEMBERED:
            self._shapes.add(shape)
        return found

    def of_csv(self, to: str) -> Identity | str:
        """A spreadsheet's: with + or a 0 before it (R102), else what is wrong. It has eaten the + of others.

        >>> Numbers("BR").of_csv("005511987654321").number, Numbers("BR").of_csv("011987654321").number
        ('5511987654321', '5511987654321')
        >>> Numbers("BR").of_csv("5511987654321")
        'begins with neither + nor 0: write it with its country code, like +573001112233'
        """
        if to[:1] not in ("+", "0"):
            return "begins with neither + nor 0: write it with its country code, like +573001112233"
        found = self.read("+" + to[2:]) if to.startswith("00") else None
        return found or self.read(to) or NO_NUMBER


class Reader:
    """The rows of one audience."""

    def __init__(self, account: Account, template: Template, sheet: Sheet | None = None) -> None:
        """`sheet`: where the rows are a file's, as people write it."""
        self._numbers = Numbers(account.default_country)
        self._sheet = sheet
        self._template = template
        self._variables = frozenset(template.variables)
        self._named: dict[str, str] = {}  # as it was written -> the variable that is meant, or the same
        self._fields = account.contact_fields
        self.given: set[str] = set()  # variables that any row has a value for

    def read(self, row: Row) -> tuple[Identity, dict[str, Any], dict[str, Any]] | Bad:
        """Who it is, values of variables, values for the contact's record."""
        who = self._numbers.of_csv(row.to) if self._sheet is not None else self._numbers.read(row.to) or NO_NUMBER
        if isinstance(who, str):
            return self._bad(row, "to", f"'{row.to[:40]}' {who}")
        values = {self._meant(name): value for name, value in row.values.items() if value is not None}
        params = {name: value for name, value in values.items() if name in self._variables}
        if self._sheet is None and len(params) < len(values) and self._template.name:
            unknown = next(name for name in values if name not in params)
            return Bad(row.line, no_variable(self._template), pointer("params", unknown))
        extra = {**{name: value for name, value in values.items() if name not in params}, **row.fields}
        self.given.update(params)
        fields: dict[str, Any] = {}
        for name, value in extra.items():
            if value is None:
                continue
            made = typed(value, self._fields.get(name, "text"))
            if made is None:
                return self._bad(row, name, f"'{name}' is no {self._fields[name]}")
            fields[name] = made
        return who, params, fields

    def _bad(self, row: Row, name: str, why: str) -> Bad:
        if self._sheet is not None:
            return Bad(row.line, why, pointer(name), self._sheet.column(name))
        above = () if name == "to" else ("fields",) if name in row.fields else ("params",)
        return Bad(row.line, why, pointer(*above, name))

    def _meant(self, name: str) -> str:
        """People write Name and First name where the variable is name and first_name."""
        found = self._named.get(name)
        if found is None:
            folded = name.lower().replace(" ", "_")
            exact = name in self._variables or folded not in self._variables
            found = self._named[name] = name if exact else folded
        return found


def typed(value: Any, kind: str) -> Any:
    """A written value as the contact's field has it; None for what is none.

    >>> typed("3", "number"), typed("1,5", "number"), typed("yes", "boolean"), typed("x", "number"), typed(5, "text")
    (3, 1.5, True, None, '5')
    """
    if kind in ("number", "integer", "money"):
        try:
            number = float(str(value).replace(",", "."))
        except ValueError:
            return None
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if kind in ("boolean", "yes_no"):
        word = str(value).lower()
        return True if word in _YES else False if word in _NO else None
    return value if isinstance(value, bool) else str(value)


def no_variable(template: Template) -> str:
    """What is said of a name that is none of its variables."""
    known = ", ".join(template.variables)
    return f"the template has no such variable: there are {known}" if known else "the template has none"


def without(template: Template, params: Mapping[str, Any], given: set[str]) -> list[str]:
    """The variables that nobody at all has a value for."""
    return [
        name
        for name in template.variables
        if params.get(name) in (None, "") and name not in given and not template.defaults.get(name)
    ]
