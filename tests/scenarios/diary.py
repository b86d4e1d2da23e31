"""A customer's diary: a clock, a ledger, owners who decide, and what evaluation makes of it.

Times are written as the organisation reads them, "2025-06-03 08:30"; a date alone means noon.
Events are written with their consequences, as the product does: open actions are revised, the case
is evaluated, and is next looked at when it asked to be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from relance.domain.calendar import Calendar, local_day
from relance.domain.cases import Case, StepState
from relance.domain.evaluation import evaluate
from relance.domain.evaluation.acts import Act, NewAction, PassedOver, Rest, Wait
from relance.domain.ledger import Item, ItemKind
from relance.domain.plans import Anchor, Channel, Mode, Phase, Plan, Step, Trigger
from relance.domain.settling import apply

NAMES = UUID("6f1c1e0e-5a5f-4f5e-9a50-0d7c6f0f7d10")


def uid(name: str) -> UUID:
    """The identifier that a name always has."""
    return uuid5(NAMES, name)


def day(text: str) -> date:
    return date.fromisoformat(text)


def step(
    key: str,
    days: int,
    anchor: Anchor = Anchor.DUE_DATE,
    channel: Channel = Channel.EMAIL,
    mode: Mode = Mode.AUTOMATIC,
    phase: Phase = Phase.REMINDER,
    **more: Any,
) -> Step:
    trigger = Trigger(anchor=anchor, days=days, end_of_month=more.pop("end_of_month", False))
    return Step(key=key, name=key, phase=phase, trigger=trigger, channel=channel, mode=mode, **more)


def notice(key: str, days: int, **more: Any) -> Step:
    return step(key, days, phase=Phase.PRE_DUE, **more)


def thank_you(key: str, days: int, **more: Any) -> Step:
    return step(key, days, anchor=Anchor.PAYMENT_DATE, phase=Phase.THANK_YOU, **more)


def plan_of(*steps: Step, **more: Any) -> Plan:
    return Plan(id=uid("plan"), key="plan", name="Plan", steps=steps, **more)


def reminders(*days: int, **more: Any) -> tuple[Step, ...]:
    return tuple(step(f"R{place}", offset, **more) for place, offset in enumerate(days, 1))


def invoice(
    number: str,
    due: str | None,
    amount: str = "100",
    currency: str = "EUR",
    issued: str | None = None,
    **more: Any,
) -> Item:
    due_on = day(due) if due else None
    issued_on = day(issued) if issued else (due_on or day("2025-01-01"))
    left = Decimal(more.pop("open", amount))
    return Item(
        id=uid(number + str(more.get("part", ""))),
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        amount=Decimal(amount),
        open=left,
        currency=currency,
        known_on=day(more.pop("known", None) or issued_on.isoformat()),
        **more,
    )


def credit(number: str, amount: str, on: str, **more: Any) -> Item:
    return invoice(number, None, amount, issued=on, kind=ItemKind.CREDIT_NOTE, **more)


def payment(number: str, amount: str, on: str, **more: Any) -> Item:
    return invoice(number, None, amount, issued=on, kind=ItemKind.PAYMENT_ON_ACCOUNT, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An action as it was made."""

    id: UUID
    at: datetime
    new: NewAction


