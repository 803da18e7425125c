"""Jinja2, cut down to what a flow author needs and nobody can abuse.

Only values can be read: no attribute of a Python object, no call, no import, no macro. Comparisons go through
`compare`, arithmetic through `_Sandbox.call_binop`; loops, nesting and lengths are bounded. What a contact wrote is
only ever a value: `{{ 7*7 }}` in a message stays that text.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from jinja2 import ChainableUndefined, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..errors import ExpressionError
from .compare import OPERATORS, number
from .filters import FILTERS, TESTS, never
from .meter import paying, spend
from .plain import plain

T = TypeVar("T")

MAX_SOURCE = 16_384  # characters of one text or expression
MAX_OUTPUT = 65_536  # characters of one rendered text, or of any text on the way to it
MAX_LOOP = 200  # rounds of one loop
MAX_NESTING = 2  # loops within loops
MAX_DEPTH = 50  # of a tree: below what Python itself can compile
_MAX_NUMBER = 10**18
_LOOP_FACTS = {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth"}

_ALLOWED: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.List, nodes.Tuple, nodes.Dict),
    *(nodes.Pair, nodes.Keyword, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat),
    *(nodes.Filter, nodes.Test),
)
_REFUSED = {
    nodes.Call: "nothing can be called here; a filter may do it: now | plus('1d')",
    nodes.Pow: "** is not available",
    nodes.Include: "texts can't include one another",
}


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reads members of mappings and lists only, and computes with bounds."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%"])
    intercepted_unops = frozenset(["-", "+"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(name=attribute)
        if isinstance(obj, LoopContext) and attribute in _LOOP_FACTS:
            return getattr(obj, attribute)
        return self.undefined(name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping):
            return obj[argument] if isinstance(argument, str) and argument in obj else self.undefined(name=argument)
        if isinstance(obj, (list, tuple, str)) and isinstance(argument, (int, slice)):
            try:
                return obj[argument]
            except (IndexError, ValueError, TypeError):
                return self.undefined(name=str(argument))
        return self.undefined(name=str(argument))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return _concat(left, right)
        if operator == "+" and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
            return [*left, *right][:MAX_LOOP]
        return _calculate(operator, _operand(operator, left), _operand(operator, right))

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        value = _operand("*", arg)
        return None if value is None else -value if operator == "-" else value


def _operand(operator: str, value: Any) -> int | float | None:
    """Unset counts as 0 in a sum, so that a counter needs no first value; true and false count as 1 and 0."""
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, Undefined):
        return 0 if operator in "+-" else None
    return number(value)


def _calculate(operator: str, left: int | float | None, right: int | float | None) -> int | float | None:
    if left is None or right is None or (right == 0 and operator in ("/", "//", "%")):
        return None
    result: int | float
    match operator:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/":
            result = left / right
        case "//":
            result = left // right
        case _:
            result = left % right
    return result if abs(result) < _MAX_NUMBER else None


def _concat(*parts: Any) -> str:
    text = "".join(plain(part) for part in parts)
    spend(10 + len(text) // 20)
    if len(text) > MAX_OUTPUT:
        raise ExpressionError(f"a text grew over {MAX_OUTPUT} characters")
    return text


def _bounded(items: Any, weight: int = 1) -> Iterator[Any]:
    """The first items of a list; each round of the loop takes what its body weighs."""
    for item in list(items)[:MAX_LOOP] if isinstance(items, (list, tuple, Mapping)) else ():
        spend(5 + 4 * weight)
        yield item


def _sliced(value: Any, start: Any = None, stop: Any = None, step: Any = None) -> Any:
    """`value[1:3]`; Jinja2 would ask the value itself."""
    if not isinstance(value, (str, list, tuple)):
        return None
    spend(10 + len(value) // 10)
    try:
        return value[start:stop:step]
    except (TypeError, ValueError):
        return None


@pass_context
def _finalize(context: Context, value: Any) -> str:
    """What `{{ }}` prints: nothing for null, and for a name that is not set, which is reported."""
    if isinstance(value, Undefined):
        report = context.vars.get("__missing__")
        if report is not None and value._undefined_name is not None:
            report(str(value._undefined_name))
        return ""
    return plain(value)


def _make() -> _Sandbox:
    environment = _Sandbox(
        undefined=ChainableUndefined, finalize=_finalize, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )
    environment.globals.clear()
    paid = {name: paying(name, filter_) for name, filter_ in FILTERS.items()}
    environment.filters = {**paid, "~": _concat, "bounded": _bounded, "sliced": _sliced}
    environment.tests = {**TESTS, **{"=" + name: test for name, test in OPERATORS.items()}}
    return environment


ENVIRONMENT = _make()


def parse_text(source: str) -> nodes.Template:
    """The tree of a text with `{{ }}` in it; ExpressionError with a message for the author."""
    _check_length(source)
    return _guarded(lambda: ENVIRONMENT.parse(source))


def parse_bare(source: str) -> nodes.Expr:
    """The tree of a bare expression; ExpressionError with a message for the author."""
    _check_length(source)

    def parse() -> nodes.Expr:
        parser = Parser(ENVIRONMENT, source, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError(f"unexpected {parser.stream.current.value!r}", parser.stream.current.lineno)
        tree.set_environment(ENVIRONMENT)
        return tree

    return _guarded(parse)


def names_of(tree: nodes.Node) -> tuple[str, ...]:
    """The dotted names that a tree reads, e.g. `answers.city`, without those it sets itself.

    >>> names_of(parse_text("{% for x in vars.list %}{{ x.a ~ contact.name }}{% endfor %}{{ inputs['id'] }}"))
    ('contact.name', 'inputs.id', 'vars.list')
    """
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"} | {"loop"}
    if isinstance(tree, nodes.Name):
        return () if tree.name in own else (tree.name,)
    found: set[str] = set()
    _collect(tree, own, found)
    return tuple(sorted(found))


def least(tree: nodes.Node) -> int:
    """Characters that a text has whatever its names hold.

    >>> least(parse_text("Hello {{ contact.name }}!{% if vars.x %}Long{% else %}No{% endif %}"))
    9
    """
    if isinstance(tree, nodes.TemplateData):
        return len(tree.data)
    if isinstance(tree, nodes.If):
        ways = [tree.body, *(one.body for one in tree.elif_), tree.else_]
        return min(sum(map(least, way)) for way in ways)
    inner = tree.body if isinstance(tree, nodes.Template) else tree.nodes if isinstance(tree, nodes.Output) else ()
    return sum(map(least, inner))


def harden(tree: Any, loops: int = 0, depth: int = 0) -> Any:
    """The tree with comparisons, joins and loops led through our own bounded ones; refuses the rest."""
    _refuse(tree)
    depth += 1
    if depth > MAX_DEPTH:
        raise ExpressionError(f"line {tree.lineno}: nested more than {MAX_DEPTH} deep")
    if isinstance(tree, nodes.For):
        loops += 1
        if loops > MAX_NESTING:
            raise ExpressionError(f"line {tree.lineno}: loops may be nested {MAX_NESTING} deep")
    for name, value in list(tree.iter_fields()):
        if isinstance(value, list):
            setattr(tree, name, [_hardened(item, loops, depth) for item in value])
        elif isinstance(value, nodes.Node):
            setattr(tree, name, harden(value, loops, depth))
    return _replace(tree)


def _hardened(item: Any, loops: int, depth: int) -> Any:
    return harden(item, loops, depth) if isinstance(item, nodes.Node) else item


def _replace(tree: Any) -> Any:
    if isinstance(tree, nodes.Compare):
        return _compare(tree)
    if isinstance(tree, nodes.Getitem) and isinstance(tree.arg, nodes.Slice):
        part = tree.arg
        bounds = (one or nodes.Const(None, lineno=tree.lineno) for one in (part.start, part.stop, part.step))
        return _filter(tree.node, "sliced", *bounds)
    if isinstance(tree, nodes.Concat):
        return _filter(tree.nodes[0], "~", *tree.nodes[1:])
    if isinstance(tree, nodes.For):
        body = sum(1 for child in tree.body for _ in child.find_all(nodes.Node))
        tree.iter = _filter(tree.iter, "bounded", nodes.Const(body, lineno=tree.lineno))
    return tree


def _compare(tree: nodes.Compare) -> nodes.Expr:
    """`a < b <= c` as tests joined by and."""
    found: nodes.Expr | None = None
    left = tree.expr
    for operand in tree.ops:
        test: nodes.Expr = nodes.Test(left, "=" + operand.op, [operand.expr], [], None, None, lineno=tree.lineno)
        found = test if found is None else nodes.And(found, test, lineno=tree.lineno)
        left = operand.expr
    assert found is not None
    found.set_environment(ENVIRONMENT)
    return found


def _filter(node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Expr:
    made = nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)
    made.set_environment(ENVIRONMENT)
    return made


def _refuse(tree: Any) -> None:
    line = f"line {tree.lineno}: " if tree.lineno and tree.lineno > 1 else ""
    if not isinstance(tree, _ALLOWED):
        known = _REFUSED.get(type(tree), f"{type(tree).__name__.lower()} is not available in texts")
        raise ExpressionError(line + known)
    if isinstance(tree, nodes.For) and tree.recursive:
        raise ExpressionError(line + "recursive loops are not available")
    if isinstance(tree, nodes.Filter):
        _known(tree.name, FILTERS, "filter", line)
        _can_work(tree, line)
    if isinstance(tree, nodes.Test):
        _known(tree.name, TESTS, "test", line)
    if isinstance(tree, (nodes.Filter, nodes.Test)) and (tree.dyn_args or tree.dyn_kwargs):
        raise ExpressionError(line + "* and ** are not available")
    word = tree.name if isinstance(tree, nodes.Name) else tree.attr if isinstance(tree, nodes.Getattr) else ""
    if word.startswith("__") or (word == "self" and isinstance(tree, nodes.Name)):
        raise ExpressionError(f"{line}{word!r} is not a name")
    if isinstance(tree, nodes.Mul) and _is_text(tree):
        raise ExpressionError(line + "* multiplies numbers only")
    if isinstance(tree, nodes.Mod) and _is_text(tree):
        raise ExpressionError(line + "% divides numbers only; join texts with ~")


def _can_work(tree: nodes.Filter, line: str) -> None:
    """A filter whose constants can never work is told before anybody gets there."""
    given = [one.value for one in tree.args if isinstance(one, nodes.Const)]
    named = {str(pair.key): pair.value.value for pair in tree.kwargs if isinstance(pair.value, nodes.Const)}
    if len(given) == len(tree.args) and len(named) == len(tree.kwargs):
        wrong = never(tree.name, given, named)
        if wrong:
            raise ExpressionError(f"{line}{tree.name}: {wrong}")


def _is_text(tree: nodes.BinExpr) -> bool:
    sides = (tree.left, tree.right)
    return any(isinstance(side, nodes.List | nodes.Concat) or _is_text_constant(side) for side in sides)


def _is_text_constant(side: nodes.Node) -> bool:
    return isinstance(side, nodes.Const) and isinstance(side.value, str)


def _known(name: str, table: Mapping[str, Any], what: str, line: str) -> None:
    if name in table:
        return
    near = difflib.get_close_matches(name, table, 1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(sorted(table))}"
    raise ExpressionError(f"{line}unknown {what} {name!r}{hint}")


def _collect(tree: nodes.Node, own: set[str], found: set[str]) -> None:
    path = _path(tree)
    if path:
        if path[0] not in own:
            found.add(".".join(path))
        return
    for child in tree.iter_child_nodes():
        _collect(child, own, found)


def _path(tree: nodes.Node) -> tuple[str, ...]:
    if isinstance(tree, nodes.Name):
        return (tree.name,)
    if isinstance(tree, nodes.Getattr):
        parent = _path(tree.node)
        return (*parent, tree.attr) if parent else ()
    if isinstance(tree, nodes.Getitem) and isinstance(tree.arg, nodes.Const) and isinstance(tree.arg.value, str):
        parent = _path(tree.node)
        return (*parent, tree.arg.value) if parent else ()
    return ()


def _check_length(source: str) -> None:
    if len(source) > MAX_SOURCE:
        raise ExpressionError(f"longer than {MAX_SOURCE} characters")


_WORDED = {  # a part of what Jinja2 says -> what an author understands
    "'end of print statement'": "a `{{` is not closed with `}}`",
    "'end of statement block'": "a `{%` is not closed with `%}`",
    "looking for the following tags: 'elif'": "an `{% if %}` is not closed with `{% endif %}`",
    "looking for the following tags: 'endfor'": "a `{% for %}` is not closed with `{% endfor %}`",
    "unexpected 'end of template'": "it ends too early",
    "unexpected '='": "unexpected '='; to compare write ==",
    "unexpected '}'": "a `{{` is not closed with `}}`",
    "unexpected char '“'": "unexpected '“'; write straight quotes: 'text'",
    "unexpected char '”'": "unexpected '”'; write straight quotes: 'text'",
    "unexpected char '‘'": "unexpected '‘'; write straight quotes: 'text'",
    "unexpected char '’'": "unexpected '’'; write straight quotes: 'text'",
    "unexpected '&'": "unexpected '&'; write and",
    "unexpected char '&'": "unexpected '&'; write and",
    "unexpected '|'": "unexpected '|'; write or",
    "unexpected '!'": "unexpected '!'; write not",
    "unexpected char '!'": "unexpected '!'; write not",
}


def _worded(message: str) -> str:
    """
    >>> _worded("unexpected end of template, expected 'end of print statement'.")
    'a `{{` is not closed with `}}`'
    """
    return next((said for part, said in _WORDED.items() if part in message), message.rstrip("."))


def _guarded(parse: Callable[[], T]) -> T:
    try:
        return parse()
    except TemplateSyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno > 1 else ""
        raise ExpressionError(where + _worded(error.message or "cannot be read")) from None
    except (RecursionError, ValueError, OverflowError) as error:
        raise ExpressionError(f"cannot be read: {type(error).__name__}") from None
