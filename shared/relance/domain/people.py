"""Members, and whose an action is (rules §7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from relance.domain.plans import OwnerKind, OwnerRule


class Role(StrEnum):
    """What a member may do; one person may be several."""

    COLLECTOR = "collector"
    LEAD = "lead"
    ADMIN = "admin"


ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A colleague. Away from `away_from` through `away_until`, `stand_in` gets what is new."""

    id: UUID
    name: str
    email: str
    roles: frozenset[Role] = frozenset({Role.COLLECTOR})
    active: bool = True
    away_from: date | None = None
    away_until: date | None = None
    stand_in: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsible:
    """Where the owners of a customer's actions are looked for, in the order of rules §7."""

    account_manager: UUID | None = None
    customer_owners: tuple[UUID, ...] = ()
    plan_owner: UUID | None = None
    default: UUID | None = None


def is_away(member: Member, today: date) -> bool:
    """Whether the member is out of office on that day."""
    return (
        member.away_from is not None
        and member.away_from <= today
        and (member.away_until is None or today <= member.away_until)
    )


def owners_of(
    rule: OwnerRule, responsible: Responsible, members: Sequence[Member], today: date
) -> tuple[UUID, ...]:
    """Who must act: the rule, else customer's owners, plan's owner, default; then stand-ins (F49).

    Empty only when the organisation has no active member in any of these places.
    """
    known = {m.id: m for m in members if m.active}
    places: tuple[Iterable[UUID | None], ...] = (
        _named(rule, responsible, members),
        responsible.customer_owners,
        (responsible.plan_owner,),
        (responsible.default,),
    )
    for place in places:
        found = [m for m in place if m is not None and m in known]
        if found:
            return tuple(dict.fromkeys(_present(m, known, today) for m in found))
    return ()


def _named(
    rule: OwnerRule, responsible: Responsible, members: Sequence[Member]
) -> Iterable[UUID | None]:
    match rule.kind:
        case OwnerKind.ACCOUNT_MANAGER:
            return (responsible.account_manager,)
        case OwnerKind.CUSTOMER_OWNERS:
            return responsible.customer_owners
        case OwnerKind.PLAN_OWNER:
            return (responsible.plan_owner,)
        case OwnerKind.ROLE:
            return tuple(m.id for m in members if rule.names and rule.names[0] in m.roles)
        case OwnerKind.MEMBERS:
            wanted = {name.casefold() for name in rule.names}
            return tuple(m.id for m in members if m.email.casefold() in wanted)


def _present(member: UUID, known: dict[UUID, Member], today: date) -> UUID:
    """The member, or along the chain of stand-ins the first who is not away."""
    seen = {member}
    current = known[member]
    while is_away(current, today) and current.stand_in in known and current.stand_in not in seen:
        current = known[current.stand_in]
        seen.add(current.id)
    return member if is_away(current, today) else current.id
