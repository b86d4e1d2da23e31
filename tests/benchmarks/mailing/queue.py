"""A database in which so many reminders wait to leave: five late invoices and one contact each."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from relance.rendering import shipped
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    cases,
    contacts,
    customers,
    items,
    organisations,
    run_steps,
    runs,
)
from relance.store.types import new_id
from tests.world import DOCUMENT, World, a_world

ITEMS = 5
SLOT = datetime(2026, 11, 24, 7, 35, tzinfo=UTC)
_STEP = {
    "key": "first",
    "name": "Première relance",
    "phase": "reminder",
    "when": "3 days after due date",
    "channel": "email",
    "mode": "automatic",
    "template": "first-reminder",
}
_TABLES = (customers, contacts, items, cases, runs, actions, action_owners, action_items, run_steps)


async def queue_reminders(url: str, number: int) -> None:
    """Every second customer reads French, the others English; the texts are those that ship."""
    async with a_world(url, SLOT) as world:
        await world.set(
            organisations,
            world.organisation,
            address="12 quai Saint-Vincent\n69001 Lyon",
            phone="+33 4 78 00 00 00",
            send_until=time(18, 30),
        )
        plan = await world.plan({**DOCUMENT, "steps": [_STEP]})
        for text in shipped():
            await world.template(
                text.key,
                channel=text.channel,
                language=text.language,
                subject=text.subject,
                body=text.body,
            )
        rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in _TABLES}
        for place in range(number):
            for table, row in _reminder(world, plan, place):
                rows[table].append(row)
        async with world.database.write() as tx:
            for table, of in rows.items():
                await tx.execute(sa.insert(table), of)
        async with world.database.engine.connect() as connection:
            bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await bare.execute(sa.text("ANALYZE"))


def address(place: int) -> str:
    """Whom the reminder at that place goes to."""
    return f"accounts@client-{place:06}.test"


def amount_of(place: int, part: int) -> int:
    """An item's open amount, in cents."""
    return 10_000 + place % 1_000 * 100 + part


def _reminder(world: World, plan: Any, place: int) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    customer, case, action, run = (new_id() for _ in range(4))
    yield (
        customers,
        {
            "id": customer,
            "organisation_id": world.organisation,
            "reference": f"C{place:06}",
            "name": f"Société Générale d’Équipement {place}",
            "language": "fr" if place % 2 else "en",
            "account_manager_id": world.alice,
            "enabled": True,
            "plan_id": plan,
        },
    )
    yield (
        contacts,
        {
            "id": new_id(),
            "customer_id": customer,
            "reference": "main",
            "name": f"Hélène Martin {place}",
            "email": address(place),
            "main": True,
        },
    )
    found = [_invoice(world, customer, place, part) for part in range(ITEMS)]
    for row in found:
        yield items, row
    yield (
        cases,
        {
            "id": case,
            "customer_id": customer,
            "plan_id": plan,
            "enrolled_on": world.today - timedelta(days=90),
        },
    )
    yield (
        runs,
        {
            "id": run,
            "case_id": case,
            "item_id": found[-1]["id"],
            "number": 1,
            "started_on": world.today,
        },
    )
    yield actions, _action(world, customer, case, action)
    yield action_owners, {"action_id": action, "member_id": world.alice}
    for row in found:
        yield action_items, {"action_id": action, "item_id": row["id"]}
    yield run_steps, {"id": new_id(), "run_id": run, "step": "first", "action_id": action}


def _invoice(world: World, customer: Any, place: int, part: int) -> dict[str, Any]:
    due_on = world.today - timedelta(days=10 + part)
    amount = amount_of(place, part)
    return {
        "id": new_id(),
        "customer_id": customer,
        "number": f"F-{place:06}-{part}",
        "kind": "invoice",
        "issued_on": due_on - timedelta(days=30),
        "due_on": due_on,
        "known_on": due_on - timedelta(days=30),
        "currency": "EUR",
        "amount": amount,
        "open": amount,
    }


def _action(world: World, customer: Any, case: Any, action: Any) -> dict[str, Any]:
    now = world.clock.now()
    return {
        "id": action,
        "customer_id": customer,
        "case_id": case,
        "plan_key": "standard",
        "plan_version": 1,
        "step": "first",
        "step_name": _STEP["name"],
        "phase": "reminder",
        "channel": "email",
        "mode": "automatic",
        "template": "first-reminder",
        "sender": "account_manager",
        "state": "queued",
        "due_on": world.today,
        "made_at": now,
        "leave_at": now + timedelta(seconds=20),
    }
