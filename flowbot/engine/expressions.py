"""Expressions and texts of an author, compiled once.

>>> compile_expression("answers.city == 'bogota' and answers.age >= 18")({"answers": {"city": "Bogotá", "age": 20}})
True
>>> compile_expression("answers.age > 18")({"answers": {"age": "many"}})
False
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from jinja2 import Template, TemplateError, nodes
from jinja2.environment import TemplateExpression

from ..errors import ExpressionError, RenderError
from . import gaps
from .meter import measured
from .sandbox import ENVIRONMENT, MAX_OUTPUT, harden, least, names_of, parse_bare, parse_text

T = TypeVar("T")
Scope = Mapping[str, Any]
Report = Callable[[str], None]
_KEPT = 8192  # the same text is looked at by the compiler, the linter and every flow that shares it


class Expression:
    """A bare expression: called with a scope it gives its value, null when a name is not set."""

    __slots__ = ("_run", "_tree", "names", "source")

    def __init__(self, source: str, tree: nodes.Expr) -> None:
        self.source = source
        self.names = names_of(tree)  # dotted, sorted: what it reads
        body: list[nodes.Node] = [nodes.Assign(nodes.Name("result", "store", lineno=1), harden(tree), lineno=1)]
        self._tree = nodes.Template(body, lineno=1)
        self._run: TemplateExpression | None = None  # built at the first call: `check` and a start do without

    def __call__(self, scope: Scope) -> Any:
        try:
            if self._run is None:
                self._run = TemplateExpression(_built(self._tree), True)
            return measured(self._run, scope)
        except ExpressionError:
            raise
        except Exception as error:
            raise ExpressionError(f"{self.source}: {error}") from None

    def holds(self, scope: Scope) -> bool:
        """Whether it is true; empty and null are not."""
        return bool(self(scope))


class Text:
    """A text with `{{ }}` in it; a text without costs nothing to render."""

    __slots__ = ("_constant", "_gaps", "_template", "_tree", "names", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: tuple[str, ...] = ()
        self._constant = source.strip()
        self._gaps: gaps.Parts | None = None
        self._tree: nodes.Template | None = None
        self._template: Template | None = None  # built at the first rendering
        if "{{" not in source and "{%" not in source and "{#" not in source:
            return
        self._gaps = gaps.parse(source)
        if self._gaps is not None:
            self.names = tuple(sorted({".".join(part) for part in self._gaps if not isinstance(part, str)}))
            return
        tree = parse_text(source)
        self.names = names_of(tree)
        self._tree = _harden(tree)

    @property
    def is_constant(self) -> bool:
        return self._gaps is None and self._tree is None

    @property
    def least(self) -> int:
        """Characters that it has whatever its names hold."""
        if self._gaps is not None:
            return sum(len(part) for part in self._gaps if isinstance(part, str))
        return len(self._constant) if self._tree is None else least(self._tree)

    def render(self, scope: Scope, report: Report | None = None) -> str:
        """The text, outer spaces taken away; `report` is called with each name that is not set, once."""
        if self._gaps is None and self._tree is None:
            return self._constant
        missing: dict[str, None] = {}
        try:
            if self._gaps is None:
                found = measured(self._fill, scope, missing)
            else:
                found = gaps.fill(self._gaps, scope, missing)
        except (ExpressionError, RenderError) as error:
            raise RenderError(str(error)) from None
        except Exception as error:
            raise RenderError(f"{type(error).__name__}: {error}") from None
        if missing and report:
            for name in missing:
                report(self._full(name))
        return found.strip()

    def _fill(self, scope: Scope, missing: dict[str, None]) -> str:
        if self._template is None:
            assert self._tree is not None
            self._template = _built(self._tree)
        template = self._template
        context = template.new_context(dict(scope), shared=True)
        context.vars["__missing__"] = lambda name: missing.setdefault(name)
        parts, length = [], 0
        for part in template.root_render_func(context):
            length += len(part)
            if length > MAX_OUTPUT:
                raise RenderError(f"the text grew over {MAX_OUTPUT} characters")
            parts.append(part)
        return "".join(parts)

    def _full(self, name: str) -> str:
        """`answers.city` for the `city` that was missing."""
        return next((full for full in self.names if name in (full, full.rpartition(".")[2])), name)


class Value:
    """A value of YAML with `{{ }}` anywhere in it; `{{ x }}` alone keeps the type of x."""

    __slots__ = ("_give", "is_constant", "names")

    def __init__(self, give: Callable[[Scope], Any], names: tuple[str, ...], is_constant: bool) -> None:
        self._give = give
        self.names = names
        self.is_constant = is_constant

    def __call__(self, scope: Scope) -> Any:
        return self._give(scope)


@lru_cache(maxsize=_KEPT)
def compile_expression(source: str) -> Expression:
    """ExpressionError, with a message for the author, when it cannot be read or does what it may not.

    >>> compile_expression("answers.a ~ inputs['b']").names
    ('answers.a', 'inputs.b')
    """
    tree = parse_bare(str(source).strip())
    return _guarded(lambda: Expression(str(source), tree))


@lru_cache(maxsize=_KEPT)
def compile_text(source: str) -> Text:
    """
    >>> compile_text("Hola{{ ', ' ~ contact.name if contact.name }}.").render({"contact": {"name": "Ana"}})
    'Hola, Ana.'
    """
    return _guarded(lambda: Text(source))


def compile_value(value: Any) -> Value:
    """
    >>> compile_value({"n": "{{ vars.n + 1 }}", "to": "a-{{ vars.n }}", "k": 3})({"vars": {"n": 4}})
    {'n': 5, 'to': 'a-4', 'k': 3}
    """
    if isinstance(value, str):
        return _text_value(value)
    if isinstance(value, Mapping):
        members = {str(key): compile_value(item) for key, item in value.items()}
        return _joined(
            tuple(members.values()), lambda scope: {key: give(scope) for key, give in members.items()}, dict(value)
        )
    if isinstance(value, (list, tuple)):
        items = tuple(compile_value(item) for item in value)
        return _joined(items, lambda scope: [give(scope) for give in items], list(value))
    return Value(lambda scope: value, (), True)


def compile_with(members: Mapping[str, Any]) -> Value:
    """As `with:` passes things on: what is null drops out.

    >>> compile_with({"a": "{{ answers.a }}", "b": 1})({"answers": {}})
    {'b': 1}
    """
    whole = compile_value(members)

    def give(scope: Scope) -> dict[str, Any]:
        return {key: item for key, item in whole(scope).items() if item is not None}

    return Value(give, whole.names, whole.is_constant)


def _joined(parts: tuple[Value, ...], give: Callable[[Scope], Any], constant: Any) -> Value:
    if all(part.is_constant for part in parts):
        return Value(lambda scope: constant, (), True)
    return Value(give, tuple(sorted({name for part in parts for name in part.names})), False)


def _text_value(source: str) -> Value:
    if "{{" not in source and "{%" not in source:
        return Value(lambda scope: source, (), True)
    parts = gaps.parse(source.strip())
    if parts is not None and len(parts) == 1 and not isinstance(parts[0], str):
        name = parts[0]
        return Value(lambda scope: _read(name, scope), (".".join(name),), False)
    alone = _alone(source) if parts is None else None
    if alone is not None:
        expression = _guarded(lambda: Expression(source, alone))
        return Value(lambda scope: _kept(expression(scope)), expression.names, False)
    text = compile_text(source)
    return Value(text.render, text.names, False)


def _read(name: gaps.Name, scope: Scope) -> Any:
    value = gaps.value_of(name, scope)
    return None if value is gaps.UNSET else _kept(value)


def _kept(value: Any) -> Any:
    """What is kept is of JSON's types: a time is its ISO text."""
    return value.isoformat() if isinstance(value, date) else value


def _alone(source: str) -> nodes.Expr | None:
    """The tree of x when the source is `{{ x }}` and nothing else."""
    body = parse_text(source.strip()).body
    if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
        only = body[0].nodes[0]
        return None if isinstance(only, nodes.TemplateData) else only
    return None


def _harden(tree: nodes.Template) -> nodes.Template:
    hardened: nodes.Template = harden(tree)
    return hardened


def _built(tree: nodes.Template) -> Template:
    tree.set_environment(ENVIRONMENT)
    return ENVIRONMENT.from_string(tree)


def _guarded(build: Callable[[], T]) -> T:
    try:
        return build()
    except TemplateError as error:
        raise ExpressionError(str(error)) from None
    except (RecursionError, SyntaxError, MemoryError, OverflowError, ValueError) as error:
        raise ExpressionError(f"too complex: {type(error).__name__}") from None
