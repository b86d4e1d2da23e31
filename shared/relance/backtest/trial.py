"""A back-test: one ledger, any number of plans, each replayed, counted and held to the rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from relance.backtest.checking import Left, Rules, violations
from relance.backtest.figures import Figures, figures
from relance.backtest.hands import OwnersRule
from relance.backtest.replay import Replayed, Script, Span, Tell, replay
from relance.backtest.stage import Setting
from relance.backtest.timeline import Timeline
from relance.domain.actions import ActionState
from relance.domain.calendar import WORKING_DAYS
from relance.domain.plans import Plan
from relance.reporting.rows import ActionRow
from relance_scheduler.ledger.parsing import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one plan; `violations` are sentences, empty when every rule held."""

    name: str
    rows: tuple[ActionRow, ...]
    figures: Figures
    violations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every plan alike."""

    ledger: Ledger
    found: Timeline
    setting: Setting
    span: Span
    owners: OwnersRule


async def attempt(
    question: Question, name: str, document: Mapping[str, Any], url: str, tell: Tell
) -> Trial:
    """Replays the question under one plan, on an empty database."""
    script = Script(
        setting=question.setting,
        found=question.found,
        document=document,
        span=question.span,
        owners=question.owners,
    )
    replayed = await replay(script, url, tell)
    return Trial(
        name=name,
        rows=tuple(row for told in replayed.told for row in told.rows),
        figures=figures(question.ledger, replayed),
        violations=tuple(
            violations(question.ledger, rules_of(question.setting, replayed.plan), left(replayed))
        ),
    )


def left(replayed: Replayed) -> list[Left]:
    """The actions as the check takes them."""
    return [
        Left(at=told.made_at, rows=told.rows, executed=told.state is ActionState.EXECUTED)
        for told in replayed.told
    ]


def rules_of(setting: Setting, plan: Plan) -> Rules:
    """What was asked for, the plan's own slots before the company's."""
    own = plan.slots
    begin, end = own.send_at or setting.send_at, own.send_until
    return Rules(
        zone=ZoneInfo(setting.zone),
        send_at=begin,
        send_until=end if end and end > begin else Setting(send_at=begin).send_until,
        weekdays=WORKING_DAYS if own.weekdays is None else own.weekdays,
        country=setting.country if setting.holidays and own.holidays is not False else None,
        subdivision=setting.subdivision,
        contact_delay=plan.contact_delay,
    )


def span_of(
    found: Timeline, first: date | None, last: date | None, by_itself: date | None
) -> Span | str:
    """The days to replay, or a sentence on why there are none."""
    if by_itself is None:
        return "The ledger holds no item that can be replayed."
    days = sorted(found.days)
    begin, end = first or days[0], last or max(by_itself, first or by_itself)
    if end < days[0]:
        return f"Nothing had happened yet by {end}: the ledger begins on {days[0]}."
    if begin > end:
        return f"From {begin} to {end} there is no day: --from is after --to."
    if begin > max(days[-1], by_itself):
        return f"Nothing happens from {begin} on: the ledger ends on {days[-1]}."
    return Span(first=begin, last=end)
