"""`relance plan`: check, apply, export and list plans and presets."""

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
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncConnection

    from relance.domain.plans import Plan
    from relance.plan_files import Mistake, Reading
    from relance.rendering.templates import Template
    from relance.store.plans import StoredTemplate
    from relance_scheduler.plans import Applied

app = typer.Typer(name="plan", help="Reminder plans as files.", no_args_is_help=True)

FileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="A plan's YAML file, or the name of a preset.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="Of a preset: en or fr.", show_default=False)
]


@app.command()
def check(
    file: FileArgument,
    language: LanguageOption = None,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Print every mistake of a plan with its place; with a database, look at its templates too."""
    source = _source(file, language or "en")
    reading = asyncio.run(_read(source, database, organisation))
    _show_mistakes(file, reading.mistakes)
    if reading.document is None:
        raise typer.Exit(1)
    typer.echo(f"{file}: a good plan, {_count(len(reading.document.get('steps', ())), 'step')}")


@app.command()
def apply(
    file: FileArgument,
    language: LanguageOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Make a plan of a file, or its next version where something changed."""
    asyncio.run(_apply(file, language, dry_run, database, organisation))


@app.command()
def export(
    key: Annotated[str, typer.Argument(help="The plan's key.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file, instead of the screen.")
    ] = None,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Write a plan as the file that would make it again."""
    from relance.domain.documents import document_of
    from relance.plan_files import write_plan

    plans = asyncio.run(_plans(database, organisation))
    if key not in plans:
        refuse(f"There is no plan “{key}”; there are: {', '.join(plans) or 'none yet'}.")
    text = write_plan(document_of(plans[key][0]))
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        refuse(f"{output} cannot be written: {error.strerror}")


@app.command("list")
def list_all(database: DatabaseOption = None, organisation: OrganisationOption = None) -> None:
    """List the plans with their version and how many customers follow them."""
    from rich.console import Console
    from rich.table import Table

    table = Table("plan", "name", "version", "kind", "steps", "customers", "state")
    for plan, followers in asyncio.run(_plans(database, organisation)).values():
        state = "paused" if plan.pause else "active" if plan.active else "off"
        steps = str(len(plan.steps))
        table.add_row(
            plan.key, plan.name, str(plan.version), plan.kind, steps, str(followers), state
        )
    Console().print(table)


@app.command()
def presets(
    name: Annotated[str | None, typer.Argument(help="Print this one's file.")] = None,
    language: LanguageOption = None,
) -> None:
    """List the plans that ship, or print one."""
    from relance.plan_files import LANGUAGES, PRESETS, preset, read_plan

    if name is not None:
        if name not in PRESETS:
            refuse(f"There is no preset “{name}”; there are: {', '.join(PRESETS)}.")
        typer.echo(_source(name, language or "en"), nl=False)
        return
    for key in PRESETS:
        for code in (language,) if language else LANGUAGES:
            document = read_plan(preset(key, _known_language(code))).document or {}
            typer.echo(f"{key:14} {code}  {document['name']}")


async def _apply(
    file: str, language: str | None, dry_run: bool, url: str | None, name: str | None
) -> None:
    from relance.store.organisations import load_organisations

    async with open_database(url, service="scheduler") as database, database.write() as tx:
        organisation = await find_organisation(tx, name)
        usual = (await load_organisations(tx, [organisation]))[organisation].language
        source = _source(file, language or ("fr" if usual.startswith("fr") else "en"))
        reading = await _read_in(tx, source, organisation)
        _show_mistakes(file, reading.mistakes)
        if reading.document is None:
            refuse("Nothing was applied.")
        await _apply_in(tx, organisation, reading)
        if dry_run:
            await tx.rollback()
            typer.echo("A dry run: nothing was changed.")


async def _apply_in(tx: AsyncConnection, organisation: UUID, reading: Reading) -> None:
    """A shipped template that the plan names and the organisation lacks comes with the plan."""
    from relance.clock import WallClock
    from relance.store.plans import followers
    from relance_scheduler.plans import apply as apply_plan
    from relance_scheduler.plans import apply_templates

    document = reading.document or {}
    named = {step.get("template") for step in document.get("steps", ())}
    shipped = [template for template in _shipped() if template.key in named]
    added = await apply_templates(tx, organisation, shipped, replace=False)
    applied = await apply_plan(tx, organisation, document, None, WallClock().now())
    _show_applied(applied, (await followers(tx, organisation)).get(applied.plan, 0))
    if added:
        typer.echo(f"  templates added: {', '.join(f'{key} ({code})' for key, code in added)}")


async def _read(source: str | bytes, url: str | None, name: str | None) -> Reading:
    from relance.plan_files import read_plan

    if url is None:
        return read_plan(source, _keys(_shipped()))
    async with open_database(url, service="scheduler") as database, database.read() as tx:
        return await _read_in(tx, source, await find_organisation(tx, name))


async def _read_in(tx: AsyncConnection, source: str | bytes, organisation: UUID) -> Reading:
    from relance.plan_files import read_plan
    from relance.store.organisations import load_members
    from relance.store.plans import load_templates

    stored = (await load_templates(tx, organisation)).values()
    members = [member.email for member in await load_members(tx, organisation)]
    return read_plan(source, _keys([*_shipped(), *stored]), members)


async def _plans(url: str | None, name: str | None) -> dict[str, tuple[Plan, int]]:
    """The plans by key, each with the number of customers that follow it."""
    from relance.store.plans import followers, list_plans

    async with open_database(url, service="scheduler") as database, database.read() as tx:
        house = await find_organisation(tx, name)
        following = await followers(tx, house)
        return {plan.key: (plan, following.get(plan.id, 0)) for plan in await list_plans(tx, house)}


def _source(file: str, language: str) -> str | bytes:
    """What a file holds, or a preset, where no file has its name."""
    from relance.plan_files import PRESETS, preset

    if file in PRESETS and not Path(file).exists():
        return preset(file, _known_language(language))
    try:
        return Path(file).read_bytes()
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}. Presets are {', '.join(PRESETS)}.")


def _known_language(language: str) -> str:
    from relance.plan_files import LANGUAGES

    if language not in LANGUAGES:
        refuse(f"There are no presets in “{language}”: use {' or '.join(LANGUAGES)}.")
    return language


def _shipped() -> tuple[Template, ...]:
    from relance.rendering.templates import shipped

    return shipped()


def _keys(templates: Iterable[Template | StoredTemplate]) -> dict[str, set[str]]:
    keys: dict[str, set[str]] = {}
    for template in templates:
        keys.setdefault(str(template.channel), set()).add(template.key)
    return keys


def _show_mistakes(file: str, mistakes: Sequence[Mistake]) -> None:
    for mistake in mistakes:
        kind = "warning: " if mistake.warning else ""
        mend = f" ({mistake.mend})" if mistake.mend else ""
        where = f"{mistake.path}: " if mistake.path else ""
        place = f"{file}:{mistake.line}:{mistake.column}"
        typer.echo(f"{place}: {kind}{where}{mistake.message}{mend}")


def _show_applied(applied: Applied, followers: int) -> None:
    follow = f"{_count(followers, 'customer')} {'follows' if followers == 1 else 'follow'} it"
    if applied.is_new:
        typer.echo(f"{applied.key}: new, version 1")
        return
    if applied.is_unchanged:
        typer.echo(f"{applied.key}: unchanged, version {applied.version}; {follow}")
        return
    typer.echo(f"{applied.key}: version {applied.from_version} -> {applied.version}; {follow}")
    changes = applied.changes
    for verb, names in (
        ("added", changes.added),
        ("removed", changes.removed),
        ("moved", changes.moved),
        ("changed", [f"{key} ({', '.join(names)})" for key, names in changes.changed.items()]),
        ("of the plan itself", changes.fields),
    ):
        if names:
            typer.echo(f"  {verb}: {', '.join(names)}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
