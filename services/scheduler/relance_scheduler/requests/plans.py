"""A plan's next version, made from the one that was seen (F39, F56)."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.plan_requests import ChangePlan
from relance.domain.requests import Answer, Decline, Declined, Granted, Request
from relance.plan_files import canonical
from relance.reporting.plan_checking import plan_faults
from relance.store.plans import find_plan, followers
from relance.store.tables import plans
from relance_scheduler.plans import apply
from relance_scheduler.requests.asker import Asker, Grant


async def change_plan(tx: AsyncConnection, asked: ChangePlan, asker: Asker) -> Answer:
    """Somebody else's newer version stands: who asked looks at it first."""
    house = asker.organisation
    mine = (plans.c.organisation_id == house, plans.c.key == asked.plan)
    await tx.execute(sa.select(plans.c.id).where(*mine).with_for_update(key_share=True))
    current = await find_plan(tx, house, asked.plan)
    if (current.version if current else 0) != asked.seen:
        return Declined(why=Decline.STALE)
    if not await _is_right(tx, asked, asker):
        return Declined(why=Decline.INVALID, fields={"plan": "plan_wrong"})
    document = canonical(asked.document)
    applied = await apply(tx, house, document, asker.member.id, asker.now)
    if applied.is_unchanged:
        return Declined(why=Decline.UNCHANGED)
    following = (await followers(tx, house)).get(applied.plan, 0)
    return Granted(
        detail={"plan": document["name"], "version": applied.version, "n": following}
        | ({"new": ""} if applied.is_new else {})
    )


async def _is_right(tx: AsyncConnection, asked: ChangePlan, asker: Asker) -> bool:
    faults = await plan_faults(tx, asker.organisation, asked.document)
    return asked.document.get("plan") == asked.plan and all(fault.warning for fault in faults)


GRANTS: Mapping[type[Request], Grant] = {ChangePlan: change_plan}
