"""What an open action still stands for, once payments, disputes and pauses came in (rules §5).

Looked at in the transaction of the event and again at the moment of sending; it goes by the very
eligibility of evaluation. Withdrawn reaches are given back: their steps may come again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from relance.domain.cases import Case
from relance.domain.evaluation.acts import Reach
from relance.domain.evaluation.eligibility import (
    Account,
    Obstacle,
    accounts,
    asked,
    halts,
    is_thankable,
    obstructions,
    silence,
)
from relance.domain.ledger import Item
from relance.domain.plans import Phase, Plan, PlanKind, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Nothing in it has changed but amounts, which are read when it is rendered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrink:
    """What is left of it; `credits` are all that are open now, later ones too."""

    reaches: tuple[Reach, ...]
    items: tuple[UUID, ...]
    credits: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Nothing is left of it; `reason` is a `wording` key."""

    reason: str


Revision: TypeAlias = Keep | Shrink | Cancel


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAction:
    """An action under revision: what it was made for and what its owner left out of it since."""

    phase: Phase
    reaches: tuple[Reach, ...]
    items: tuple[UUID, ...]
    credits: tuple[UUID, ...] = ()
    left_out: frozenset[UUID] = frozenset()


def revise(action: OpenAction, case: Case, plan: Plan, today: date) -> Revision:
    """What has become of an action of the plan; `today` is the organisation's date."""
    if found := halts(case, plan, today):
        return Cancel(reason=found[0].reason)
    if action.phase is Phase.THANK_YOU:
        return _revise_thanks(action, case)
    ledger = accounts(case, today)
    gone = _gone(action, case, plan, ledger, today)
    if plan.kind is PlanKind.RECAP:
        return _revised(action, action.reaches, action.items, ledger, gone)
    standing = tuple(reach for reach in action.reaches if reach.item not in gone)
    if not standing:
        return Cancel(reason=next((gone[r.item] for r in action.reaches), Obstacle.SETTLED))
    carried = _carried(action, plan, standing, ledger)
    return _revised(action, standing, carried, ledger, gone)


def revise_specific(items: Sequence[UUID], case: Case) -> Revision:
    """A specific action stands for its items until they are settled, whatever their status (§8)."""
    open_items = {item.id for item in case.items if item.open > 0}
    left = tuple(item for item in items if item in open_items)
    if not left:
        return Cancel(reason=Obstacle.SETTLED)
    return Keep() if len(left) == len(items) else Shrink(reaches=(), items=left)


def _revise_thanks(action: OpenAction, case: Case) -> Revision:
    payments = {item.id for item in case.items if is_thankable(item)}
    left = tuple(reach for reach in action.reaches if reach.item in payments)
    return _outcome(action, left, (), ()) if left else Cancel(reason="payment_cancelled")


def _gone(
    action: OpenAction, case: Case, plan: Plan, ledger: Mapping[str, Account], today: date
) -> dict[UUID | None, str]:
    """Why which of the action's items are not reminded any more; what is not known is settled."""
    known = {item.id: item for item in case.items}
    silenced = {c: why for c, account in ledger.items() if (why := silence(account, plan))}
    gone: dict[UUID | None, str] = {}
    for wanted in (*action.items, *(reach.item for reach in action.reaches if reach.item)):
        item = known.get(wanted)
        if item is None:
            gone[wanted] = Obstacle.SETTLED
        elif found := obstructions(item, today):
            gone[wanted] = found[0].obstacle
        elif item.currency in silenced:
            gone[wanted] = silenced[item.currency]
        elif action.phase is Phase.PRE_DUE and item.due_on and item.due_on <= today:
            gone[wanted] = "past_due"
    return gone


def _carried(
    action: OpenAction, plan: Plan, standing: Sequence[Reach], ledger: Mapping[str, Account]
) -> list[UUID]:
    """The items that the remaining references carry: themselves, or all of their accounts."""
    own = {reach.item for reach in standing}
    if action.phase is Phase.PRE_DUE or plan.scope is Scope.ITEM:
        return [item for item in action.items if item in own]
    carried = {
        item.id
        for account in ledger.values()
        if any(item.id in own for item in account.eligible)
        for item in account.eligible
    }
    return [item for item in action.items if item in carried]


def _revised(
    action: OpenAction,
    reaches: Sequence[Reach],
    items: Iterable[UUID],
    ledger: Mapping[str, Account],
    gone: Mapping[UUID | None, str],
) -> Revision:
    """Drops what is gone and the currencies in which credits cover what is asked for."""
    eligible = {item.id: item for account in ledger.values() for item in account.eligible}
    left = [eligible[item] for item in items if item not in gone]
    if not left:
        return Cancel(reason=next(iter(gone.values()), Obstacle.SETTLED))
    currencies = {item.currency for item in left}
    reliefs = [] if action.phase is Phase.PRE_DUE else _reliefs(action, currencies, ledger)
    owed = {currency for currency, amount in asked(left, reliefs).items() if amount > 0}
    if not owed:
        return Cancel(reason="covered")
    return _outcome(
        action,
        [r for r in reaches if r.item is None or eligible[r.item].currency in owed],
        [item.id for item in left if item.currency in owed],
        [credit.id for credit in reliefs if credit.currency in owed],
    )


def _reliefs(
    action: OpenAction, currencies: Collection[str], ledger: Mapping[str, Account]
) -> list[Item]:
    return [
        credit
        for currency in sorted(currencies)
        for credit in ledger[currency].credits
        if credit.id not in action.left_out
    ]


def _outcome(
    action: OpenAction, reaches: Iterable[Reach], items: Iterable[UUID], reliefs: Iterable[UUID]
) -> Keep | Shrink:
    left = Shrink(reaches=tuple(reaches), items=tuple(items), credits=tuple(reliefs))
    same = (
        left.reaches == action.reaches
        and left.items == action.items
        and set(left.credits) == set(action.credits)
    )
    return Keep() if same else left
