"""What an editor says about a key: the promise of a verb's own file, and the sentences of hover.yaml."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from inspect import cleandoc
from typing import Any

from ..library.yaml import read_yaml
from ..steps import VERBS
from .shapes import Shape, told


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Place -> key -> sentence."""
    source = read_yaml("hover.yaml", files(__package__).joinpath("hover.yaml").read_bytes()).source
    assert source is not None, "the package's own hover.yaml cannot be read"
    found: Mapping[str, Mapping[str, str]] = source.data
    return found


def explained(place: str, properties: Mapping[str, Shape]) -> dict[str, Shape]:
    """The properties, each with its sentence where there is one."""
    known = sentences().get(place, {})
    return {key: told(shape, known.get(key, "")) for key, shape in properties.items()}


def verb(word: str, shape: Shape) -> Shape:
    """A verb's key, with its file's docstring: one line, and the whole with its example."""
    text = doc(word)
    return told(shape, text.partition("\n")[0], long=text)


def doc(word: str) -> str:
    """
    >>> doc("say").partition("\\n")[0]
    'Send a content entry, or several.'
    """
    kind: Any = VERBS[word]
    return cleandoc(sys.modules[kind.__module__].__doc__ or "")
