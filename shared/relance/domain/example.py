"""A plan's dates for one made-up invoice: what its steps come to in a calendar (F39)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from uuid import UUID

from relance.domain.calendar import Calendar, local_day
from relance.domain.cases import Case
from relance.domain.ledger import Item
from relance.domain.plans import Plan, PlanKind
from relance.domain.projection import project

_NOBODY = UUID(int=0)
_AMOUNT = Decimal(10**9)  # above every floor and condition
_TERM = timedelta(days=30)
_AHEAD = timedelta(days=400)
_MOST = {PlanKind.ESCALATION: 20, PlanKind.RECAP: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A step, by its key, on the day on which it is carried out."""

    step: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What happens to an invoice of that due date if nobody pays and everybody acts at once."""

    due_on: date
    dates: tuple[Dated, ...]


def example(plan: Plan, calendar: Calendar, now: datetime, *, days_late: int) -> Example:
    """An invoice that is so many days late today (negative: to come) and enters the plan today."""
    today = local_day(calendar, now)
    due_on = today - timedelta(days=days_late)
    invoice = Item(
        id=UUID(int=1),
        number="1",
        issued_on=min(due_on - _TERM, today),
        due_on=due_on,
        amount=_AMOUNT,
        open=_AMOUNT,
        currency="EUR",
        known_on=today,
    )
    case = Case(id=_NOBODY, customer=_NOBODY, enrolled_on=today, items=(invoice,))
    standing = replace(plan, active=True, pause=None)
    found = islice(_dates(case, standing, calendar, now), _MOST[plan.kind])
    return Example(due_on=due_on, dates=tuple(found))


def _dates(case: Case, plan: Plan, calendar: Calendar, now: datetime) -> Iterator[Dated]:
    for coming in project(case, plan, calendar, now, now + _AHEAD, owners_act=True):
        yield Dated(step=coming.action.step, on=coming.day)
