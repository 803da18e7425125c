"""The filters and tests that a text or an expression may use: this list and no more.

A value that does not fit (null, a word where a number belongs) gives null, never an exception; a filter written in a
way that can never work is an ExpressionError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from jinja2 import Undefined

from ..errors import ExpressionError
from .compare import equals, less, number
from .folding import fold
from .formats import as_date, as_number, as_time, mask, minus, money, phone, plural, plus, urlencode, wa, weekday
from .plain import plain

_MAX_TEXT = 65_536


def default(value: Any, instead: Any = "") -> Any:
    """`contact.name | default('amiga')`: instead of null and of an empty text."""
    return instead if value is None or value == "" or isinstance(value, Undefined) else value


def join(value: Any, between: str = ", ") -> str:
    """
    >>> join(["a", 2]), join(None)
    ('a, 2', '')
    """
    parts = [plain(item) for item in value] if isinstance(value, (list, tuple)) else [plain(value)]
    if sum(map(len, parts)) + len(parts) * len(plain(between)) > _MAX_TEXT:
        raise ExpressionError(f"a text grew over {_MAX_TEXT} characters")
    return plain(between).join(parts)


def length(value: Any) -> int:
    """
    >>> length("año"), length([1]), length(None), length(12)
    (3, 1, 0, 2)
    """
    return len(value) if isinstance(value, (list, tuple, Mapping)) else len(plain(value))


def rounded(value: Any, digits: int = 0) -> float | int | None:
    """
    >>> rounded(2.567, 2), rounded(2.5), rounded("x")
    (2.57, 3, None)
    """
    found = number(value)
    if found is None or abs(found) >= 1e18:
        return None
    places = min(max(int(digits), 0), 10)
    exact = Decimal(str(found)).quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    return float(exact) if places else int(exact)


def integer(value: Any) -> int | None:
    """
    >>> integer("12"), integer(3.9), integer("x")
    (12, 3, None)
    """
    found = number(value)
    return None if found is None else int(found)


def decimal(value: Any) -> float | None:
    found = number(value)
    return None if found is None else float(found)


def absolute(value: Any) -> int | float | None:
    found = number(value)
    return None if found is None else abs(found)


def first(value: Any) -> Any:
    return value[0] if isinstance(value, (list, tuple, str)) and value else None


def last(value: Any) -> Any:
    return value[-1] if isinstance(value, (list, tuple, str)) and value else None


def ordered(value: Any) -> list[Any]:
    """
    >>> ordered(["b", "Á", 3, 1])
    [1, 3, 'Á', 'b']
    """
    items = list(value) if isinstance(value, (list, tuple)) else []
    return sorted(items, key=lambda item: (number(item) is None, number(item) or 0, fold(plain(item))))


def unique(value: Any) -> list[Any]:
    found: list[Any] = []
    for item in list(value)[:200] if isinstance(value, (list, tuple)) else []:
        if not any(equals(item, other) for other in found):
            found.append(item)
    return found


def smallest(value: Any) -> Any:
    return _best(value, less)


def largest(value: Any) -> Any:
    return _best(value, lambda left, right: less(right, left))


def total(value: Any) -> int | float:
    return sum(number(item) or 0 for item in value) if isinstance(value, (list, tuple)) else 0


def _best(value: Any, before: Callable[[Any, Any], bool]) -> Any:
    found = None
    for item in value if isinstance(value, (list, tuple)) else ():
        if found is None or before(item, found):
            found = item
    return found


FILTERS: dict[str, Callable[..., Any]] = {
    "abs": absolute,
    "capitalize": lambda value: plain(value)[:1].upper() + plain(value)[1:],
    "count": length,
    "date": as_date,
    "default": default,
    "first": first,
    "float": decimal,
    "int": integer,
    "join": join,
    "last": last,
    "length": length,
    "lower": lambda value: plain(value).lower(),
    "mask": mask,
    "max": largest,
    "min": smallest,
    "minus": minus,
    "money": money,
    "number": as_number,
    "phone": phone,
    "plural": plural,
    "plus": plus,
    "round": rounded,
    "sort": ordered,
    "string": plain,
    "sum": total,
    "time": as_time,
    "title": lambda value: plain(value).title(),
    "trim": lambda value: plain(value).strip(),
    "unique": unique,
    "upper": lambda value: plain(value).upper(),
    "urlencode": urlencode,
    "wa": wa,
    "weekday": weekday,
}

TESTS: dict[str, Callable[..., bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "defined": lambda value: value is not None and not isinstance(value, Undefined),
    "empty": lambda value: length(value) == 0 if not isinstance(value, bool) else False,
    "even": lambda value: number(value) is not None and (number(value) or 0) % 2 == 0,
    "none": lambda value: value is None or isinstance(value, Undefined),
    "number": lambda value: number(value) is not None,
    "odd": lambda value: number(value) is not None and (number(value) or 0) % 2 == 1,
    "string": lambda value: isinstance(value, str),
    "undefined": lambda value: value is None or isinstance(value, Undefined),
}


def never(name: str, given: Sequence[Any], named: Mapping[str, Any]) -> str:
    """Why a filter that is given these can never work, whatever it is put to; "" when it may.

    >>> never("money", ["pesos"], {}), never("plus", ["1d"], {}), never("plus", [], {})
    ("not a currency: 'pesos'", '', 'it wants something more, or something less, in its brackets')
    """
    if not given and not named and name not in _NEEDY:
        return ""
    filter_ = FILTERS[name]
    before: tuple[Any, ...] = ({},) if hasattr(filter_, "jinja_pass_arg") else ()
    for sample in _SAMPLES:
        try:
            filter_(*before, sample, *given, **named)
        except ExpressionError as error:
            return str(error)
        except TypeError:
            return "it wants something more, or something less, in its brackets"
        except Exception:
            continue
    return ""


_NEEDY = ("minus", "plural", "plus")  # those that are nothing without something in brackets
_SAMPLES = ("2026-11-20T10:00:00+00:00", 1)  # what there may be to put it to
