"""`relance check` as it is typed: what it prints, and with which code it ends."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from typer.testing import CliRunner, Result

from relance.cli.main import app
from relance.clock import WallClock
from relance.contracts.messages import ActionsQueued
from relance.messaging.outbox import post
from relance.store.types import new_id
from tests.world import a_world


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments, "--database", url])


def found(url: str, name: str = "Atelier Lumière", **case: Any) -> None:
    """A company with one customer, whose case rests unless `case` says otherwise."""

    async def populate() -> None:
        async with a_world(url, WallClock().now()) as world:
            await world.set_organisation(name=name)
            plan = await world.plan()
            customer = await world.customer("Boulangerie Martin", reference="C1")
            await world.case(customer, plan, **{"resting": "nothing_eligible"} | case)

    asyncio.run(populate())


def late(url: str) -> None:
    async def populate() -> None:
        async with a_world(url, WallClock().now()) as world, world.database.write() as tx:
            at = world.clock.now() - timedelta(hours=2, minutes=5)
            await post(tx, "scheduler", ActionsQueued, [new_id()], at)

    asyncio.run(populate())


def test_all_is_well(store_url: str) -> None:
    found(store_url)
    well = run(store_url)
    assert well.exit_code == 0, well.output
    assert well.stdout.endswith("All is well.\n")


def test_what_is_wrong_is_said_with_its_age_and_what_to_do(store_url: str) -> None:
    late(store_url)
    wrong = run(store_url, "--quick")
    assert wrong.exit_code == 1
    assert "Not carried for over a minute: 1 message." in wrong.stdout
    assert "message scheduler actions.queued, since 2 h 5 min" in wrong.stdout
    assert "relance doctor says" in wrong.stdout


def test_a_customer_is_named_by_its_reference_only(store_url: str) -> None:
    found(store_url, resting="")
    wrong = run(store_url)
    assert wrong.exit_code == 1
    assert "customer C1, case " in wrong.stdout
    assert "Martin" not in wrong.output


def test_machines_are_answered_in_json(store_url: str) -> None:
    found(store_url, resting="")
    wrong = run(store_url, "--json")
    assert wrong.exit_code == 1
    answer = json.loads(wrong.stdout)
    [finding] = answer["findings"]
    assert finding["invariant"] == "cases_without_wake_up"
    assert (finding["count"], finding["organisation"]) == (1, "Atelier Lumière")
    assert "forgotten" in answer["checked"]
    assert "forgotten" not in json.loads(run(store_url, "--json", "--quick").stdout)["checked"]


def test_wrong_usage_and_a_database_that_is_not_there_end_with_2(
    sqlite_store_url: str, sqlite_url: str
) -> None:
    assert run(sqlite_store_url, "--quick", "--wake").exit_code == 2
    assert run(sqlite_store_url, "--organisation", "Nobody").exit_code == 2
    assert run(sqlite_url.replace("relance.db", "none.db")).exit_code == 2


def test_a_wrong_setting_ends_with_2_and_its_name() -> None:
    wrong = CliRunner().invoke(app, ["check"], env={"RELANCE_SMTP_PORT": "many"})
    assert wrong.exit_code == 2
    assert "RELANCE_SMTP_PORT" in wrong.stderr
