"""What expressions compare with plain texts, for the linter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from jinja2 import nodes

from .sandbox import names_of, parse_bare, parse_text

_SAME = frozenset({"eq", "ne", "in", "notin"})


@lru_cache(maxsize=1024)
def compared(source: str, bare: bool) -> tuple[tuple[str, str], ...]:
    """The names that a text or a bare expression compares with texts, and these; ExpressionError if it cannot be read.

    >>> compared("answers.a == 'x' or answers.b in ['y', 'z'] or 'w' != answers.c", True)
    (('answers.a', 'x'), ('answers.b', 'y'), ('answers.b', 'z'), ('answers.c', 'w'))
    """
    tree = parse_bare(source.strip()) if bare else parse_text(source)
    compares = [tree] if isinstance(tree, nodes.Compare) else []
    return tuple(pair for one in (*compares, *tree.find_all(nodes.Compare)) for pair in _pairs(one))


def _pairs(tree: nodes.Compare) -> Iterator[tuple[str, str]]:
    if len(tree.ops) != 1 or tree.ops[0].op not in _SAME:
        return
    sides = (tree.expr, tree.ops[0].expr)
    for one, other in (sides, sides[::-1]):
        if isinstance(one, (nodes.Getattr, nodes.Getitem)):
            for name in names_of(one):
                yield from ((name, value) for value in _constants(other))


def _constants(tree: nodes.Expr) -> Iterator[str]:
    for one in tree.items if isinstance(tree, (nodes.List, nodes.Tuple)) else (tree,):
        if isinstance(one, nodes.Const) and isinstance(one.value, str):
            yield one.value
