"""Random stories of a customer: a plan, a calendar, and what happens on each day at noon.

A story knows nothing of evaluation: both the planner that wakes when it asked to and the oracle
that looks every day read the same pages of it.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from relance.domain.calendar import Calendar
from relance.domain.ledger import Family, Item, ItemKind, Pause
from relance.domain.plans import (
    Anchor,
    Channel,
    Condition,
    ConditionKind,
    Every,
    Logic,
    Mode,
    OnReferenceSettled,
    Phase,
    Plan,
    PlanKind,
    Recurrence,
    Scope,
    Step,
)
from tests.scenarios.diary import invoice, plan_of, step

ZONES = "Europe/Paris America/New_York Pacific/Auckland Asia/Kathmandu".split()
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is true from noon of a day on; `eventful` where it differs from the page before."""

    day: date
    items: tuple[Item, ...]
    settled: tuple[Item, ...] = ()
    pauses: tuple[Pause, ...] = ()
    enabled: bool = True
    contacted_on: date | None = None
    eventful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of an action: the days it stays open, then its end.

    Claimed ones have perhaps left already and cannot be taken back.
    """

    lag: int
    executed: bool = True
    claimed: bool = False
    opened: bool = False
    replied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`off` are the days on which no machine runs until noon of the next."""

    seed: int
    plan: Plan
    calendar: Calendar
    enrolled_on: date
    pages: tuple[Page, ...]
    after: str | None = None
    next_on: date | None = None
    off: frozenset[date] = frozenset()
    fates: tuple[Fate, ...] = field(default_factory=tuple)

    def fate(self, step_key: str, made_on: date, items: list[str]) -> Fate:
        """The same for the same action, whoever asks."""
        name = f"{self.seed} {step_key} {made_on} {' '.join(sorted(items))}"
        return self.fates[crc32(name.encode()) % len(self.fates)]

    def names(self) -> dict[UUID, str]:
        """Every item that was ever seen, by its number."""
        return {item.id: item.number for page in self.pages for item in page.items}

    def instant(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, tzinfo=self.calendar.zone).astimezone(UTC)


def random_story(rng: Random, days: int = 75) -> Story:
    zone = rng.choice(ZONES)
    enrolled_on = rng.choice([date(2025, 3, 3), date(2025, 9, 20), date(2025, 10, 27)])
    enrolled_on += timedelta(days=rng.randrange(14))
    weekdays = rng.choice([range(7), range(5), range(5), (1, 3)])
    holidays = {enrolled_on + timedelta(days=rng.randrange(days)) for _ in range(rng.randrange(4))}
    calendar = Calendar(
        zone=ZoneInfo(zone), weekdays=frozenset(weekdays), holidays=frozenset(holidays)
    )
    plan = random_plan(rng, enrolled_on)
    off = {
        enrolled_on + timedelta(days=start + more)
        for start in (rng.randrange(days) for _ in range(rng.randrange(3)))
        for more in range(rng.randrange(6))
    }
    return Story(
        seed=rng.randrange(2**32),
        plan=plan,
        calendar=calendar,
        enrolled_on=enrolled_on,
        pages=tuple(random_pages(rng, enrolled_on, days)),
        after=rng.choice(
            [s.key for s in plan.steps if s.phase is not Phase.THANK_YOU] + [None] * 10
        ),
        next_on=enrolled_on + timedelta(days=rng.randrange(40)) if rng.random() < 0.3 else None,
        off=frozenset(off),
        fates=tuple(random_fate(rng) for _ in range(24)),
    )


def random_fate(rng: Random) -> Fate:
    return Fate(
        lag=rng.choice([0] * 6 + [1, 1, 2, 4, 9]),
        executed=rng.random() < 0.75,
        claimed=rng.random() < 0.3,
        opened=rng.random() < 0.3,
        replied=rng.random() < 0.2,
    )


