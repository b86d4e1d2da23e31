"""Whom a message is from: a member, at the house's address where theirs is elsewhere (F32)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from relance.domain.plans import Mode
from relance.drafting.addresses import is_address
from relance.drafting.draft import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """A member as the one who signs."""

    id: UUID
    name: str
    email: str
    phone: str = ""
    signature: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What decides on an action's sender; `rule` is the step's, `released_by` who validated it."""

    rule: str
    mode: Mode
    released_by: UUID | None
    account_manager: UUID | None
    owners: Sequence[UUID]


def signatory(signing: Signing, members: Mapping[UUID, Signatory]) -> Signatory | None:
    """Who signs: by hand, whoever validated; else the step's rule; else an owner; else nobody."""
    by_hand = signing.mode is Mode.MANUAL
    places: tuple[Sequence[UUID | None], ...] = (
        (signing.released_by,) if by_hand else (),
        signing.owners if by_hand or signing.rule == "owner" else (),
        (_of_address(signing.rule, members),),
        (signing.account_manager,),
        signing.owners,
    )
    known = (members.get(found) for place in places for found in place if found)
    return next((member for member in known if member and member.active), None)


def sender(member: Signatory | None, name: str, house_address: str) -> Sender | None:
    """The address a message is from; `name`, `house_address` are the organisation's.

    A member whose domain is not the house address's cannot be vouched for: the message is from the
    house, and answers go to the member. None when there is no usable address at all.
    """
    house = house_address.strip() if is_address(house_address.strip()) else ""
    own = member.email.strip() if member and is_address(member.email.strip()) else ""
    shown = member.name if member else name
    if own and (not house or _domain(own) == _domain(house)):
        return Sender(name=shown, address=own)
    if house:
        return Sender(name=shown, address=house, reply_to=own or None)
    return None


def _of_address(rule: str, members: Mapping[UUID, Signatory]) -> UUID | None:
    wanted = rule.strip().casefold()
    return next((m.id for m in members.values() if m.email.casefold() == wanted), None)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()
