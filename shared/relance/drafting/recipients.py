"""Whom a message goes to: the contacts of a position, the main contact, the company (F61)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from relance.domain.plans import Channel
from relance.domain.problems import Problem
from relance.drafting.addresses import is_address
from relance.drafting.draft import Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody at the customer's; `opted_out` are channels, `email_invalid` why mail fails."""

    id: UUID
    name: str = ""
    email: str = ""
    phone: str = ""
    position: str = ""
    main: bool = False
    email_invalid: str = ""
    opted_out: frozenset[str] = frozenset()


def contact_of(row: Mapping[Any, Any]) -> Contact:
    """A row of contacts as a value."""
    return Contact(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        position=row["position"],
        main=row["main"],
        email_invalid=row["email_invalid"],
        opted_out=frozenset(row["opted_out"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """One recipient set, or why there is none."""

    to: tuple[Recipient, ...] = ()
    cc: tuple[Recipient, ...] = ()
    problem: Problem | None = None


def recipients(
    channel: Channel, to: Sequence[str], cc: Sequence[str], contacts: Sequence[Contact]
) -> Recipients:
    """Who gets it, from positions and typed addresses; an empty `to` means the main contact.

    A position that nobody fills (or nobody who may be written to) falls to the main contact, and
    that to anybody at the company; in a copy it falls away. What was typed is taken as it is: when
    it cannot be used, the whole message waits for a person.
    """
    reach = _reach(channel)
    typed = [entry for entry in (*to, *cc) if _is_typed(entry)]
    for entry in typed:
        if problem := _typed_problem(channel, entry, contacts):
            return Recipients(problem=problem)
    usable = [contact for contact in contacts if _problem(channel, contact) is None]
    wanted = [found for entry in to for found in _named(entry, usable, reach)]
    if not wanted or any(not _named(entry, usable, reach) for entry in to):
        wanted += _company(usable, reach)
    chosen = _once(wanted)
    if not chosen:
        return Recipients(problem=_why_nobody(channel, contacts))
    taken = {recipient.address.casefold() for recipient in chosen}
    copies = _once(found for entry in cc for found in _named(entry, usable, reach))
    return Recipients(
        to=chosen, cc=tuple(copy for copy in copies if copy.address.casefold() not in taken)
    )


def _reach(channel: Channel) -> Callable[[Contact], str]:
    """The part of a contact that the channel uses."""
    by_phone = channel in (Channel.SMS, Channel.CALL)
    return lambda contact: (contact.phone if by_phone else contact.email).strip()


def _problem(channel: Channel, contact: Contact) -> Problem | None:
    address = _reach(channel)(contact)
    if not address:
        return Problem.NO_CONTACT
    if channel in contact.opted_out:
        return Problem.OPTED_OUT
    if channel is Channel.EMAIL and (contact.email_invalid or not is_address(address)):
        return Problem.ADDRESS_INVALID
    return None


def _is_typed(entry: str) -> bool:
    """Positions are words; addresses have an @, telephone numbers begin with + or a digit."""
    return "@" in entry or entry.strip()[:1] in set("+0123456789")


def _typed_problem(channel: Channel, entry: str, contacts: Iterable[Contact]) -> Problem | None:
    reach = _reach(channel)
    known = [c for c in contacts if reach(c).casefold() == entry.strip().casefold()]
    for contact in known:
        if problem := _problem(channel, contact):
            return problem
    if channel is Channel.EMAIL and not is_address(entry.strip()):
        return Problem.ADDRESS_INVALID
    return None


def _named(
    entry: str, usable: Iterable[Contact], reach: Callable[[Contact], str]
) -> list[Recipient]:
    """The contacts of a position, or whoever is behind a typed address."""
    if _is_typed(entry):
        address = entry.strip()
        known = (c for c in usable if reach(c).casefold() == address.casefold())
        return [_recipient(c, reach) for c in known][:1] or [Recipient(address=address)]
    position = entry.strip().casefold()
    return [_recipient(c, reach) for c in usable if c.position.strip().casefold() == position]


def _company(usable: Sequence[Contact], reach: Callable[[Contact], str]) -> list[Recipient]:
    """The main contact, else anybody who can be reached."""
    main_first = sorted(usable, key=lambda contact: not contact.main)
    return [_recipient(contact, reach) for contact in main_first[:1]]


def _recipient(contact: Contact, reach: Callable[[Contact], str]) -> Recipient:
    return Recipient(address=reach(contact), name=contact.name, contact=contact.id)


def _once(found: Iterable[Recipient]) -> tuple[Recipient, ...]:
    by_address: dict[str, Recipient] = {}
    for recipient in found:
        by_address.setdefault(recipient.address.casefold(), recipient)
    return tuple(by_address.values())


def _why_nobody(channel: Channel, contacts: Iterable[Contact]) -> Problem:
    """The reason that can be mended best: an address is there but may not be used."""
    found = {_problem(channel, contact) for contact in contacts}
    for problem in (Problem.ADDRESS_INVALID, Problem.OPTED_OUT):
        if problem in found:
            return problem
    return Problem.NO_CONTACT
