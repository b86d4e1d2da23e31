"""Who works with Relance, and what they may do (F59); an organisation keeps an admin."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.house_requests import AddMember, ChangeRoles, RemoveMember
from relance.domain.people import Member, Role
from relance.domain.requests import Answer, Decline, Declined, Granted, Request
from relance.drafting.addresses import is_address
from relance.store.organisations import load_members
from relance.store.tables import action_owners, actions, members, organisations
from relance_scheduler.founding import NewMember, add_members
from relance_scheduler.history import Event, record
from relance_scheduler.requests.asker import Asker, Grant


async def add_member(tx: AsyncConnection, asked: AddMember, asker: Asker) -> Answer:
    """Who was a member before comes back with the roles that are given now."""
    team = await _team(tx, asker)
    if not asked.name.strip() or not is_address(asked.email):
        return Declined(why=Decline.INVALID, fields={"email": "member_address"})
    if not asked.as_roles:
        return Declined(why=Decline.INVALID, fields={"roles": "member_roles"})
    known = _find(team, asked.email)
    if known and known.active:
        return Declined(why=Decline.UNCHANGED)
    if known:
        roles = [role.value for role in asked.as_roles]
        await _change(tx, known, active=True, roles=roles, name=asked.name.strip())
    else:
        new = NewMember(name=asked.name.strip(), email=asked.email, roles=asked.as_roles)
        await add_members(tx, asker.organisation, [new])
    await _record(tx, asker, "member_added", asked.email, asked.as_roles)
    return Granted(detail={"name": asked.name.strip()})


async def change_roles(tx: AsyncConnection, asked: ChangeRoles, asker: Asker) -> Answer:
    team = await _team(tx, asker)
    member = _find(team, asked.email)
    if member is None or not member.active:
        return Declined(why=Decline.GONE)
    if not asked.as_roles:
        return Declined(why=Decline.INVALID, fields={"roles": "member_roles"})
    if member.roles == frozenset(asked.as_roles):
        return Declined(why=Decline.UNCHANGED)
    if Role.ADMIN not in asked.as_roles and _is_last_admin(member, team):
        return Declined(why=Decline.INVALID, fields={"roles": "last_admin"})
    await _change(tx, member, roles=[role.value for role in asked.as_roles])
    await _record(tx, asker, "roles_changed", asked.email, asked.as_roles, member.roles)
    return Granted(detail={"name": member.name})


async def remove_member(tx: AsyncConnection, asked: RemoveMember, asker: Asker) -> Answer:
    """What waits for them stays theirs until it is reassigned: the answer says how much."""
    team = await _team(tx, asker)
    member = _find(team, asked.email)
    if member is None or not member.active:
        return Declined(why=Decline.GONE)
    if _is_last_admin(member, team):
        return Declined(why=Decline.INVALID, fields={"member": "last_admin"})
    await _change(tx, member, active=False)
    await _record(tx, asker, "member_removed", member.email, (), member.roles)
    return Granted(detail={"name": member.name, "n": await _waiting(tx, member)})


async def _team(tx: AsyncConnection, asker: Asker) -> Sequence[Member]:
    """The members, after the organisation's lock: two admins may be removing each other."""
    mine = organisations.c.id == asker.organisation
    await tx.execute(sa.select(organisations.c.id).where(mine).with_for_update(key_share=True))
    return await load_members(tx, asker.organisation)


def _find(team: Sequence[Member], email: str) -> Member | None:
    wanted = email.strip().casefold()
    return next((member for member in team if member.email.casefold() == wanted), None)


def _is_last_admin(member: Member, team: Sequence[Member]) -> bool:
    admins = {m.id for m in team if m.active and Role.ADMIN in m.roles}
    return admins == {member.id}


async def _change(tx: AsyncConnection, member: Member, **columns: object) -> None:
    await tx.execute(sa.update(members).where(members.c.id == member.id).values(**columns))


async def _waiting(tx: AsyncConnection, member: Member) -> int:
    """The open actions that are nobody else's."""
    others = action_owners.alias()
    shared = sa.exists().where(others.c.action_id == actions.c.id, others.c.member_id != member.id)
    mine = sa.exists().where(
        action_owners.c.action_id == actions.c.id, action_owners.c.member_id == member.id
    )
    counted = sa.select(sa.func.count()).select_from(actions)
    return await tx.scalar(counted.where(actions.c.closed_at.is_(None), mine, ~shared)) or 0


async def _record(
    tx: AsyncConnection,
    asker: Asker,
    event: str,
    email: str,
    after: Sequence[Role],
    before: frozenset[Role] = frozenset(),
) -> None:
    detail = {
        "email": email,
        "before": sorted(role.value for role in before),
        "after": sorted(role.value for role in after),
    }
    await record(tx, [Event(event=event, at=asker.now, member=asker.member.id, detail=detail)])


GRANTS: Mapping[type[Request], Grant] = {
    AddMember: add_member,
    ChangeRoles: change_roles,
    RemoveMember: remove_member,
}
