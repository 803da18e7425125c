"""`flowbot content export` and `import`: translations as PO or CSV files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
import orjson

from ..engine.locale import is_language
from ..errors import ParseError, ProjectError
from ..library.words import po, sheet
from ..library.words.edit import edited
from ..library.words.intake import take
from ..library.words.keep import keep
from ..library.words.line import lines
from ..library.words.record import FILE, as_file, read_marks
from ..library.words.status import translations
from .content_extract import open_library
from .options import as_json, tell

FORMATS = {"po": po, "csv": sheet}


@click.command("export")
@click.argument("flow", default="")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), required=True)
@click.option("--lang", required=True, help="The language to translate to.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@as_json
@click.pass_context
def export_(
    context: click.Context,
    flow: str,
    form: str,
    lang: str,
    output: Path | None,
    project: Path | None,
    as_json: bool,
) -> None:
    """Print what FLOW (default: all flows, and common.yaml) says, with its translation so far, for a translator.

    Media and words to understand (`words`, aliases) are not in it. With --json the same is told as data.
    """
    if not is_language(lang):
        raise click.UsageError(f"'{lang}' is no language; write it like es or pt-BR")
    library = open_library(context, project)
    found = list(translations(library, flow, lang))
    if not found:
        raise click.UsageError(f"there is nothing to translate to '{lang}'" + (f" in '{flow}'" if flow else ""))
    try:
        texts = list(lines(found, read_marks(library.root)))
        made = FORMATS[form].write(texts, lang)
        if output is not None:
            output.write_bytes(made)
    except (ProjectError, OSError) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        rows = [{name: value for name, value in asdict(one).items() if name != "at"} for one in texts]
        data = {"lang": lang, "file": str(output) if output else None, "texts": rows}
        click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
    elif output is None:
        click.echo(made, nl=False)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", help="Default: as the file says.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken and refused, and change nothing.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@as_json
@click.pass_context
def import_(
    context: click.Context, file: Path, lang: str | None, dry_run: bool, project: Path | None, as_json: bool
) -> None:
    """Take the translations of FILE (.po or .csv) into content/LANGUAGE/. Entries that did not change stay as they are.

    A line that cannot be used is refused with its reason; the others are taken. Exit code 1: something was refused.
    """
    library = open_library(context, project)
    form = po if file.suffix.lower() in (".po", ".pot") else sheet
    try:
        told, found = form.read(file.read_bytes())
        lang = lang or told
        if not is_language(lang):
            raise click.UsageError("which language is it? name it with --lang")
        marks = read_marks(library.root)
        intakes = take(list(translations(library, lang=lang)), found, marks)
        files = {}
        for one in intakes:
            name = f"content/{lang}/{one.one.stem}.yaml"
            path = library.root / name
            if one.changes:
                files[name] = edited(name, path.read_bytes() if path.is_file() else b"", one.changes)
            if one.taken:
                one.note(marks)
                files[FILE] = as_file(marks)
        if not dry_run:
            keep(library.root, files)
    except ParseError as error:
        raise click.ClickException(f"{file}: {error}") from None
    except (ProjectError, OSError) as error:
        raise click.ClickException(f"{error}; nothing is changed") from None
    refused = sorted(row for one in intakes for row in one.refused)
    for line, what, reason in refused:
        click.echo(f"{file}:{line}: {what}: {reason}", err=True)
    taken = sorted(f"{one.one.stem}:{name}" for one in intakes for name in one.taken)
    rows = [{"line": line, "context": what, "reason": reason} for line, what, reason in refused]
    data = {"lang": lang, "taken": taken, "refused": rows, "files": sorted(files)}
    tell(as_json, data, f"{len(taken)} translations taken, {len(refused)} refused")
    context.exit(1 if refused else 0)
