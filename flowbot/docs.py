"""The pages of docs/ that are made from the code: `python -m flowbot.docs` writes them, `--check` compares them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from inspect import cleandoc, getdoc
from pathlib import Path
from types import ModuleType

from marshmallow import Schema

PROJECT = Path(__file__).parent.parent
FOLDER = PROJECT / "docs"
PROBLEMS = "problems"  # the folder of the pages of problem codes
NOTE = "<!-- Made by `python -m flowbot.docs`: change the code instead, then run `make docs`. -->"


def errors() -> str:
    """Problem codes, from library/problems/: one table an area, each code with its page."""
    from .library.codes import AREAS, codes

    parts = [
        "# Problems\n",
        "What `flowbot check` and `flowbot test` can say. `flowbot explain CODE` prints one of these pages.\n",
    ]
    for area, title in AREAS.items():
        parts.append(f"## {title}\n")
        found = [code for code in codes().values() if code.area == area]
        rows = [(f"[{code.code}](problems/{code.code}.md)", code.level, code.meaning) for code in found]
        parts.append(_table(("code", "level", "meaning"), rows))
    return "\n".join(parts)


def problem(name: str) -> str:
    """The page of one code: what it means, wrong and right, and what `check` says of it."""
    from .library.codes import TESTS, codes
    from .transcript.trial import said

    code = codes()[name]
    door = "test" if code.area == TESTS else "check"
    parts = [f"# {name}\n", f"{code.meaning} ({code.level})\n"]
    parts += [f"{part.strip()}\n" for part in (code.why, code.fix) if part]
    if code.bad and not code.how:
        parts.append(f"Wrong, in `{code.file}`:\n\n{_fenced(code.bad)}\n")
    if told := said(code):
        parts.append(f"`flowbot {door}` says:\n\n{_fenced(told, 'text')}\n")
    if code.good:
        parts.append(f"Right:\n\n{_fenced(code.good)}\n")
    silence = f"To silence it at one line, where that is meant so: `# flowbot: ignore {name}`. " * (door == "check")
    parts.append(f"{silence}[All problems](../errors.md)")
    return "\n".join(parts)


def settings() -> str:
    """Settings of the environment, from settings.py."""
    from .settings import KNOWN

    rows = [(f"`{name}`", one.default, one.allowed, one.help) for name, one in KNOWN.items()]
    intro = "Read once, at the start, from the environment. A wrong one stops the start and says why.\n"
    return "\n".join(["# Settings\n", intro, _table(("name", "default", "takes", "what it is for"), rows)])


def keys() -> str:
    """Every key of the store, from store/keys.py."""
    from .store import keys as room
    from .store.keys import KEYS

    rows = [(f"`{one.pattern}`", one.type, one.what, one.lives) for one in KEYS]
    intro = f"{cleandoc(room.__doc__ or '')}\n"
    return "\n".join(["# Keys in the store\n", intro, _table(("key", "type", "what", "kept"), rows)])


def steps() -> str:
    """The verbs, from the docstrings of steps/."""
    from .editor.hover import sentences
    from .engine.outline import StepKeys
    from .steps import VERBS

    said = sentences()
    parts = ["# Steps\n", "What a step of a flow can do: one verb, one file in `flowbot/steps/`.\n"]
    parts += ["## Every step\n", f"{getdoc(StepKeys)}\n", _keys(StepKeys, said["step"])]
    for word, verb in VERBS.items():
        module: ModuleType = sys.modules[verb.__module__]
        parts.append(f"## {word}\n")
        parts.append(f"{getdoc(module) or ''}\n")
        told = {"ask": "What is asked.", **said["target"], **said["ask"], **said["verbs"]}
        told[word] = (getdoc(module) or "").partition("\n")[0]
        parts.append(_keys(verb.Schema, told))
    return "\n".join(parts)


def _keys(schema: type[Schema], said: Mapping[str, str]) -> str:
    """A table of a schema's keys, with what editors say of each."""
    names = [field.data_key or name for name, field in schema().fields.items()]
    return _table(("key", "what it is"), [(f"`{name}`", said[name]) for name in names])


def channels() -> str:
    """What each gateway asks of a channel in flowbot.yaml, from library/channels.py."""
    from .editor.hover import sentences
    from .library.channels import GATEWAYS, ChannelDoor

    said = sentences()["channel"]
    shared = [(f"`{name}`", said[name]) for name in ChannelDoor().fields]
    parts = ["# Channels\n", "A channel of `flowbot.yaml` is one business number on one gateway.\n"]
    parts.append(_table(("key of every channel", "what it is"), shared))
    for name, asks in GATEWAYS.items():
        parts.append(f"## {name}\n")
        rows = [(f"`{key}`", "needed", text) for key, text in asks.required.items()]
        rows += [(f"`{key}`", "", text) for key, text in asks.optional.items()]
        parts.append(_table(("key", "", "what it is"), rows) if rows else "Nothing of its own.\n")
        if asks.either:
            parts.append(f"And {' or '.join(f'`{key}`' for key in asks.either)}.\n")
        if asks.base_url:
            parts.append(f"`base_url` is {asks.base_url} unless given.\n")
        rate = f"{asks.rate:g} a second"
        parts.append(f"`rate` is {rate} unless given, in a sandbox {60 * asks.sandbox_rate:g} a minute.\n")
    return "\n".join(parts)


def picture(flow: str) -> str:
    """The picture of an example flow, as `flowbot graph` draws it."""
    from .engine.graph import draw
    from .library.load import load

    return draw(load(PROJECT, {}).flow(flow))


PAGES: Mapping[str, Callable[[], str]] = {
    "errors.md": errors,
    "settings.md": settings,
    "keys.md": keys,
    "steps.md": steps,
    "channels.md": channels,
    "images/identity.svg": partial(picture, "identity"),
    "images/support.svg": partial(picture, "support"),
    "images/survey.svg": partial(picture, "survey"),
}


@cache
def pages() -> Mapping[str, str]:
    """File name -> text, as the code now has it."""
    from .library.codes import codes

    made = {name: make() for name, make in PAGES.items()}
    made |= {f"{PROBLEMS}/{name}.md": problem(name) for name in codes()}
    return {name: f"{NOTE}\n\n{text.strip()}\n" for name, text in made.items()}


def stale() -> list[str]:
    """Pages that are missing, say something else than the code, or have no code any more."""
    return _stale(pages())


def _stale(made: Mapping[str, str]) -> list[str]:
    gone = [f"{PROBLEMS}/{one.name}" for one in sorted((FOLDER / PROBLEMS).glob("*.md"))]
    return [name for name in dict.fromkeys([*made, *gone]) if _read(FOLDER / name) != made.get(name)]


def main(arguments: list[str]) -> int:
    """Write the pages; with --check only compare them: 1 when one is out of date."""
    if "--check" in arguments:
        wrong = stale()
        for name in wrong:
            sys.stderr.write(f"docs/{name} is out of date: run `make docs`\n")
        return 1 if wrong else 0
    made = pages()
    for name in _stale(made):
        if name in made:
            (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(made[name], "utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _fenced(text: str, kind: str = "yaml") -> str:
    return f"```{kind}\n{text.rstrip()}\n```"


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
