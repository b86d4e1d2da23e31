"""A back-test on a terminal: tables by step and month, who was contacted most, plans compared."""

from collections.abc import Callable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from relance.backtest.figures import Figures
from relance.backtest.trial import Question, Trial
from relance.domain.plans import Channel, Phase
from relance.reporting.texts import bar, said_count, said_share, said_totals, sparks

_MOST_CUSTOMERS = 10
_BAR = 24

Line = tuple[str, Callable[[Figures], str]]


def _of_phase(phase: Phase) -> Callable[[Figures], str]:
    return lambda f: f"{f.by_phase.get(phase, 0):,}"


def _by(*channels: Channel) -> Callable[[Figures], str]:
    return lambda f: f"{sum(f.by_channel.get(channel, 0) for channel in channels):,}"


_COMPARED: tuple[Line, ...] = (
    ("Reminders", _of_phase(Phase.REMINDER)),
    ("Notices before the due date", _of_phase(Phase.PRE_DUE)),
    ("Thank-yous", _of_phase(Phase.THANK_YOU)),
    ("E-mails and text messages", _by(Channel.EMAIL, Channel.SMS)),
    ("Calls", _by(Channel.CALL)),
    ("Letters", _by(Channel.LETTER)),
    ("Tasks and others", _by(Channel.TASK, Channel.OTHER)),
    ("Not carried out by owners", lambda f: f"{f.left_to_owners:,}"),
    ("Customers contacted", lambda f: f"{f.customers_contacted:,} of {f.customers:,}"),
    ("Most contacts, one customer", lambda f: f"{f.busiest[0].contacts:,}" if f.busiest else "0"),
    ("Invoices reminded", lambda f: f"{f.invoices_reminded:,} of {f.invoices:,}"),
    ("Paid before any reminder", lambda f: said_share(f.paid_before)),
    ("Days late, first reminder", lambda f: said_late(f.days_late)),
)


def said_late(days: float | None) -> str:
    """An average with one decimal; a dash where nothing was reminded."""
    return "–" if days is None else f"{days:.1f}"


def compared(trials: Sequence[Trial]) -> Iterator[tuple[str, list[str]]]:
    """A line for each figure with its value under each plan; none where all are nought."""
    for label, value in _COMPARED:
        values = [value(trial.figures) for trial in trials]
        if any(value not in ("0", "–") for value in values):
            yield label, values


def show(console: Console, question: Question, trials: Sequence[Trial]) -> None:
    """Prints what came of the plans, one after the other, and side by side."""
    setting, span = question.setting, question.span
    on_holidays = (
        "public holidays too" if not setting.holidays else f"holidays of {setting.country}"
    )
    console.print(
        f"\nReplayed {span.first} to {span.last}. Items: {len(question.ledger.items):,}."
        f" Customers: {len(question.found.customers):,}. Sending at {setting.send_at:%H:%M}"
        f" {setting.zone}, {on_holidays}. Owners: {question.owners}.",
        highlight=False,
    )
    for remark in question.found.remarks:
        console.print(f"  {remark}", highlight=False)
    console.print(
        "  addresses are placeholders: no plan is bent by a contact that is missing",
        highlight=False,
    )
    for trial in trials:
        _show_one(console, trial)
    _show_compared(console, trials)


def _show_one(console: Console, trial: Trial) -> None:
    found = trial.figures
    console.rule(f"[bold]{trial.name}[/]", align="left")
    if not found.actions:
        console.print("Nothing would have been sent.")
        return
    console.print(_by_month(found))
    channels = Table("channel", "", box=box.SIMPLE, title="By channel", title_justify="left")
    channels.add_column("count", justify="right")
    most = max(found.by_channel.values())
    for channel, count in sorted(found.by_channel.items(), key=lambda pair: -pair[1]):
        channels.add_row(channel, bar(count, most, _BAR), f"{count:,}")
    console.print(channels)
    title = "Most contacted customers"
    busiest = Table("customer", "by month", box=box.SIMPLE, title=title, title_justify="left")
    busiest.add_column("contacts", justify="right")
    for busy in found.busiest[:_MOST_CUSTOMERS]:
        months = sparks(busy.by_month.get(month, 0) for month in found.months)
        busiest.add_row(busy.customer, months, f"{busy.contacts:,}")
    console.print(busiest)


def _by_month(found: Figures) -> Table:
    """Months down, steps across: years of them still fit a terminal."""
    title = "By step and month; asked for: in reminders"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    table.add_column("month", no_wrap=True)
    steps = [key for key in found.steps if key in found.by_step]
    for key in steps:
        table.add_column(found.steps[key], justify="right")
    table.add_column("all", justify="right")
    table.add_column("")
    table.add_column("asked for", justify="right", no_wrap=True)
    sums = {m: sum(found.by_step[k].get(m, 0) for k in steps) for m in found.months}
    most = max(sums.values(), default=1)
    for month in found.months:
        counts = [said_count(found.by_step[key].get(month, 0)) for key in steps]
        reminded = said_totals(found.reminded.get(month, {}))
        table.add_row(month, *counts, f"{sums[month]:,}", bar(sums[month], most, 12), reminded)
    table.add_section()
    every = [f"{sum(found.by_step[key].values()):,}" for key in steps]
    table.add_row("all", *every, f"{sum(sums.values()):,}", style="bold")
    return table


def _show_compared(console: Console, trials: Sequence[Trial]) -> None:
    console.rule("[bold]Side by side[/]" if len(trials) > 1 else "[bold]In all[/]", align="left")
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for trial in trials:
        table.add_column(trial.name, justify="right")
    for label, values in compared(trials):
        table.add_row(label, *values)
    console.print(table)
