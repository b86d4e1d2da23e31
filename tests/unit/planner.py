"""Plays a story as the product does: it looks when it asked to, and when something happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from relance.domain.cases import Case, StepState
from relance.domain.evaluation.acts import Act, NewAction, PassedOver, Reach, Rest, Wait
from relance.domain.plans import Mode, Plan
from relance.domain.revision import Cancel, OpenAction, Shrink, revise
from relance.domain.settling import apply, settle_case
from tests.scenarios.diary import uid
from tests.unit.script import Fate, Page, Story

NOON = time(12)


@dataclass(slots=True, kw_only=True)
class Pending:
    """An open action with what will become of it."""

    open: OpenAction
    made_on: date
    fate: Fate
    automatic: bool


@dataclass(slots=True)
class Planner:
    """`plan` and `late` are for seeding mistakes: another plan, wake-ups that come too late."""

    story: Story
    plan: Plan | None = None
    late: timedelta = timedelta(0)
    log: list[str] = field(default_factory=list)
    case: Case = field(init=False)
    wake: datetime | None = None
    pending: dict[UUID, Pending] = field(default_factory=dict)
    names: dict[UUID, str] = field(init=False)
    looks: int = 0
    acts: list[tuple[datetime, Case, Act]] = field(default_factory=list)
    outcomes: list[tuple[datetime, Case, Wait | Rest]] = field(default_factory=list)

    def __post_init__(self) -> None:
        story = self.story
        self.plan = self.plan or story.plan
        self.names = story.names()
        self.case = Case(
            id=uid("case"),
            customer=uid("customer"),
            enrolled_on=story.enrolled_on,
            after=story.after,
            next_on=story.next_on,
        )
        self.turn(story.pages[0])

    def play(self) -> list[str]:
        send_at = self.story.calendar.send_at
        self.wake = self.story.instant(self.story.enrolled_on, time(0))
        for page in self.story.pages[1:]:
            on = page.day not in self.story.off
            if on:
                self.look(page.day, self.story.instant(page.day, send_at), "slot")
            self.noon(page)
            if on:
                self.look(page.day, self.story.instant(page.day, NOON), "noon")
        return self.log

    def turn(self, page: Page) -> None:
        self.case = replace(
            self.case,
            items=page.items,
            pauses=page.pauses,
            enabled=page.enabled,
            last_contact_on=page.contacted_on,
        )

    def noon(self, page: Page) -> None:
        now = self.story.instant(page.day, NOON)
        self.turn(page)
        if page.eventful:
            self.revise_all(page.day)
            self.wake = now
        due = [a for a, p in self.pending.items() if p.made_on + timedelta(p.fate.lag) <= page.day]
        for action in due:
            self.come_to_its_end(action, page.day)
            self.wake = now

    def look(self, day: date, now: datetime, label: str) -> None:
        while self.wake is not None and self.wake + self.late <= now:
            self.looks += 1
            assert self.plan
            ids: dict[NewAction | PassedOver, UUID] = {}
            identify = partial(self.identify, ids, day)
            acts, outcome = settle_case(self.case, self.plan, self.story.calendar, now, identify)
            self.wake = outcome.until if isinstance(outcome, Wait) else None
            for act in acts:
                self.acts.append((now, self.case, act))
                self.case = apply(self.case, self.plan, act, day, identify)
                self.note(act, day, label)
                self.keep(act, ids, day)
            self.outcomes.append((now, self.case, outcome))
            self.send_at_once(day, now)

    def identify(
        self,
        ids: dict[NewAction | PassedOver, UUID],
        day: date,
        new: NewAction | PassedOver,
    ) -> UUID:
        return ids.setdefault(new, uid(f"{day} {new}"))

    def keep(self, act: Act, ids: dict[NewAction | PassedOver, UUID], day: date) -> None:
        for action in act.expire:
            self.pending.pop(action)
        phases = {step.key: step.phase for step in self.story.plan.steps}
        for new in act.make:
            self.pending[ids[new]] = Pending(
                open=OpenAction(
                    phase=phases[new.step],
                    reaches=new.reaches,
                    items=new.items,
                    credits=new.credits,
                ),
                made_on=day,
                fate=self.story.fate(new.step, day, [self.name(r.item) for r in new.reaches]),
                automatic=new.mode is Mode.AUTOMATIC,
            )

    def send_at_once(self, day: date, now: datetime) -> None:
        for action, pending in list(self.pending.items()):
            if pending.automatic and pending.made_on == day and pending.fate.lag == 0:
                self.close(action, day)
                self.wake = now

    def come_to_its_end(self, action: UUID, day: date) -> None:
        self.revise_one(action, day)
        if action in self.pending:
            self.close(action, day)

    def revise_all(self, day: date) -> None:
        for action in list(self.pending):
            self.revise_one(action, day)

    def revise_one(self, action: UUID, day: date) -> None:
        assert self.plan
        pending = self.pending[action]
        if pending.automatic and pending.fate.claimed:
            return
        match revise(pending.open, self.case, self.plan, day):
            case Cancel():
                self.log.append(f"{day} withdraw {self.told(pending.open.reaches)}")
                self.withdraw(action, pending.open.reaches)
                del self.pending[action]
            case Shrink(reaches=reaches, items=items, credits=reliefs):
                gone = [reach for reach in pending.open.reaches if reach not in reaches]
                self.withdraw(action, gone)
                pending.open = replace(pending.open, reaches=reaches, items=items, credits=reliefs)
                self.log.append(
                    f"{day} shrink {self.told(reaches)} to {self.listed(items)}"
                    f" less {self.listed(reliefs)}"
                )
            case _:
                pass

    def withdraw(self, action: UUID, reaches: Iterable[Reach]) -> None:
        items = {reach.item for reach in reaches}
        self.case = replace(
            self.case,
            runs=tuple(
                replace(run, taken=tuple(t for t in run.taken if t.action != action))
                if run.item in items
                else run
                for run in self.case.runs
            ),
        )

    def close(self, action: UUID, day: date) -> None:
        fate = self.pending.pop(action).fate
        state = StepState.EXECUTED if fate.executed else StepState.SKIPPED
        self.case = replace(
            self.case,
            runs=tuple(
                replace(
                    run,
                    taken=tuple(
                        replace(
                            t,
                            state=state,
                            on=day,
                            waiting=False,
                            opened=fate.opened,
                            replied=fate.replied,
                        )
                        if t.action == action
                        else t
                        for t in run.taken
                    ),
                )
                for run in self.case.runs
            ),
        )

    def note(self, act: Act, day: date, label: str) -> None:
        begun = [start for start in act.start if start.leads and start.item]
        lines = [f"begin {self.name(start.item)} after {start.after}" for start in begun]
        lines += [
            f"make {new.step} {new.mode} {self.told(new.reaches)} asks {self.listed(new.items)}"
            f" less {self.listed(new.credits)} due {new.due_on}"
            for new in act.make
        ]
        lines += [f"pass {self.told(passed.reaches)}" for passed in act.pass_over]
        lines += [f"expire {self.told(self.pending[action].open.reaches)}" for action in act.expire]
        lines += [f"finish {self.name(item)}" for item in act.finish]
        self.log += [f"{day} {label} {line}" for line in lines]

    def told(self, reaches: Iterable[Reach]) -> str:
        return " ".join(sorted(f"{r.step}:{self.name(r.item)}{r.occurrence}" for r in reaches))

    def listed(self, items: Iterable[UUID]) -> str:
        return "[" + " ".join(sorted(map(self.name, items))) + "]"

    def name(self, item: UUID | None) -> str:
        return self.names[item] if item else "statement"
