"""A text with nothing but names says the same with and without Jinja2."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowbot.engine import gaps
from flowbot.engine.expressions import Text, Value, compile_value
from flowbot.errors import ExpressionError, RenderError

PIECES = (
    *("{{ contact.name }}", "{{answers.age}}", "{{ n }}", "{{ answers.plan.price }}", "{{ gone.a.b }}"),
    *("{{ true }}", "{{ None }}", "{{ answers.not }}", "{{ loop }}", "{{ x.__class__ }}", "{{ _x }}", "{{ not }}"),
    *("{{ a | upper }}", "{{- n }}", "{{ a.0 }}", "{{ 1 }}", "{# no #}", "{% if n %}yes{% endif %}", "{{ contact }}"),
    *("{{ answers\n.age }}", "{{\tn\n}}", " ", "\n", "\r\n", "Hello", "%}", "á", "#}", "{{", "}}", "{", "}"),
)
VALUES = st.sampled_from([None, True, 0, 31, 2.0, 1e300, "", "Ana", " {{ n }}\n", [1, "b"], {"price": 3}])
SCOPES = st.fixed_dictionaries(
    {},
    optional={
        "n": VALUES,
        "a": VALUES,
        "contact": st.fixed_dictionaries({}, optional={"name": VALUES}),
        "answers": st.fixed_dictionaries({}, optional={"age": VALUES, "plan": VALUES, "not": VALUES}) | VALUES,
    },
)


def said(source: str, scope: dict[str, Any]) -> tuple[Any, ...]:
    missing: list[str] = []
    try:
        text = Text(source)
        return text.render(scope, missing.append), text.names, sorted(missing)
    except (ExpressionError, RenderError) as error:
        return (str(error),)


def whole(source: str, scope: dict[str, Any]) -> tuple[Any, ...]:
    try:
        found: Value = compile_value(source)
        return found(scope), found.names
    except (ExpressionError, RenderError) as error:
        return (str(error),)


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=6), scope=SCOPES)
@example(pieces=["{", "{{ n }}"], scope={"n": 1})
@example(pieces=["{{ n }}", "}"], scope={"n": 1})
def test_it_is_as_jinja_has_it(pieces: list[str], scope: dict[str, Any]) -> None:
    source = "".join(pieces)
    for look in (said, whole):
        quick = look(source, scope)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gaps, "parse", lambda source: None)
            assert quick == look(source, scope)


def test_each_missing_name_is_told_in_full() -> None:
    missing: list[str] = []
    text = Text("{{ answers.city }}, {{ contact.city }}, {{ answers.city }}")
    assert text.render({"contact": {}}, missing.append) == ", ,"
    assert missing == ["answers.city", "contact.city"]


def test_a_text_that_grows_is_refused() -> None:
    with pytest.raises(RenderError, match="grew over"):
        Text("{{ a }}{{ a }}").render({"a": "x" * 40_000})