def random_plan(rng: Random, enrolled_on: date) -> Plan:
    kind = rng.choice([PlanKind.ESCALATION] * 4 + [PlanKind.RECAP])
    if kind is PlanKind.RECAP:
        steps = [random_step(rng, "S", Anchor.RECURRENCE, 0, Phase.REMINDER)]
    else:
        steps = list(random_ladder(rng))
    if rng.random() < 0.4:
        for place in range(rng.choice([1, 1, 2])):
            anchor = Anchor.PREVIOUS_STEP if place and rng.random() < 0.5 else Anchor.PAYMENT_DATE
            steps.append(random_step(rng, f"T{place}", anchor, rng.randrange(6), Phase.THANK_YOU))
    switched = enrolled_on + timedelta(days=rng.randrange(30))
    steps = [replace(s, automatic_since=switched) if rng.random() < 0.1 else s for s in steps]
    return replace(
        plan_of(*steps),
        kind=kind,
        scope=rng.choice([Scope.ACCOUNT, Scope.ACCOUNT, Scope.ITEM]),
        logic=rng.choice(list(Logic)),
        on_reference_settled=rng.choice(list(OnReferenceSettled)),
        contact_delay=rng.choice([0, 1, 3, 5, 8]),
        recurrence=random_recurrence(rng, enrolled_on) if kind is PlanKind.RECAP else None,
        floors={"EUR": Decimal(rng.choice([0, 50, 120]))} if rng.random() < 0.4 else {},
        ceilings={"EUR": Decimal(300)} if rng.random() < 0.3 else {},
    )


def random_ladder(rng: Random) -> list[Step]:
    steps, days = [], 0
    for place, before in enumerate(
        sorted(rng.sample(range(1, 15), rng.choice([0, 0, 1, 2])))[::-1]
    ):
        steps.append(random_step(rng, f"N{place}", Anchor.DUE_DATE, -before, Phase.PRE_DUE))
    reminder_anchor = rng.choice([Anchor.DUE_DATE] * 4 + [Anchor.ISSUE_DATE])
    for place in range(rng.choice([0, 1, 2, 3, 4, 5]) if steps else rng.randrange(1, 6)):
        days += rng.choice([0, 1, 3, 5, 8])
        relative = place > 0 and rng.random() < 0.25
        anchor = Anchor.PREVIOUS_STEP if relative else reminder_anchor
        offset = rng.choice([0, 2, 5, 7]) if relative else days
        steps.append(random_step(rng, f"R{place}", anchor, offset, Phase.REMINDER))
    return steps


def random_step(rng: Random, key: str, anchor: Anchor, days: int, phase: Phase) -> Step:
    channel = rng.choice([Channel.EMAIL] * 5 + [Channel.CALL, Channel.TASK, Channel.SMS])
    by_hand = channel in (Channel.CALL, Channel.TASK)
    mode = Mode.MANUAL if by_hand else rng.choice([Mode.AUTOMATIC] * 3 + list(Mode))
    return step(
        key,
        days,
        anchor=anchor,
        channel=channel,
        mode=mode,
        phase=phase,
        end_of_month=rng.random() < 0.05,
        condition=random_condition(rng),
        active=rng.random() < 0.93,
    )


def random_condition(rng: Random) -> Condition | None:
    if rng.random() < 0.85:
        return None
    kind = rng.choice(list(ConditionKind))
    amounts = {"EUR": Decimal(150)} if kind is ConditionKind.AMOUNT_ABOVE else {}
    return Condition(kind=kind, amounts=amounts)


def random_recurrence(rng: Random, enrolled_on: date) -> Recurrence:
    return rng.choice(
        [
            Recurrence(every=Every.WEEK, on=rng.randrange(7)),
            Recurrence(every=Every.MONTH, on=rng.choice([1, 15, 31])),
            Recurrence(
                every=Every.DAYS,
                on=rng.choice([3, 10, 14]),
                start=enrolled_on + timedelta(days=rng.randrange(-20, 20)),
            ),
        ]
    )


def random_pages(rng: Random, first: date, days: int) -> list[Page]:
    """The ledger and the holds of every day; settled invoices and used credits leave it."""
    page = Page(day=first - DAY, items=tuple(random_item(rng, f"F-{n}", first) for n in range(7)))
    pages = [replace(page, items=page.items[: rng.randrange(8)])]
    for offset in range(days):
        day = first + timedelta(days=offset)
        page = replace(pages[-1], day=day, eventful=False)
        while rng.random() < 0.17:
            page = replace(random_event(rng, page), eventful=True)
        pages.append(page)
    return pages


def random_item(rng: Random, number: str, day: date) -> Item:
    due = day + timedelta(days=rng.choice([rng.randrange(-60, 30), rng.randrange(-5, 15)]))
    item = invoice(
        number,
        due.isoformat(),
        str(rng.choice([50, 100, 100, 200])),
        rng.choice(["EUR", "EUR", "EUR", "JPY"]),
        issued=min(due - timedelta(days=rng.choice([0, 15, 30])), day).isoformat(),
        known=day.isoformat(),
    )
    if rng.random() < 0.1:
        item = rng.choice(
            [
                replace(item, due_on=None),
                replace(item, issued=False),
                replace(item, sent=False),
                replace(item, direct_debit=True),
            ]
        )
    return item


