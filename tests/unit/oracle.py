"""The rules, naively: a clerk who opens the file of the customer twice a day, every day.

He never waits for anything, keeps a flat journal and, for each question, reads all of it again and
walks the calendar a day at a time. Written from the sentences of the rules, apart from the product,
in minor detail too: the two must agree on every line of every story.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from relance.domain.ledger import Family, Item, ItemKind
from relance.domain.plans import (
    Anchor,
    Channel,
    ConditionKind,
    Every,
    Logic,
    Mode,
    OnReferenceSettled,
    Phase,
    PlanKind,
    Scope,
    Step,
)
from tests.unit.script import DAY, Fate, Page, Story

NOON = time(12)
CONTACTS = (Channel.EMAIL, Channel.SMS, Channel.LETTER, Channel.CALL)
STATEMENT = "statement"


@dataclass(slots=True)
class Entry:
    """A line of the journal: this action brought this item (or payment) to this step."""

    action: int
    step: Step
    item: str
    on: date
    state: str = "open"
    by_hand: bool = False
    occurrence: str = ""
    opened: bool = False
    replied: bool = False

    @property
    def contact(self) -> bool:
        return self.step.channel in CONTACTS


@dataclass(slots=True)
class Sheet:
    """What an action said when it was made, and what fate has in store for it."""

    made_on: date
    fate: Fate
    items: list[str]
    credits: list[str]


Arrival: TypeAlias = tuple[Step, Item | None, date, str]  # with its trigger and its occurrence


@dataclass(slots=True, kw_only=True)
class Letter:
    """What would be written to the customer, or put on somebody's desk, for one step."""

    step: Step
    arrivals: list[Arrival]
    items: list[Item] = field(default_factory=list)
    credits: list[Item] = field(default_factory=list)
    noticed: list[Item] = field(default_factory=list)

    @property
    def due_on(self) -> date:
        return min(triggers for _, _, triggers, _ in self.arrivals)


@dataclass(slots=True)
class Passage:
    """An item's passage through the plan as the reference; rank orders the references."""

    rank: int
    on: date
    after: str | None
    over: bool = False


