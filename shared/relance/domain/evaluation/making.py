"""Which of the steps that are ready become actions now, and what each asks for (rules §2-§4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relance.domain.cases import Run, StepState
from relance.domain.evaluation.acts import NewAction, PassedOver, Reach, Start
from relance.domain.evaluation.eligibility import asked, over_ceiling, seniority
from relance.domain.evaluation.prospects import Situation, Upcoming, place_of
from relance.domain.evaluation.recaps import stated
from relance.domain.evaluation.triggers import trigger_day
from relance.domain.ledger import Item
from relance.domain.plans import (
    CONTACT_CHANNELS,
    Condition,
    ConditionKind,
    Mode,
    Phase,
    PlanKind,
    Scope,
    Step,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A step with the runs that are ready for it, and what their message would ask for.

    `noticed` are the items that a notice before the due date covers beside the references;
    `covered` the runs left out because credits cover all that they could ask for.
    """

    step: Step
    members: tuple[Upcoming, ...]
    items: tuple[Item, ...] = ()
    credits: tuple[Item, ...] = ()
    noticed: tuple[Item, ...] = ()
    covered: tuple[Upcoming, ...] = ()

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What it asks for, per currency."""
        return asked(self.items, self.credits)


def offers(now: Situation, ready: Iterable[Upcoming]) -> list[Offer]:
    """The ready runs by step, in the plan's order."""
    by_step: dict[str, list[Upcoming]] = {}
    for upcoming in ready:
        by_step.setdefault(upcoming.step.key, []).append(upcoming)
    return [_offer(now, step, by_step[step.key]) for step in now.plan.steps if step.key in by_step]


def _offer(now: Situation, step: Step, ready: Sequence[Upcoming]) -> Offer:
    if step.phase is Phase.THANK_YOU:
        return Offer(step=step, members=tuple(ready))
    if now.plan.kind is PlanKind.RECAP:
        items = tuple(stated(now))
        return Offer(step=step, members=tuple(ready), items=items, credits=_credits(now, items))
    if step.phase is Phase.PRE_DUE:
        return _notice(now, step, ready)
    return _reminder(now, step, ready)


def _notice(now: Situation, step: Step, ready: Sequence[Upcoming]) -> Offer:
    """A notice before the due date lists debits only (rules §2)."""
    references = [member.item for member in ready if member.item]
    noticed = _also_noticed(now, step, references) if now.plan.scope is Scope.ACCOUNT else []
    items = tuple(sorted((*references, *noticed), key=_by_currency))
    return Offer(step=step, members=tuple(ready), items=items, noticed=tuple(noticed))


def _also_noticed(now: Situation, step: Step, references: Sequence[Item]) -> list[Item]:
    """The accounts' other items whose notice has triggered too: they are noticed once."""
    day, place = now.at.day, now.ladder.places[step.key]
    found = []
    for currency in sorted({item.currency for item in references}):
        for item in now.accounts[currency].eligible:
            run = now.runs.get(item.id)
            dates = {taken.step: taken.on for taken in run.taken} if run else {}
            if (
                item not in references
                and (item.due_on or day) > day
                and (run is None or place_of(run, now.ladder) < place)
                and trigger_day(now.ladder.steps, place, item, dates) <= day
            ):
                found.append(item)
    return found


def _reminder(now: Situation, step: Step, ready: Sequence[Upcoming]) -> Offer:
    """A reminder asks for all that is due less the credits; what they cover is not asked for."""
    items = _reminded(now, ready)
    amounts = asked(items, _credits(now, items))
    kept = [m for m in ready if m.item and amounts[m.item.currency] > 0]
    currencies = {m.item.currency for m in kept if m.item}
    items = tuple(item for item in items if item.currency in currencies)
    return Offer(
        step=step,
        members=tuple(kept),
        items=items,
        credits=_credits(now, items),
        covered=tuple(member for member in ready if member not in kept),
    )


def _reminded(now: Situation, ready: Sequence[Upcoming]) -> tuple[Item, ...]:
    references = [member.item for member in ready if member.item]
    if now.plan.scope is Scope.ITEM:
        return tuple(sorted(references, key=_by_currency))
    found = {item.id: item for item in references}
    for currency in {item.currency for item in references}:
        for item in now.accounts[currency].eligible:
            if item.due_on is not None and item.due_on <= now.at.day:
                found[item.id] = item
    return tuple(sorted(found.values(), key=_by_currency))


