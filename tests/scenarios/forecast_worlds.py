"""Random worlds for the forecast: customers of all kinds under plans of all kinds."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from tests.world import World

E = "email"
STEPS: tuple[tuple[str, str, str, str, str], ...] = (
    ("notice", "pre_due", "5 days before due date", E, "automatic"),
    ("first", "reminder", "1 day after due date", E, "automatic"),
    ("sms", "reminder", "4 days after previous step", "sms", "automatic"),
    ("second", "reminder", "8 days after due date", E, "confirm"),
    ("call", "reminder", "6 days after previous step", "call", "manual"),
    ("review", "reminder", "0 days after previous step", "task", "manual"),
    ("letter", "reminder", "30 days after due date", "letter", "automatic"),
    ("thanks", "thank_you", "1 day after payment", E, "automatic"),
)


def a_plan(chance: Random, key: str) -> dict[str, Any]:
    """A plan of a random kind with some of the steps."""
    kept = [step for step in STEPS if chance.random() < 0.7] or [STEPS[1]]
    if chance.random() < 0.15:
        steps = [{"key": "statement", "name": "S", "channel": E, "mode": "automatic"}]
        rhythm = {"kind": "recap", "every": "week on tuesday", "contact_delay": 2}
        return {"plan": key, "name": key, **rhythm, "steps": [_with_template(s) for s in steps]}
    return {
        "plan": key,
        "name": key,
        "kind": "escalation",
        "scope": chance.choice(["account", "item"]),
        "logic": chance.choice(["standard", "contextual"]),
        "on_reference_settled": chance.choice(["restart", "inherit", "contextual"]),
        "contact_delay": chance.choice([0, 3, 5]),
        "ceilings": chance.choice([{}, {"EUR": "500"}]),
        "floors": chance.choice([{}, {"EUR": "30"}]),
        "steps": [
            _with_template(
                {"key": k, "name": k, "phase": phase, "when": when, "channel": channel, "mode": m}
            )
            for k, phase, when, channel, m in kept
        ],
    }


def _with_template(step: Mapping[str, Any]) -> dict[str, Any]:
    return dict(step) | ({"template": "first"} if step["channel"] in (E, "letter") else {})


async def populate(world: World, seed: int, most_customers: int = 12) -> None:
    """Some plans, and customers with invoices, credits, payments, promises, pauses, disputes."""
    chance = Random(seed)
    plans = [await world.plan(a_plan(chance, f"plan-{number}")) for number in range(2)]
    for number in range(chance.randint(6, most_customers)):
        row: dict[str, Any] = {}
        if chance.random() < 0.2:
            until = world.today + timedelta(days=chance.randint(1, 20))
            row = {"paused": True, "paused_until": until}
        customer = await world.customer(f"Customer {number}", **row)
        for _ in range(chance.randint(0, 4)):
            await _item(world, chance, customer)
        enrolled = world.today - timedelta(days=chance.choice([0, 1, 40]))
        wake = world.clock.now()
        await world.case(customer, chance.choice(plans), enrolled_on=enrolled, wake_at=wake)


async def _item(world: World, chance: Random, customer: UUID) -> None:
    currency = chance.choice(["EUR", "EUR", "EUR", "USD", "JPY"])
    amount, kind = str(chance.randint(5, 900)), chance.random()
    if kind < 0.1:
        await world.credit(customer, amount, currency=currency)
        return
    if kind < 0.2:
        paid: dict[str, Any] = {"kind": "payment_on_account", "due_on": None, "open": 0}
        on = world.today - timedelta(days=chance.randint(0, 3))
        paid |= {"issued_on": on, "settled_on": on, "known_on": on}
        await world.invoice(customer, amount, currency=currency, **paid)
        return
    more: dict[str, Any] = {}
    if chance.random() < 0.15:
        until = world.today + timedelta(days=chance.randint(0, 20))
        more = {"family": "promise", "promised_for": until}
    elif chance.random() < 0.15:
        more = {"family": "dispute"}
    late = chance.randint(-35, 60)
    await world.invoice(customer, amount, late=late, currency=currency, **more)
