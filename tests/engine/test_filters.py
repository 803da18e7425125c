from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from flowbot.engine.expressions import compile_expression
from flowbot.engine.filters import FILTERS
from flowbot.errors import ExpressionError

SCOPE = {
    "lang": "es",
    "contact": {"country": "CO"},
    "now": datetime(2026, 11, 20, 21, 30, tzinfo=ZoneInfo("America/Bogota")),
    "sent": "2026-11-21T02:30:00+00:00",
    "day": "2026-11-21",
    "n": 2,
    "gone": None,
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("day | date", "21 de noviembre de 2026"),
        ("day | date('EEEE d MMMM')", "sábado 21 noviembre"),
        ("now | date('yyyy-MM-dd')", "2026-11-20"),
        ("now | weekday", "viernes"),
        ("sent | weekday", "viernes"),
        ("sent | time('HH:mm')", "21:30"),
        ("sent == now", False),
        ("sent <= now and sent >= now", True),
        ("'' ~ now", "2026-11-20T21:30:00-05:00"),
        ("now | time('HH:mm')", "21:30"),
        ("day | time", None),
        ("now | plus('1d') | date('dd')", "21"),
        ("day | minus('1w')", "2026-11-14"),
        ("1234567.5 | number", "1.234.567,5"),
        ("1234 | number(2)", "1.234,00"),
        ("1250000 | money | length > 5", True),
        ("n | plural('visita', 'visitas')", "visitas"),
        ("1 | plural(one='visita', other='visitas')", "visita"),
        ("'573001112233' | phone", "+57 300 1112233"),
        ("'1020304050' | mask", "••••••4050"),
        ("'a b&c' | urlencode", "a%20b%26c"),
        ("' x ' | trim | upper", "X"),
        ("gone | default('amiga')", "amiga"),
        ("['b', 'a'] | sort | join(' y ')", "a y b"),
        ("2.456 | round(2)", 2.46),
    ],
)
def test_a_filter_gives(source: str, value: object) -> None:
    assert compile_expression(source)(SCOPE) == value


@pytest.mark.parametrize("lang", ["en", "es", "pt", "pt-BR", "hi", "fr", "xx", ""])
def test_every_language_has_dates_and_numbers(lang: str) -> None:
    scope = {**SCOPE, "lang": lang}
    for source in ("day | date", "now | time", "day | weekday", "1234.5 | number", "5 | money('INR')"):
        assert compile_expression(source)(scope)


@pytest.mark.parametrize("name", sorted(set(FILTERS) - {"plural", "plus", "minus"}))
@pytest.mark.parametrize("odd", [None, "", "word", -1, 1.5, True, [], ["a", None], {}, {"a": 1}, "9" * 400])
def test_no_filter_raises_for_an_odd_value(name: str, odd: object) -> None:
    compile_expression(f"odd | {name}")({**SCOPE, "odd": odd})


@pytest.mark.parametrize(
    "source", ["day | plus('soon')", "day | date('" + "M" * 50 + "')", "1 | money('nonsense')", "n | plural"]
)
def test_an_authors_mistake_is_an_expression_error(source: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(source)(SCOPE)