def _by_currency(item: Item) -> tuple[str, object]:
    return item.currency, seniority(item)


def _credits(now: Situation, items: Iterable[Item]) -> tuple[Item, ...]:
    currencies = sorted({item.currency for item in items})
    return tuple(credit for currency in currencies for credit in now.accounts[currency].credits)


def chosen(now: Situation, found: Sequence[Offer]) -> list[Offer]:
    """The offers that become actions: with a contact delay, one contact and all that is none.

    The contact that triggered first goes, of several the most advanced; the others wait out the
    delay.
    """
    open_offers = [offer for offer in found if offer.members]
    contacts = [offer for offer in open_offers if offer.step.channel in CONTACT_CHANNELS]
    if not now.plan.contact_delay or len(contacts) < 2:
        return open_offers
    places = {step.key: place for place, step in enumerate(now.plan.steps)}
    first = min(contacts, key=lambda offer: (triggered_on(offer), -places[offer.step.key]))
    return [offer for offer in open_offers if offer is first or offer not in contacts]


def triggered_on(offer: Offer) -> date:
    """The day on which the first of its runs came to the step."""
    return min(member.triggers_on for member in offer.members)


def passed_over(now: Situation, offer: Offer) -> PassedOver | None:
    """Its runs for which the step's condition does not hold (F72)."""
    condition = offer.step.condition
    if condition is None:
        return None
    amounts = offer.amounts
    failing = [
        member
        for member in offer.members
        if not _holds(condition, member.run, _amounts_of(now, member, amounts))
    ]
    if not failing:
        return None
    return PassedOver(
        reaches=tuple(_reach(member) for member in failing), because=condition.kind.value
    )


def _amounts_of(
    now: Situation, member: Upcoming, amounts: Mapping[str, Decimal]
) -> Mapping[str, Decimal]:
    item = member.item
    if item is None:
        return amounts
    if now.plan.scope is Scope.ITEM or item.currency not in amounts:
        return {item.currency: item.open or item.amount}
    return {item.currency: amounts[item.currency]}


def _holds(condition: Condition, run: Run | None, amounts: Mapping[str, Decimal]) -> bool:
    if condition.kind is ConditionKind.AMOUNT_ABOVE:
        floors = condition.amounts
        return any(c not in floors or amount > floors[c] for c, amount in amounts.items())
    contacts = [t for t in run.taken if t.contact and t.state is StepState.EXECUTED] if run else []
    if not contacts:
        return True
    last = sorted(contacts, key=lambda taken: taken.on)[-1]  # of one day, the later
    return not (last.replied if condition.kind is ConditionKind.NO_REPLY else last.opened)


def new_action(now: Situation, offer: Offer) -> NewAction:
    """The offer as an action; above the ceiling a person decides it (F44)."""
    mode, because = offer.step.mode, None
    if mode is Mode.AUTOMATIC and over_ceiling(now.plan, offer.amounts):
        mode, because = Mode.MANUAL, "ceiling"
    noticed = (Reach(item=item.id, step=offer.step.key) for item in offer.noticed)
    return NewAction(
        step=offer.step.key,
        mode=mode,
        due_on=triggered_on(offer),
        reaches=(*(_reach(member) for member in offer.members), *noticed),
        items=tuple(item.id for item in offer.items),
        credits=tuple(credit.id for credit in offer.credits),
        manual_because=because,
    )


def _reach(member: Upcoming) -> Reach:
    item = member.item.id if member.item else None
    return Reach(item=item, step=member.step.key, occurrence=member.occurrence)


def begun_by(now: Situation, offer: Offer) -> list[Start]:
    """The runs that the action itself begins: of payments, of noticed items, of recaps."""
    starts = [
        Start(item=member.item.id if member.item else None, leads=member.item is None)
        for member in offer.members
        if member.run is None
    ]
    noticed = [item for item in offer.noticed if item.id not in now.runs]
    return starts + [Start(item=item.id, leads=False) for item in noticed]
