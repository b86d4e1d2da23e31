"""`relance template`: a company's own texts, checked before they are ever sent."""

from __future__ import annotations  # the types below are slow to load

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.stores import (
    DatabaseOption,
    OrganisationOption,
    find_organisation,
    open_database,
    refuse,
)

if TYPE_CHECKING:
    from relance.rendering.templates import Template

app = typer.Typer(name="template", help="The texts of messages as files.", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Argument(help="Holds fr/first-reminder.md, en/first-reminder.md and so on.")
]


@app.command()
def check(folder: Folder) -> None:
    """Lists every mistake of every file, with its line."""
    found = _checked(folder)
    typer.echo(f"{folder}: {len(found)} good templates")


@app.command()
def apply(
    folder: Folder,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change.")] = False,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Takes the files in; cards that wait with a changed text show the new one at once."""
    asyncio.run(_apply(_checked(folder), dry_run, database, organisation))


@app.command()
def export(
    folder: Folder, database: DatabaseOption = None, organisation: OrganisationOption = None
) -> None:
    """Writes the company's texts into a folder, to be changed and applied."""
    asyncio.run(_export(folder, database, organisation))


def _checked(folder: Path) -> list[Template]:
    """The folder's templates; ends the command when any has a mistake."""
    from relance.rendering import check as check_template
    from relance.rendering import in_file, load_folder

    if not folder.is_dir():
        refuse(f"There is no folder {folder}.")
    try:
        templates, wrong = load_folder(folder)
    except UnicodeDecodeError:
        refuse("A file is not UTF-8 text: save it as UTF-8.")
    mistakes = dict(wrong)
    for template in templates:
        name = f"{template.language}/{template.key}.md"
        text = (folder / name).read_text("utf-8")
        if found := in_file(check_template(template), text):
            mistakes[name] = found
    for name, found in sorted(mistakes.items()):
        for mistake in found:
            place = f"{mistake.line}:{mistake.column}" if mistake.column else f"{mistake.line}"
            typer.echo(f"{folder / name}:{place}: {mistake.message}", err=True)
    if mistakes:
        refuse("Nothing was applied.")
    if not templates:
        refuse(f"{folder} holds no template: they lie in folders fr and en, as files KEY.md.")
    return list(templates)


async def _apply(
    templates: list[Template], dry_run: bool, url: str | None, name: str | None
) -> None:
    from relance.clock import WallClock
    from relance_scheduler.plans import apply_templates
    from relance_scheduler.texts import show_new_texts

    async with open_database(url, service="scheduler") as database, database.write() as tx:
        organisation = await find_organisation(tx, name)
        written = await apply_templates(tx, organisation, templates)
        cards = await show_new_texts(tx, organisation, written, WallClock().now())
        for key, language in written:
            typer.echo(f"  {key} ({language})")
        typer.echo(f"{len(written)} templates changed; {cards} waiting cards show the new text.")
        if dry_run:
            await tx.rollback()
            typer.echo("A dry run: nothing was changed.")


async def _export(folder: Path, url: str | None, name: str | None) -> None:
    from relance.rendering import Template, dump
    from relance.store.plans import load_templates

    async with open_database(url, service="scheduler") as database, database.read() as tx:
        stored = await load_templates(tx, await find_organisation(tx, name))
    try:
        for text in stored.values():
            file = folder / text.language / f"{text.key}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            template = Template(
                key=text.key,
                channel=text.channel.value,
                language=text.language,
                subject=text.subject,
                body=text.body,
            )
            file.write_text(dump(template), "utf-8")
    except OSError as error:
        refuse(f"{folder} cannot be written: {error.strerror}")
    typer.echo(f"{len(stored)} templates are in {folder}.")
