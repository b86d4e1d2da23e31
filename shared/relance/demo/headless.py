"""Plays days by itself: owners decide by a fixed rule, and what left is counted."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from rich.table import Table

from relance.demo.company import PEOPLE
from relance.demo.stage import Stage
from relance.domain.calendar import local_day
from relance.domain.plans import Channel
from relance.store.tables import actions
from relance_sandbox import Acknowledged, Acting

_SKIPS_EVERY = 7
_LOOKS, _PAUSE = 100, 0.05
_SENT = frozenset({Channel.EMAIL, Channel.SMS, Channel.LETTER})
Key = tuple[date, str, str]  # day, channel, step


@dataclass(slots=True, kw_only=True)
class Owners:
    """Every owner works through the cards they have got: validates, logs each call as reached,
    and skips every seventh."""

    stage: Stage
    decided: int = 0
    troubles: list[str] = field(default_factory=list)

    async def decide(self) -> None:
        for person in PEOPLE:
            acting = self.stage.sandbox.as_member(person.slack)
            for ts, yes in list(_open_cards(acting)):
                self.decided += 1
                skips = self.decided % _SKIPS_EVERY == 0
                await self._click(acting, ts, "skip" if skips else yes)
        await self.stage.services.settle()

    async def _click(self, acting: Acting, ts: str, verb: str) -> None:
        outcome = await acting.press(acting.direct(), ts, verb)
        if isinstance(outcome, Acknowledged) and verb in ("log_call", "skip"):
            await _filled_modal(acting)
            typed = {"outcome": {"value": "reached"}} if verb == "log_call" else {}
            outcome = await acting.submit(values=typed)
        if not isinstance(outcome, Acknowledged):
            self.troubles.append(f"{verb}: {outcome}")


async def _filled_modal(acting: Acting) -> None:
    """Waits for what follows the light modal that opens at once."""
    for _ in range(_LOOKS):
        if (acting.modal() or {}).get("submit"):
            return
        await asyncio.sleep(_PAUSE)


def _open_cards(acting: Acting) -> Iterator[tuple[str, str]]:
    """The member's cards that wait, and the button that says yes."""
    for message in acting.messages():
        buttons = {
            element.get("action_id")
            for block in message.get("blocks", ())
            if block["type"] == "actions"
            for element in block["elements"]
        }
        for verb in ("validate", "log_call"):
            if verb in buttons:
                yield message["ts"], verb


async def play(stage: Stage, days: int, tell: Callable[[date], None]) -> Counter[Key]:
    """Plays so many days; how many actions were carried out by day, channel and step."""
    owners = Owners(stage=stage)
    end = await stage.today() + timedelta(days=days)
    while await stage.next_day() <= end:
        await stage.next_morning()
        await owners.decide()
        tell(await stage.today())
    if owners.troubles or stage.sandbox.workspace.failures:
        raise RuntimeError(f"{owners.troubles[:3]} {stage.sandbox.workspace.failures[:3]}")
    return await _carried_out(stage)


async def _carried_out(stage: Stage) -> Counter[Key]:
    calendar = await stage.calendar()
    done: Counter[Key] = Counter()
    async with stage.databases.scheduler.read() as tx:
        rows = await tx.execute(
            sa.select(actions.c.closed_at, actions.c.channel, actions.c.step_name)
            .where(actions.c.state == "executed")
            .order_by(actions.c.closed_at)
        )
        for row in rows:
            done[(local_day(calendar, row.closed_at), row.channel, row.step_name)] += 1
    return done


def table_of(done: Counter[Key]) -> Table:
    """What left, a line for each day, channel and step."""
    table = Table(title="What left", title_justify="left")
    for name in ("day", "channel", "step"):
        table.add_column(name)
    table.add_column("number", justify="right")
    before: Any = None
    for (day, channel, step), number in sorted(done.items()):
        table.add_row(f"{day:%a %d %b %Y}" if day != before else "", channel, step, str(number))
        before = day
    sent = sum(number for (_, channel, _), number in done.items() if channel in _SENT)
    table.add_section()
    table.add_row("total", "", f"{sent} messages, {done.total() - sent} others", str(done.total()))
    return table