@dataclass(slots=True)
class Clerk:
    story: Story
    log: list[str] = field(default_factory=list)
    journal: list[Entry] = field(default_factory=list)
    sheets: dict[int, Sheet] = field(default_factory=dict)
    passages: dict[str, Passage] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    page: Page = field(init=False)
    day: date = field(init=False)
    today: date = field(init=False)
    open_now: bool = field(init=False)
    at_once: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.story.pages[0]
        for page in self.story.pages:
            self.currencies.update({i.number: i.currency for i in page.items})

    # His days ---------------------------------------------------------------------------------

    def play(self) -> list[str]:
        for page in self.story.pages[1:]:
            there = page.day not in self.story.off
            if there:
                self.look(page.day, self.story.calendar.send_at, "slot")
            self.noon(page)
            if there:
                self.look(page.day, NOON, "noon")
        return self.log

    def noon(self, page: Page) -> None:
        self.page, self.today = page, page.day
        if page.eventful:
            for action in list(self.sheets):
                self.reconsider(action)
        for action, sheet in list(self.sheets.items()):
            open_now = [e for e in self.journal if e.action == action and e.state == "open"]
            if open_now and sheet.made_on + timedelta(days=sheet.fate.lag) <= page.day:
                self.reconsider(action)
                self.decide(action)

    def decide(self, action: int) -> None:
        fate = self.sheets[action].fate
        for entry in self.journal:
            if entry.action == action and entry.state == "open":
                entry.state = "executed" if fate.executed else "skipped"
                entry.on = self.today
                entry.opened, entry.replied = fate.opened, fate.replied

    def look(self, today: date, wall: time, label: str) -> None:
        self.today = today
        now = datetime.combine(today, wall)
        self.open_now = False
        day = today
        while True:
            opening = datetime.combine(day, self.story.calendar.send_at)
            if self.is_sending_day(day) and opening <= now:
                break
            day -= DAY
        self.day = day
        self.open_now = day == today and wall < self.story.calendar.send_until
        when = f"{today} {label}"
        while self.change_something(when) or self.send_what_leaves_at_once():
            pass

    def send_what_leaves_at_once(self) -> bool:
        sent, self.at_once = self.at_once, []
        for action in sent:
            self.decide(action)
        return bool(sent)

    def is_sending_day(self, day: date) -> bool:
        calendar = self.story.calendar
        return day.weekday() in calendar.weekdays and day not in calendar.holidays

    def change_something(self, when: str) -> bool:
        if self.customer_is_held(self.day):
            return False
        lines = self.open_runs() + self.expire_runs() + self.close_runs()
        if not lines and self.open_now:
            lines = self.make()
        self.log += [f"{when} {line}" for line in lines]
        return bool(lines)

    # What counts ------------------------------------------------------------------------------

    def customer_is_held(self, day: date) -> bool:
        for pause in self.page.pauses:
            if pause.until is None or day < pause.until:
                return True
        return not self.page.enabled

    def counts(self, item: Item) -> bool:
        known = item.due_on is not None and item.issued and item.sent
        return item.kind is ItemKind.INVOICE and known and item.open != 0

    def is_eligible(self, item: Item, day: date) -> bool:
        if not self.counts(item) or item.in_specific_action or item.direct_debit:
            return False
        if item.family in (Family.DISPUTE, Family.LITIGATION):
            return False
        if item.promised_for is not None and day <= item.promised_for:
            return False
        return not (item.pause and (item.pause.until is None or day < item.pause.until))

    def eligible(self, currency: str, day: date) -> list[Item]:
        mine = [i for i in self.page.items if i.currency == currency]
        return [i for i in mine if self.is_eligible(i, day)]

    def credits(self, currency: str) -> list[Item]:
        return [
            i
            for i in self.page.items
            if i.kind is not ItemKind.INVOICE and i.open and i.currency == currency and i.issued
        ]

    def is_heard(self, currency: str) -> bool:
        owed = sum(i.open for i in self.page.items if i.currency == currency and self.counts(i))
        net = owed - sum(i.open for i in self.credits(currency))
        return net > 0 and net >= self.story.plan.floors.get(currency, Decimal(0))

    def heard(self) -> list[str]:
        return [c for c in ("EUR", "JPY") if self.is_heard(c)]

    def item(self, number: str) -> Item | None:
        return next((i for i in self.page.items if i.number == number), None)

    # The journal ------------------------------------------------------------------------------

    @property
    def ladder(self) -> list[Step]:
        return [s for s in self.story.plan.steps if s.phase is not Phase.THANK_YOU]

    def of(self, number: str) -> list[Entry]:
        return [e for e in self.journal if e.item == number and e.state != "withdrawn"]

    def open_in(self, number: str) -> list[Entry]:
        return [e for e in self.of(number) if e.state == "open"]

    def height(self, number: str) -> int:
        """How far up the plan the item is: the steps decided for it or inherited."""
        keys = [s.key for s in self.story.plan.steps]
        decided = [e.step.key for e in self.of(number) if e.state != "open"]
        passage = self.passages.get(number)
        if passage and passage.after in keys:
            decided.append(str(passage.after))
        return max((keys.index(key) for key in decided), default=-1)

    # When a step triggers ---------------------------------------------------------------------

    def trigger(self, step: Step, item: Item) -> date:
        days = timedelta(days=step.trigger.days)
        due = item.due_on or item.issued_on
        match step.trigger.anchor:
            case Anchor.PREVIOUS_STEP:
                day = self.day_of_step_before(step, item) + days
            case Anchor.DUE_DATE | Anchor.RECURRENCE:
                day = due + days
            case _:
                day = item.issued_on + days
        while step.trigger.end_of_month and (day + DAY).month == day.month:
            day += DAY
        return day

    def day_of_step_before(self, step: Step, item: Item) -> date:
        thanks = step.phase is Phase.THANK_YOU
        steps = [s for s in self.story.plan.steps if (s.phase is Phase.THANK_YOU) == thanks]
        for before in reversed(steps[: steps.index(step)]):
            taken = [e.on for e in self.of(item.number) if e.step is before]
            inherited = self.day_of_inherited(before, item)
            if taken or inherited:
                return taken[0] if taken else inherited or date.min
            if before.active:
                return self.trigger(before, item)
        return item.due_on or item.issued_on

    def day_of_inherited(self, step: Step, item: Item) -> date | None:
        passage = self.passages.get(item.number)
        if self.story.plan.on_reference_settled is not OnReferenceSettled.INHERIT:
            return None
        if passage is None or passage.after != step.key:
            return None
        days = [
            e.on
            for e in self.journal
            if e.step is step
            and e.item in self.passages
            and e.state != "withdrawn"
            and self.currencies[e.item] == item.currency
        ]
        return max(days, default=None)

    def has_triggered(self, step: Step, item: Item) -> bool:
        return self.trigger(step, item) <= self.day

    def is_over(self, step: Step, item: Item) -> bool:
        """Notices before the due date are over once it has come."""
        return step.phase is Phase.PRE_DUE and item.due_on is not None and self.day >= item.due_on

    def above(self, number: str) -> list[Step]:
        height = self.height(number)
        return [s for n, s in enumerate(self.story.plan.steps) if n > height and s in self.ladder]

    def step_of(self, item: Item) -> Step | None:
        """The step that the item's run stands before; None: there is none left."""
        ahead = [s for s in self.above(item.number) if s.active and not self.is_over(s, item)]
        if self.story.plan.logic is Logic.CONTEXTUAL:
            reached = [s for s in ahead if self.has_triggered(s, item)]
            if reached:
                return reached[-1]
            return min(ahead, key=lambda s: self.trigger(s, item), default=None)
        begun = self.passages[item.number].on
        for step in ahead:
            if step.phase is Phase.REMINDER or self.trigger(step, item) >= begun:
                return step
        return None

    # Whether it may go today ------------------------------------------------------------------

    def may_contact(self) -> bool:
        delay = timedelta(days=self.story.plan.contact_delay)
        contacts = [self.page.contacted_on] if self.page.contacted_on else []
        for entry in self.journal:
            if not entry.contact:
                continue
            if entry.state == "executed" or (entry.state == "open" and not entry.by_hand):
                contacts.append(entry.on)
            if entry.state == "open" and entry.by_hand and delay and entry.on >= self.day:
                return False
        return all(self.day >= contact + delay for contact in contacts)

    def may_go(self, step: Step, item: Item | None, number: str, triggers: date) -> bool:
        if triggers > self.day:
            return False
        if step.mode is Mode.AUTOMATIC:
            if self.day <= self.story.enrolled_on:
                return False
            if step.automatic_since and self.day <= step.automatic_since:
                return False
        if step.channel not in CONTACTS:
            return True
        at_once = step.trigger.anchor is Anchor.PREVIOUS_STEP and step.trigger.days == 0
        for entry in self.of(number):
            just_done = entry.state == "executed" and entry.on >= self.day
            if entry.contact and just_done and not at_once:
                return False
        return self.may_contact()

    # Runs -------------------------------------------------------------------------------------

    def holders(self, currency: str) -> list[Entry]:
        """The open actions that hold an account."""
        return [
            e
            for e in self.journal
            if e.state == "open"
            and e.step.phase is not Phase.THANK_YOU
            and e.item != STATEMENT
            and self.currencies[e.item] == currency
        ]

    def reference(self, currency: str) -> Item | None:
        anchors = {
            s.trigger.anchor
            for s in self.story.plan.steps
            if s.active and s.phase is Phase.REMINDER
        }
        by_issue = Anchor.ISSUE_DATE in anchors and Anchor.DUE_DATE not in anchors

        def older(a: Item, b: Item) -> Item:
            a_day, b_day = (a.issued_on, b.issued_on) if by_issue else (a.due_on, b.due_on)
            assert a_day
            assert b_day
            if a_day != b_day:
                return a if a_day < b_day else b
            if a.open != b.open:
                return a if a.open > b.open else b
            return a if (len(a.number), a.number) < (len(b.number), b.number) else b

        best: Item | None = None
        for item in self.eligible(currency, self.day):
            best = item if best is None else older(best, item)
        return best

    def driving(self, currency: str) -> list[Item]:
        """The items whose runs count: the reference, or in a plan per item each of them."""
        if self.story.plan.scope is Scope.ITEM:
            items = self.eligible(currency, self.day)
            return [i for i in items if not self.open_in(i.number)]
        if self.holders(currency):
            return []
        reference = self.reference(currency)
        return [reference] if reference else []

    def escalates(self) -> bool:
        steps = [s for s in self.ladder if s.active]
        return self.story.plan.kind is PlanKind.ESCALATION and bool(steps)

    def open_runs(self) -> list[str]:
        if not self.escalates():
            return []
        first = not self.passages
        found = []
        for currency in self.heard():
            for item in sorted(
                self.driving(currency), key=lambda i: (i.due_on, -i.open, len(i.number), i.number)
            ):
                if item.number not in self.passages:
                    after = self.entry(item, currency, first)
                    found.append((item, after))
        for item, after in found:
            rank = len(self.passages) + 1
            self.passages[item.number] = Passage(rank=rank, on=self.today, after=after)
        return [f"begin {item.number} after {after}" for item, after in found]

    def entry(self, item: Item, currency: str, first: bool) -> str | None:
        if first:
            return self.story.after
        if self.story.plan.scope is Scope.ITEM:
            return None
        before = [n for n in self.passages if self.currencies[n] == currency]
        if not before:
            return None
        last = max(before, key=lambda n: (self.last_seen(n), self.passages[n].rank))
        if last in [i.number for i in self.eligible(currency, self.day)]:
            return None
        match self.story.plan.on_reference_settled:
            case OnReferenceSettled.RESTART:
                return None
            case OnReferenceSettled.INHERIT:
                height = self.height(last)
                return self.story.plan.steps[height].key if height >= 0 else None
            case OnReferenceSettled.CONTEXTUAL:
                return self.before_age(item)

    def last_seen(self, number: str) -> date:
        return max((e.on for e in self.of(number)), default=self.passages[number].on)

    def before_age(self, item: Item) -> str | None:
        if self.story.plan.logic is Logic.CONTEXTUAL:
            return None
        # As if nothing had ever been sent for it: the step of its age, then the one before that.
        fresh = Clerk(self.story)
        fresh.day = self.day
        reached = [
            place
            for place, step in enumerate(self.ladder)
            if step.active and not fresh.is_over(step, item) and fresh.has_triggered(step, item)
        ]
        if not reached or reached[-1] == 0:
            return None
        return self.ladder[reached[-1] - 1].key

    def close_runs(self) -> list[str]:
        if not self.escalates():
            return []
        lines = []
        for currency in self.heard():
            for item in self.driving(currency):
                passage = self.passages.get(item.number)
                if passage and not passage.over and self.step_of(item) is None:
                    passage.over = True
                    lines.append(f"finish {item.number}")
        return lines

    def expire_runs(self) -> list[str]:
        if not self.escalates():
            return []
        gone = []
        for currency in self.heard():
            for entry in self.holders(currency):
                item = self.item(entry.item)
                if item is None or not self.is_eligible(item, self.day) or not entry.by_hand:
                    continue
                if self.has_expired(entry, item) and entry.action not in gone:
                    gone.append(entry.action)
        lines = []
        for action in gone:
            entries = [e for e in self.journal if e.action == action and e.state == "open"]
            for entry in entries:
                entry.state, entry.on = "expired", self.today
            lines.append(f"expire {told(entries)}")
        return lines

    def has_expired(self, entry: Entry, item: Item) -> bool:
        if self.is_over(entry.step, item):
            return True
        if self.story.plan.logic is not Logic.CONTEXTUAL or entry.item not in self.passages:
            return False
        later = self.ladder[self.ladder.index(entry.step) + 1 :]
        return any(
            s.active and not self.is_over(s, item) and self.has_triggered(s, item) for s in later
        )

    # Making -----------------------------------------------------------------------------------

    def make(self) -> list[str]:
        ready = self.ready_references() + self.ready_statement() + self.ready_payments()
        letters = []
        for step in self.story.plan.steps:
            arrived = [r for r in ready if r[0] is step]
            if arrived:
                letters += self.compose(step, arrived)
        contacts = [x for x in letters if x.step.channel in CONTACTS]
        if self.story.plan.contact_delay and contacts:
            places = list(self.story.plan.steps)
            contacts.sort(key=lambda x: (x.due_on, -places.index(x.step)))
            letters = [x for x in letters if x.step.channel not in CONTACTS] + contacts[:1]
        passed = [line for letter in letters for line in self.pass_over(letter)]
        if passed:
            return passed
        return [self.write(letter) for letter in letters]

    def ready_references(self) -> list[Arrival]:
        if not self.escalates():
            return []
        found: list[Arrival] = []
        for currency in self.heard():
            for item in self.driving(currency):
                step = None if self.passages[item.number].over else self.step_of(item)
                if step and self.may_go(step, item, item.number, self.trigger(step, item)):
                    found.append((step, item, self.trigger(step, item), ""))
        return found

    def ready_payments(self) -> list[Arrival]:
        found: list[Arrival] = []
        for item in self.page.items:
            if item.kind is not ItemKind.PAYMENT_ON_ACCOUNT or item.open or not item.settled_on:
                continue
            if item.issued_on < self.story.enrolled_on or self.open_in(item.number):
                continue
            height = self.height(item.number)
            for place, step in enumerate(self.story.plan.steps):
                if step.phase is Phase.THANK_YOU and step.active and place > height:
                    triggers = self.trigger(step, item)
                    if self.may_go(step, item, item.number, triggers):
                        found.append((step, item, triggers, ""))
                    break
        return found

    def ready_statement(self) -> list[Arrival]:
        steps = [s for s in self.ladder if s.active]
        if self.story.plan.kind is not PlanKind.RECAP or not steps or self.open_in(STATEMENT):
            return []
        items = self.stated()
        if not items:
            return []
        stated = [date.fromisoformat(e.occurrence) for e in self.of(STATEMENT)]
        known_on = min(i.known_on for i in items)
        open_dates = [
            d
            for d in self.recurrences()
            if d <= self.day and d >= known_on and all(d > s for s in stated)
        ]
        if not open_dates:
            return []
        day = open_dates[-1]
        if not self.may_go(steps[0], None, STATEMENT, day):
            return []
        return [(steps[0], None, day, day.isoformat())]

    def stated(self) -> list[Item]:
        found: list[Item] = []
        for currency in self.heard():
            items = self.eligible(currency, self.day)
            if sum(i.open for i in items) > sum(c.open for c in self.credits(currency)):
                found += items
        return found

    def recurrences(self) -> list[date]:
        """All dates from the enrolment on, with the one that was set in its place."""
        first = self.story.enrolled_on
        days = [first + timedelta(days=n) for n in range(150)]
        regular = [d for d in days if self.recurs(d)]
        moved = self.story.next_on
        if moved is None:
            return regular
        stated = [date.fromisoformat(e.occurrence) for e in self.of(STATEMENT)]
        before = max((s for s in stated if s < moved), default=first - DAY)
        replaced = next(d for d in regular if d > before)
        kept = [d for d in regular if d <= before or (d > moved and d != replaced)]
        return sorted({*kept, moved})

    def recurs(self, day: date) -> bool:
        recurrence = self.story.plan.recurrence
        assert recurrence
        match recurrence.every:
            case Every.WEEK:
                return day.weekday() == recurrence.on
            case Every.MONTH:
                last = monthrange(day.year, day.month)[1]
                return day.day == recurrence.on or (day.day == last and recurrence.on > last)
            case Every.DAYS:
                start = recurrence.start or self.story.enrolled_on
                return day >= start and (day - start).days % recurrence.on == 0

    def compose(self, step: Step, arrived: Sequence[Arrival]) -> list[Letter]:
        """One letter for all that arrived at the step; none where credits cover it."""
        letter = Letter(step=step, arrivals=list(arrived))
        items = [item for _, item, _, _ in arrived if item]
        if step.phase is Phase.THANK_YOU:
            return [letter]
        if self.story.plan.kind is PlanKind.RECAP:
            letter.items = self.stated()
            letter.credits = self.credits_of(letter.items)
            return [letter]
        account = self.story.plan.scope is Scope.ACCOUNT
        if step.phase is Phase.PRE_DUE:
            letter.noticed = self.noticed(step, items) if account else []
            letter.items = items + letter.noticed
            return [letter]
        letter.arrivals = []
        for currency in ("EUR", "JPY"):
            here = [i for i in items if i.currency == currency]
            if here and account:
                due = [i for i in self.eligible(currency, self.day) if i.due_on <= self.day]  # type: ignore[operator]  # an eligible item has a due date
                here += [i for i in due if i not in here]
            if sum(i.open for i in here) > sum(c.open for c in self.credits(currency)):
                letter.items += here
                letter.arrivals += [a for a in arrived if a[1] and a[1].currency == currency]
        letter.credits = self.credits_of(letter.items)
        return [letter] if letter.arrivals else []

    def credits_of(self, items: Iterable[Item]) -> list[Item]:
        return [c for currency in {i.currency for i in items} for c in self.credits(currency)]

    def noticed(self, step: Step, references: Sequence[Item]) -> list[Item]:
        found = []
        place = list(self.story.plan.steps).index(step)
        for currency in {i.currency for i in references}:
            for item in self.eligible(currency, self.day):
                if item in references or self.is_over(step, item):
                    continue
                if self.height(item.number) < place and self.has_triggered(step, item):
                    found.append(item)
        return found

    def pass_over(self, letter: Letter) -> list[str]:
        entries = []
        for step, item, _, occurrence in letter.arrivals:
            number = item.number if item else STATEMENT
            if not self.condition_holds(letter, item, number):
                entry = Entry(-1, step, number, self.today, "passed", occurrence=occurrence)
                entries.append(entry)
        self.journal += entries
        return [f"pass {told(entries)}"] if entries else []

    def condition_holds(self, letter: Letter, item: Item | None, number: str) -> bool:
        condition = letter.step.condition
        if condition is None:
            return True
        if condition.kind is ConditionKind.AMOUNT_ABOVE:
            amounts = self.amounts(letter)
            if item and letter.step.phase is Phase.THANK_YOU:
                amounts = {item.currency: item.amount}
            elif item and self.story.plan.scope is Scope.ITEM:
                amounts = {item.currency: item.open}
            elif item:
                amounts = {item.currency: amounts[item.currency]}
            least = condition.amounts
            return any(c not in least or amount > least[c] for c, amount in amounts.items())
        done = [e for e in self.of(number) if e.contact and e.state == "executed"]
        if not done:
            return True
        last = sorted(done, key=lambda e: e.on)[-1]
        return not (last.replied if condition.kind is ConditionKind.NO_REPLY else last.opened)

    def amounts(self, letter: Letter) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for item in letter.items:
            sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.open
        for credit in letter.credits:
            sums[credit.currency] -= credit.open
        return sums

    def write(self, letter: Letter) -> str:
        plan, step = self.story.plan, letter.step
        mode = step.mode
        amounts = self.amounts(letter)
        if mode is Mode.AUTOMATIC and any(
            c in plan.ceilings and amount > plan.ceilings[c] for c, amount in amounts.items()
        ):
            mode = Mode.MANUAL
        action = len(self.sheets) + 1
        reached = [(i.number if i else STATEMENT, o) for _, i, _, o in letter.arrivals]
        reached += [(i.number, "") for i in letter.noticed]
        fate = self.story.fate(step.key, self.today, [number for number, _ in reached])
        self.sheets[action] = Sheet(
            made_on=self.today,
            fate=fate,
            items=[i.number for i in letter.items],
            credits=[c.number for c in letter.credits],
        )
        entries = [
            Entry(
                action,
                step,
                number,
                self.today,
                by_hand=mode is not Mode.AUTOMATIC,
                occurrence=occurrence,
            )
            for number, occurrence in reached
        ]
        self.journal += entries
        if mode is Mode.AUTOMATIC and fate.lag == 0:
            self.at_once.append(action)
        return (
            f"make {step.key} {mode} {told(entries)} asks {listed(self.sheets[action].items)}"
            f" less {listed(self.sheets[action].credits)} due {letter.due_on}"
        )

    # When something has happened ---------------------------------------------------------------

    def reconsider(self, action: int) -> None:
        """Takes an open action back, or part of it, unless it may have left already."""
        entries = [e for e in self.journal if e.action == action and e.state == "open"]
        sheet = self.sheets[action]
        if not entries or (sheet.fate.claimed and not entries[0].by_hand):
            return
        if self.customer_is_held(self.today):
            self.withdraw(entries, entries)
            return
        phase = entries[0].step.phase
        if phase is Phase.THANK_YOU:
            self.shrink(sheet, entries, [e for e in entries if self.may_thank(e.item)], [], [])
            return
        items = [i for n in sheet.items if (i := self.item(n)) and self.stands(i, phase)]
        left = entries
        if self.story.plan.kind is PlanKind.ESCALATION:
            left = [e for e in entries if (i := self.item(e.item)) and self.stands(i, phase)]
            items = [i for i in items if self.is_carried(i, left, phase)]
        reliefs = [] if phase is Phase.PRE_DUE else self.credits_of(items)
        amounts = self.amounts(
            Letter(step=entries[0].step, arrivals=[], items=items, credits=reliefs)
        )
        asked = [c for c, amount in amounts.items() if amount > 0]
        if self.story.plan.kind is PlanKind.ESCALATION:
            left = [e for e in left if self.currencies[e.item] in asked]
        self.shrink(
            sheet,
            entries,
            left if asked else [],
            [i.number for i in items if i.currency in asked],
            [c.number for c in reliefs if c.currency in asked],
        )

    def may_thank(self, number: str) -> bool:
        payment = self.item(number)
        return payment is not None and not payment.open and payment.settled_on is not None

    def stands(self, item: Item, phase: Phase) -> bool:
        if phase is Phase.PRE_DUE and (item.due_on is None or item.due_on <= self.today):
            return False
        return self.is_eligible(item, self.today) and self.is_heard(item.currency)

    def is_carried(self, item: Item, left: Sequence[Entry], phase: Phase) -> bool:
        if phase is Phase.PRE_DUE or self.story.plan.scope is Scope.ITEM:
            return item.number in [e.item for e in left]
        return item.currency in [self.currencies[e.item] for e in left]

    def shrink(
        self,
        sheet: Sheet,
        entries: Sequence[Entry],
        left: Sequence[Entry],
        items: list[str],
        reliefs: list[str],
    ) -> None:
        gone = [e for e in entries if e not in left]
        if not left:
            self.withdraw(entries, entries)
        elif gone or items != sheet.items or set(reliefs) != set(sheet.credits):
            self.withdraw(gone, [])
            sheet.items, sheet.credits = items, reliefs
            self.log.append(
                f"{self.today} shrink {told(left)} to {listed(items)} less {listed(reliefs)}"
            )

    def withdraw(self, entries: Iterable[Entry], noted: Sequence[Entry]) -> None:
        for entry in entries:
            entry.state = "withdrawn"
        if noted:
            self.log.append(f"{self.today} withdraw {told(noted)}")


def told(entries: Iterable[Entry]) -> str:
    return " ".join(sorted(f"{e.step.key}:{e.item}{e.occurrence}" for e in entries))


def listed(numbers: Iterable[str]) -> str:
    return "[" + " ".join(sorted(numbers)) + "]"
