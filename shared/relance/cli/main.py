"""`relance`: every command, each in a module of its own."""

import typer

from relance.cli import (
    backtest,
    bus,
    check,
    company,
    dead_letters,
    demo,
    doctor,
    forecast,
    imports,
    plans,
    run,
    services,
    templates,
    why,
)

app = typer.Typer(
    name="relance",
    help="Reminder plans for unpaid invoices, decided in Slack.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command()(demo.demo)
app.command()(company.init)
app.add_typer(company.db)
app.add_typer(company.member)
app.add_typer(company.customer)
app.command("import")(imports.import_)
app.command()(run.run)
app.command()(services.up)
app.command()(services.scheduler)
app.command()(services.dispatcher)
app.command()(services.bot)
app.add_typer(bus.app)
app.add_typer(plans.app)
app.add_typer(templates.app)
app.command()(backtest.backtest)
app.command()(forecast.forecast)
app.command()(why.why)
app.command()(check.check)
app.add_typer(dead_letters.app)
app.command()(doctor.doctor)


def main() -> None:
    """The entry point of the `relance` command."""
    app()


if __name__ == "__main__":
    main()
