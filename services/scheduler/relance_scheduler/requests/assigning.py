"""Who follows which plan, and who is reminded at all (F27, F31, F58)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.plan_requests import AssignPlan, SwitchCustomers
from relance.domain.requests import Answer, Decline, Declined, Granted, Request
from relance.store.assignments import Assignment, moved_by
from relance.store.organisations import load_organisations
from relance.store.plans import find_plan
from relance.store.tables import customers, organisations, profiles
from relance_scheduler.activation import switch
from relance_scheduler.history import Event, record
from relance_scheduler.requests.asker import Asker, Grant
from relance_scheduler.requests.moving import move


async def assign_plan(tx: AsyncConnection, asked: AssignPlan, asker: Asker) -> Answer:
    """Those whom it moves leave their plan at once; what has been sent stays sent."""
    plan = await find_plan(tx, asker.organisation, asked.plan)
    given = await _assignment(tx, asked, plan.id, asker) if plan else None
    if plan is None or given is None:
        return Declined(why=Decline.GONE)
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    moves = await moved_by(tx, house.id, house.default_plan, given)
    await _write(tx, given, asker)
    moved = [one.id for one in moves]
    await move(tx, moved, asker.now)
    await record(tx, _lines(asked, given, moved, asker))
    return Granted(detail={"plan": plan.name, "n": len(moved)})


async def switch_customers(tx: AsyncConnection, asked: SwitchCustomers, asker: Asker) -> Answer:
    references = [asked.customer] if asked.customer else []
    done = await switch(
        tx, asker.organisation, references, asked.enabled, asker.now, asker.member.id
    )
    if done.unknown:
        return Declined(why=Decline.GONE)
    if not done.changed:
        return Declined(why=Decline.UNCHANGED)
    detail = {"n": done.changed, "customer": asked.customer}
    event = "customers_enabled" if asked.enabled else "customers_disabled"
    await record(tx, [Event(event=event, at=asker.now, member=asker.member.id, detail=detail)])
    return Granted(detail={"n": done.changed} | ({} if asked.enabled else {"off": ""}))


async def _assignment(
    tx: AsyncConnection, asked: AssignPlan, plan: UUID, asker: Asker
) -> Assignment | None:
    """What was asked for, by identifiers; None where nothing in the organisation is called so."""
    if asked.others:
        return Assignment(plan=plan)
    table, name = (profiles, "name") if asked.profile else (customers, "reference")
    found = await tx.scalar(
        sa.select(table.c.id).where(
            table.c.organisation_id == asker.organisation,
            table.c[name] == (asked.profile or asked.customer),
        )
    )
    if found is None:
        return None
    if asked.profile:
        return Assignment(plan=plan, profile=found, without_email=asked.without_email)
    return Assignment(plan=plan, customer=found)


async def _write(tx: AsyncConnection, given: Assignment, asker: Asker) -> None:
    if given.customer:
        change = sa.update(customers).where(customers.c.id == given.customer)
        await tx.execute(change.values(plan_id=given.plan))
    elif given.profile:
        side = "plan_without_email_id" if given.without_email else "plan_with_email_id"
        change = sa.update(profiles).where(profiles.c.id == given.profile)
        await tx.execute(change.values({side: given.plan}))
    else:
        change = sa.update(organisations).where(organisations.c.id == asker.organisation)
        await tx.execute(change.values(default_plan_id=given.plan))


def _lines(
    asked: AssignPlan, given: Assignment, moved: Sequence[UUID], asker: Asker
) -> Sequence[Event]:
    """One for the act, and where it moved several, one for each of them."""
    detail = {"plan": asked.plan, "profile": asked.profile, "n": len(moved)}
    act = Event(
        event="plan_assigned",
        at=asker.now,
        customer=given.customer,
        member=asker.member.id,
        detail={name: value for name, value in detail.items() if value},
    )
    each = [] if given.customer else moved
    return [
        act,
        *(
            Event(event="plan_given", at=asker.now, customer=one, detail={"plan": asked.plan})
            for one in each
        ),
    ]


GRANTS: Mapping[type[Request], Grant] = {
    AssignPlan: assign_plan,
    SwitchCustomers: switch_customers,
}