@dataclass(slots=True)
class Diary:
    """Plays a case forward; automatic actions leave at once unless `dispatcher_off`."""

    plan: Plan
    enrolled: str
    items: Iterable[Item] = ()
    zone: str = "Europe/Paris"
    holidays: frozenset[date] = frozenset()
    at: str = "00:00"
    dispatcher_off: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    case: Case = field(init=False)
    now: datetime = field(init=False)
    calendar: Calendar = field(init=False)
    wake: datetime | None = field(init=False, default=None)
    resting: str = field(init=False, default="")
    made: list[Made] = field(init=False, default_factory=list)
    passed: list[tuple[date, PassedOver]] = field(init=False, default_factory=list)
    acts: list[tuple[datetime, Act]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.calendar = Calendar(zone=ZoneInfo(self.zone), holidays=self.holidays)
        self.now = self.instant(f"{self.enrolled} {self.at}")
        self.case = Case(
            id=uid("case"),
            customer=uid("customer"),
            enrolled_on=day(self.enrolled),
            items=tuple(self.items),
            **self.more,
        )
        self.wake = self.now

    def instant(self, text: str) -> datetime:
        wall = datetime.fromisoformat(text if " " in text else f"{text} 12:00")
        return wall.replace(tzinfo=self.calendar.zone).astimezone(UTC)

    @property
    def today(self) -> date:
        return local_day(self.calendar, self.now)

    def until(self, text: str) -> "Diary":
        """Plays all that the clock brings about up to that time, waking only as asked."""
        end = self.instant(text)
        while self.wake is not None and self.wake <= end:
            self.now = max(self.now, self.wake)
            self.look()
        self.now = end
        return self

    def machine_off_until(self, text: str) -> "Diary":
        """Nobody looks before that time; what was missed is looked at then."""
        self.now = self.instant(text)
        if self.wake is not None and self.wake <= self.now:
            self.look()
        return self

    def look(self) -> None:
        """Evaluates and writes until there is nothing left to write."""
        while isinstance(answer := evaluate(self.case, self.plan, self.calendar, self.now), Act):
            self.write(answer)
        self.wake = answer.until if isinstance(answer, Wait) else None
        self.resting = answer.reason if isinstance(answer, Rest) else ""

    def write(self, act: Act) -> None:
        self.acts.append((self.now, act))
        self.case = apply(self.case, self.plan, act, self.today, self.identify)
        self.passed += [(self.today, passed) for passed in act.pass_over]
        for new in act.make:
            if new.mode is Mode.AUTOMATIC and not self.dispatcher_off:
                self.close(self.made[-len(act.make) + act.make.index(new)].id, StepState.EXECUTED)

    def identify(self, new: NewAction | PassedOver) -> UUID:
        action = uid(f"{self.now} {new}")
        if isinstance(new, NewAction):
            self.made.append(Made(id=action, at=self.now, new=new))
        return action

    def close(self, action: UUID, state: StepState, **more: Any) -> None:
        runs = tuple(
            replace(
                run,
                taken=tuple(
                    replace(t, state=state, on=self.today, waiting=False, **more)
                    if t.action == action
                    else t
                    for t in run.taken
                ),
            )
            for run in self.case.runs
        )
        self.case = replace(self.case, runs=runs)

    def decide(self, key: str, state: StepState = StepState.EXECUTED, **more: Any) -> "Diary":
        """The owner decides the waiting action of a step, now."""
        waiting = {
            t.action
            for run in self.case.runs
            for t in run.taken
            if t.step == key and t.state is StepState.OPEN
        }
        (action,) = waiting
        self.close(action, state, **more)
        self.look()
        return self

    def skip(self, key: str) -> "Diary":
        return self.decide(key, StepState.SKIPPED)

    def receive(self, *items: Item) -> "Diary":
        """New items, or new versions of known ones."""
        known = {item.id: item for item in self.case.items}
        known.update({item.id: item for item in items})
        self.case = replace(self.case, items=tuple(known.values()))
        self.look()
        return self

    def change(self, number: str, **more: Any) -> "Diary":
        """Something happens to an item: `open="40"`, a dispute, a promise."""
        item = next(i for i in self.case.items if i.number == number)
        if "open" in more:
            more["open"] = Decimal(more["open"])
            more["settled_on"] = self.today if not more["open"] else None
        return self.receive(replace(item, **more))

    def pay(self, number: str) -> "Diary":
        return self.change(number, open="0")

    def becomes(self, **more: Any) -> "Diary":
        """Something happens to the customer or the plan's hold on it."""
        self.case = replace(self.case, **more)
        self.look()
        return self

    def name(self, item: UUID) -> str:
        return next(i.number for i in self.case.items if i.id == item)

    @property
    def left(self) -> list[str]:
        """What was made, "2025-06-03 R1" a line."""
        return [f"{self.wall(m.at):%Y-%m-%d} {m.new.step}" for m in self.made]

    @property
    def times(self) -> list[str]:
        return [f"{self.wall(m.at):%Y-%m-%d %H:%M} {m.new.step}" for m in self.made]

    @property
    def told(self) -> list[str]:
        """What was made and for which items, "2025-06-03 R1 F-1 F-2"."""
        return [
            " ".join((f"{self.wall(m.at):%Y-%m-%d}", m.new.step, *map(self.name, m.new.items)))
            for m in self.made
        ]

    def wall(self, instant: datetime) -> datetime:
        return instant.astimezone(self.calendar.zone)

    @property
    def finished(self) -> int:
        """How often the end of a run was said."""
        return sum(len(act.finish) for _, act in self.acts)
