"""A forecast on a terminal: a line a day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from rich import box
from rich.table import Table

from relance.domain.money import totals
from relance.domain.plans import Channel, Mode
from relance.reporting.rows import ActionRow
from relance.reporting.texts import bar, said_count, said_totals

_BAR = 20
# Customer, plan, step, channel, mode: the rows of one action differ in their currency only.
Deed: TypeAlias = tuple[str, str, str, Channel, Mode]


def day_table(rows: Sequence[ActionRow]) -> Table:
    """How many by each channel, how many by a person, a bar, and what is asked for."""
    by_day = _by_day(rows)
    channels = list(dict.fromkeys(row.channel for row in rows))
    table = Table("day", box=box.SIMPLE_HEAD)
    for name in (*channels, "by a person", "all"):
        table.add_column(name, justify="right")
    table.add_column("")
    table.add_column("asked for", justify="right")
    most = max(map(len, by_day.values()), default=0)
    for day, deeds in sorted(by_day.items()):
        by_hand = sum(mode is not Mode.AUTOMATIC for *_, mode in deeds)
        counts = [sum(deed[3] is channel for deed in deeds) for channel in channels]
        asked = totals((r.currency, r.amount) for r in rows if r.date == day and r.items)
        table.add_row(
            f"{day:%a %Y-%m-%d}",
            *map(said_count, (*counts, by_hand, len(deeds))),
            bar(len(deeds), most, _BAR),
            said_totals(asked),
        )
    return table


def said_forecast(rows: Sequence[ActionRow], days: int) -> str:
    """The whole in a sentence."""
    if not rows:
        return f"Nothing will leave in the next {days:,} days if nothing changes."
    count = sum(map(len, _by_day(rows).values()))
    customers = len({row.customer for row in rows})
    return f"Actions: {count:,}; customers: {customers:,}; days: {days:,}."


def _by_day(rows: Sequence[ActionRow]) -> dict[date, set[Deed]]:
    found: dict[date, set[Deed]] = defaultdict(set)
    for row in rows:
        found[row.date].add((row.customer, row.plan, row.step, row.channel, row.mode))
    return found