def random_event(rng: Random, page: Page) -> Page:
    debits = [i for i in page.items if i.kind is ItemKind.INVOICE]
    makers = [new_invoice] * 3 + [new_credit] * 2 + [hold_customer, ad_hoc_contact]
    if debits:
        makers += [settle_one] * 4 + [pay_part, dispute, release, promise, pause_item, put_aside]
    if any(i.kind is ItemKind.PAYMENT_ON_ACCOUNT for i in page.items):
        makers += [allocate, cancel_payment]
    if page.settled:
        makers += [reopen]
    if page.pauses or not page.enabled:
        makers += [hold_customer] * 8
    return rng.choice(makers)(rng, page)


def swap(page: Page, item: Item) -> Page:
    return replace(page, items=tuple(item if i.id == item.id else i for i in page.items))


def a_debit(rng: Random, page: Page) -> Item:
    return rng.choice([i for i in page.items if i.kind is ItemKind.INVOICE])


def new_invoice(rng: Random, page: Page) -> Page:
    number = f"G-{page.day:%m%d}-{rng.randrange(10**6)}"
    return replace(page, items=(*page.items, random_item(rng, number, page.day)))


def new_credit(rng: Random, page: Page) -> Page:
    kind = rng.choice([ItemKind.CREDIT_NOTE, ItemKind.PAYMENT_ON_ACCOUNT])
    used = kind is ItemKind.PAYMENT_ON_ACCOUNT and rng.random() < 0.7
    amount = str(rng.choice([20, 100, 150]))
    item = invoice(
        f"C-{page.day:%m%d}-{rng.randrange(10**6)}",
        None,
        amount,
        issued=page.day.isoformat(),
        kind=kind,
        open="0" if used else amount,
        settled_on=page.day if used else None,
    )
    return replace(page, items=(*page.items, item))


def settle_one(rng: Random, page: Page) -> Page:
    debit = a_debit(rng, page)
    items = tuple(i for i in page.items if i.id != debit.id)
    return replace(page, items=items, settled=(*page.settled, debit))


def reopen(rng: Random, page: Page) -> Page:
    """A payment is charged back: the invoice that it settled is open again."""
    back = rng.choice(page.settled)
    settled = tuple(i for i in page.settled if i.id != back.id)
    return replace(page, items=(*page.items, back), settled=settled)


def pay_part(rng: Random, page: Page) -> Page:
    debit = a_debit(rng, page)
    return swap(page, replace(debit, open=debit.open / 2))


def dispute(rng: Random, page: Page) -> Page:
    family = rng.choice([Family.DISPUTE, Family.LITIGATION])
    return swap(page, replace(a_debit(rng, page), family=family))


def release(rng: Random, page: Page) -> Page:
    free = replace(a_debit(rng, page), promised_for=None, pause=None, in_specific_action=False)
    return swap(page, replace(free, family=Family.DISPUTE_RESOLVED))


def promise(rng: Random, page: Page) -> Page:
    until = page.day + timedelta(days=rng.randrange(12))
    return swap(page, replace(a_debit(rng, page), family=Family.PROMISE, promised_for=until))


def pause_item(rng: Random, page: Page) -> Page:
    until = rng.choice([None, page.day + timedelta(days=rng.randrange(12))])
    return swap(page, replace(a_debit(rng, page), pause=Pause(until=until)))


def put_aside(rng: Random, page: Page) -> Page:
    return swap(page, replace(a_debit(rng, page), in_specific_action=True))


def hold_customer(rng: Random, page: Page) -> Page:
    if page.pauses or not page.enabled:
        return replace(page, enabled=True, pauses=())
    if rng.random() < 0.2:
        return replace(page, enabled=False)
    until = rng.choice([None] + [page.day + timedelta(days=rng.randrange(10))] * 4)
    return replace(page, pauses=(Pause(until=until),))


def ad_hoc_contact(rng: Random, page: Page) -> Page:
    return replace(page, contacted_on=page.day)


def allocate(rng: Random, page: Page) -> Page:
    payments = [i for i in page.items if i.kind is ItemKind.PAYMENT_ON_ACCOUNT]
    return swap(page, replace(rng.choice(payments), open=Decimal(0), settled_on=page.day))


def cancel_payment(rng: Random, page: Page) -> Page:
    gone = rng.choice([i for i in page.items if i.kind is ItemKind.PAYMENT_ON_ACCOUNT])
    return replace(page, items=tuple(i for i in page.items if i.id != gone.id))
