"""`relance init`, `db`, `member`, `customer`: setting a company up on its own database."""

from __future__ import annotations  # the types below are slow to load

import asyncio
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
    from collections.abc import Sequence

    from relance_scheduler.founding import Founder, NewMember

db = typer.Typer(name="db", help="The database's schema.", no_args_is_help=True)
member = typer.Typer(name="member", help="Colleagues and what they may do.", no_args_is_help=True)
customer = typer.Typer(name="customer", help="Which customers are reminded.", no_args_is_help=True)

SlackUser = Annotated[
    str | None, typer.Option("--slack-user", help="Slack's identifier, such as U012ABCDEF.")
]
SlackTeam = Annotated[
    str | None, typer.Option("--slack-team", help="The workspace's, such as T012ABCDEF.")
]


def init(
    name: Annotated[str, typer.Option("--name", help="The company that collects.", prompt=True)],
    sender: Annotated[
        str, typer.Option("--sender", help="The address reminders come from.", prompt=True)
    ],
    admin_name: Annotated[str, typer.Option("--admin-name", prompt="Name of the first admin")],
    admin_email: Annotated[str, typer.Option("--admin-email", prompt="Address of the first admin")],
    country: Annotated[str, typer.Option(help="For public holidays, such as FR.")] = "FR",
    zone: Annotated[str, typer.Option(help="Time zone, such as Europe/Paris.")] = "Europe/Paris",
    language: Annotated[str, typer.Option(help="en or fr.")] = "fr",
    currency: Annotated[str, typer.Option(help="Such as EUR.")] = "EUR",
    slack_user: SlackUser = None,
    slack_team: SlackTeam = None,
    database: DatabaseOption = None,
) -> None:
    """Makes the database ready and writes the company, its first admin, plans and templates."""
    from relance.domain.people import Role
    from relance_scheduler.founding import Founder, NewMember

    if not name.strip():
        refuse("The company needs a name.")
    _check_place(country, zone, language, currency)
    company = Founder(
        name=name,
        sender_email=_address(sender),
        country=country,
        zone=zone,
        language=language,
        currency=currency.upper(),
    )
    admin = NewMember(
        name=admin_name,
        email=_address(admin_email),
        roles=(Role.ADMIN,),
        slack=_slack(slack_team, slack_user),
    )
    asyncio.run(_init(company, admin, database))


@db.command()
def upgrade(database: DatabaseOption = None) -> None:
    """Brings the database to this release's schema; several may run it at once."""

    async def run() -> None:
        from relance.store import schema

        async with open_database(database, service="scheduler", new=True) as store:
            found = await schema.standing(store)
            if found is schema.Standing.CURRENT:
                typer.echo("The schema is this release's already.")
                return
            if found is schema.Standing.NEWER:
                typer.echo("The schema is the next release's: this one works on it as it is.")
                return
            await schema.upgrade(store)
            typer.echo("The schema is this release's now.")

    asyncio.run(run())


@member.command()
def add(
    name: str,
    email: str,
    role: Annotated[
        list[str], typer.Option("--role", help="collector, lead or admin; may be repeated.")
    ] = ["collector"],  # noqa: B006 - typer copies it
    slack_user: SlackUser = None,
    slack_team: SlackTeam = None,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Adds a colleague. Without a Slack identifier the bot finds them by their address."""
    from relance.domain.people import Role
    from relance_scheduler.founding import NewMember

    known = [r.value for r in Role]
    for given in role:
        if given not in known:
            refuse(f"“{given}” is no role; there are: {', '.join(known)}.")
    new = NewMember(
        name=name,
        email=_address(email),
        roles=tuple(Role(given) for given in role),
        slack=_slack(slack_team, slack_user),
    )
    asyncio.run(_add_member(new, database, organisation))


@customer.command()
def enable(
    reference: Annotated[list[str] | None, typer.Argument(help="Their references.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every customer.")] = False,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Has these customers reminded from their next slot on (F31)."""
    _switch(reference, everyone, True, database, organisation)


@customer.command()
def disable(
    reference: Annotated[list[str] | None, typer.Argument(help="Their references.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every customer.")] = False,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Stops reminding these customers at once, whatever their plan."""
    _switch(reference, everyone, False, database, organisation)


async def _init(company: Founder, admin: NewMember, url: str | None) -> None:
    from relance.clock import WallClock
    from relance.store import schema
    from relance.store.organisations import organisation_names
    from relance_scheduler.founding import add_members, found

    async with open_database(url, service="scheduler", new=True) as database:
        await schema.upgrade(database)
        async with database.write() as tx:
            if company.name in await organisation_names(tx):
                refuse(f"There is a company “{company.name}” in this database already.")
            organisation = await found(tx, company, WallClock().now())
            await add_members(tx, organisation, [admin])
    typer.echo(f"{company.name} is set up, with {admin.name} as its first admin.")
    typer.echo("Next: relance import FILE, relance customer enable --all, relance run")


async def _add_member(new: NewMember, url: str | None, organisation: str | None) -> None:
    from sqlalchemy.exc import IntegrityError

    from relance_scheduler.founding import add_members

    async with open_database(url, service="scheduler") as database:
        try:
            async with database.write() as tx:
                await add_members(tx, await find_organisation(tx, organisation), [new])
        except IntegrityError:
            refuse("There is a member of that address, or of that Slack identifier, already.")
    typer.echo(f"{new.name} is a {', '.join(new.roles)} now.")


def _switch(
    references: list[str] | None,
    everyone: bool,
    enabled: bool,
    url: str | None,
    organisation: str | None,
) -> None:
    if bool(references) == everyone:
        refuse("Name customers by their references, or say --all.")
    asyncio.run(_switch_in(references or (), enabled, url, organisation))


async def _switch_in(
    references: Sequence[str], enabled: bool, url: str | None, name: str | None
) -> None:
    from relance.clock import WallClock
    from relance_scheduler.activation import switch

    async with open_database(url, service="scheduler") as database, database.write() as tx:
        organisation = await find_organisation(tx, name)
        switched = await switch(tx, organisation, references, enabled, WallClock().now())
        if switched.unknown:  # refusing ends the transaction without a change
            refuse(f"There is no customer {', '.join(switched.unknown)}; nothing was changed.")
    word = "enabled" if enabled else "disabled"
    typer.echo(f"{switched.changed} customers are {word} now, {switched.unchanged} were before.")


def _slack(team: str | None, user: str | None) -> tuple[str, str] | None:
    if bool(team) != bool(user):
        refuse("Give --slack-user and --slack-team together, or neither.")
    return (team, user) if team and user else None


def _address(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        refuse(f"“{text}” is no e-mail address: {error}")


def _check_place(country: str, zone: str, language: str, currency: str) -> None:
    from relance.store.organisations import find_zone, public_holidays
    from relance_scheduler.ledger.cells import BadCell, read_currency

    try:
        find_zone(zone)
    except ValueError as error:
        refuse(f"{error}.")
    try:
        known = read_currency(currency)
    except BadCell as error:
        refuse(f"{error}.")
    if not known:
        refuse("The company needs a currency: write its ISO 4217 code, such as EUR.")
    try:
        public_holidays(country.upper())
    except NotImplementedError:
        refuse(f"No public holidays are known for “{country}”; write a code such as FR.")
    if language not in ("en", "fr"):
        refuse("The language is en or fr.")
