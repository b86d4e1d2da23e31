"""A plan survives the way into a document, into a file, and back (F2)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.domain.documents import UnreadableDocument, document_of, plan_of
from relance.domain.ledger import Pause
from relance.domain.money import minor_digits
from relance.domain.plans import (
    AUTOMATIC_CHANNELS,
    TEMPLATE_CHANNELS,
    Anchor,
    Channel,
    Condition,
    ConditionKind,
    Every,
    Logic,
    Mode,
    OnReferenceSettled,
    OwnerKind,
    OwnerRule,
    Phase,
    Plan,
    PlanKind,
    Recurrence,
    Scope,
    Slots,
    Step,
    Trigger,
)
from relance.plan_files import read_plan, write_plan

CURRENCIES = ["EUR", "USD", "JPY", "TND"]
names = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
    .map(str.strip)
    .filter(bool)
)
keys = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
addresses = st.sampled_from(["marie@atelier.fr", "cfo+due@acme.co.uk", "elise@müller.example"])
positions = st.one_of(addresses, names.filter(lambda name: "@" not in name))
several = st.lists(positions, max_size=3).map(tuple)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
hours = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@st.composite
def amounts(draw: st.DrawFn, least: int = 0) -> dict[str, Decimal]:
    chosen = draw(st.lists(st.sampled_from(CURRENCIES), unique=True, min_size=least))
    minor = st.integers(0, 10**12)
    return {code: Decimal(draw(minor)).scaleb(-minor_digits(code)) for code in chosen}


conditions = st.one_of(
    st.sampled_from(
        [Condition(kind=ConditionKind.NO_REPLY), Condition(kind=ConditionKind.NOT_OPENED)]
    ),
    amounts(1).map(lambda found: Condition(kind=ConditionKind.AMOUNT_ABOVE, amounts=found)),
)
owners = st.one_of(
    st.sampled_from(
        [OwnerKind.ACCOUNT_MANAGER, OwnerKind.CUSTOMER_OWNERS, OwnerKind.PLAN_OWNER]
    ).map(lambda kind: OwnerRule(kind=kind)),
    st.sampled_from(["collector", "lead", "admin"]).map(
        lambda role: OwnerRule(kind=OwnerKind.ROLE, names=(role,))
    ),
    st.lists(addresses, min_size=1, max_size=3).map(
        lambda members: OwnerRule(kind=OwnerKind.MEMBERS, names=tuple(members))
    ),
)


def trigger(phase: Phase, *, first: bool) -> st.SearchStrategy[Trigger]:
    """Any that fits the phase."""
    after, before = st.integers(0, 1000), st.integers(-1000, -1)
    due_date = st.tuples(st.just(Anchor.DUE_DATE), before if phase is Phase.PRE_DUE else after)
    issue_date = st.tuples(st.just(Anchor.ISSUE_DATE), after)
    previous = st.tuples(st.just(Anchor.PREVIOUS_STEP), after)
    payment = st.tuples(st.just(Anchor.PAYMENT_DATE), after)
    fitting = payment if phase is Phase.THANK_YOU else due_date | issue_date
    counted = fitting if first or phase is Phase.THANK_YOU else fitting | previous
    return st.builds(
        lambda pair, end: Trigger(anchor=pair[0], days=pair[1], end_of_month=end),
        counted,
        st.booleans(),
    )


def in_order(found: list[Step]) -> tuple[Step, ...]:
    """The same steps, those of one phase and anchor due one after the other."""
    groups: dict[object, list[int]] = {}
    for step in found:
        groups.setdefault((step.phase, step.trigger.anchor), []).append(step.trigger.days)
    rising = {group: iter(sorted(numbers)) for group, numbers in groups.items()}
    return tuple(
        replace(
            step,
            trigger=replace(step.trigger, days=next(rising[step.phase, step.trigger.anchor])),
        )
        for step in found
    )


@st.composite
def steps(
    draw: st.DrawFn, key: str, phase: Phase, moment: st.SearchStrategy[Trigger], *, active: bool
) -> Step:
    channel = draw(st.sampled_from(Channel))
    modes = Mode if channel in AUTOMATIC_CHANNELS else [Mode.MANUAL]
    template = keys if channel in TEMPLATE_CHANNELS else st.none() | keys
    return Step(
        key=key,
        name=draw(names),
        phase=phase,
        trigger=draw(moment),
        channel=channel,
        mode=draw(st.sampled_from(list(modes))),
        owner=draw(owners),
        template=draw(template),
        sender=draw(st.sampled_from(["account_manager", "owner"]) | addresses),
        to=draw(several),
        cc=draw(several),
        attachments=draw(st.lists(names, max_size=2).map(tuple)),
        condition=draw(st.none() | conditions),
        active=active,
        automatic_since=draw(st.none() | days),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan that the rules allow."""
    by_hand = draw(st.booleans())
    recap = draw(st.booleans())
    some = draw(st.lists(keys, unique=True, min_size=0 if by_hand else 1, max_size=5))
    phases = sorted(
        draw(st.lists(st.sampled_from(Phase), min_size=len(some), max_size=len(some))),
        key=list(Phase).index,
    )
    at_recurrence = st.just(Trigger(anchor=Anchor.RECURRENCE))
    found = [
        draw(
            steps(
                key,
                Phase.REMINDER if recap else phase,
                at_recurrence if recap else trigger(phase, first=index == 0),
                active=not by_hand and (index == 0 or draw(st.booleans())),
            )
        )
        for index, (key, phase) in enumerate(zip(some, phases, strict=True))
    ]
    floors = draw(amounts())
    extra = draw(amounts())
    return Plan(
        id=draw(st.uuids()),
        key=draw(keys),
        name=draw(names),
        version=draw(st.integers(1, 99)),
        kind=PlanKind.RECAP if recap else PlanKind.ESCALATION,
        scope=Scope.ACCOUNT if recap else draw(st.sampled_from(Scope)),
        logic=draw(st.sampled_from(Logic)),
        on_reference_settled=draw(st.sampled_from(OnReferenceSettled)),
        contact_delay=draw(st.integers(0, 30)),
        steps=in_order(found),
        recurrence=draw(recurrences) if recap else None,
        floors=floors,
        ceilings={code: amount + floors.get(code, 0) for code, amount in extra.items()},
        slots=draw(slots()),
        owner=draw(st.none() | addresses),
        by_hand_only=by_hand,
        active=draw(st.booleans()),
        pause=draw(st.none() | st.builds(Pause, until=st.none() | days, reason=names)),
    )


recurrences = st.one_of(
    st.builds(Recurrence, every=st.just(Every.WEEK), on=st.integers(0, 6), start=st.none() | days),
    st.builds(
        Recurrence, every=st.just(Every.MONTH), on=st.integers(1, 31), start=st.none() | days
    ),
    st.builds(
        Recurrence, every=st.just(Every.DAYS), on=st.integers(1, 1000), start=st.none() | days
    ),
)


@st.composite
def slots(draw: st.DrawFn) -> Slots:
    some = sorted(draw(st.sets(hours, min_size=2, max_size=2)))
    return Slots(
        send_at=draw(st.none() | st.just(some[0])),
        send_until=draw(st.none() | st.just(some[1])),
        weekdays=draw(st.none() | st.frozensets(st.integers(0, 6), min_size=1)),
        holidays=draw(st.none() | st.booleans()),
    )


def again(plan: Plan, document: Mapping[str, Any]) -> Plan:
    """The plan of the document, with what only the database knows."""
    return plan_of(
        document,
        id=plan.id,
        version=plan.version,
        active=plan.active,
        pause=plan.pause,
        automatic_since={s.key: s.automatic_since for s in plan.steps if s.automatic_since},
    )


@given(plans())
def test_any_plan_survives_export_and_import_unchanged(plan: Plan) -> None:
    text = write_plan(document_of(plan))
    reading = read_plan(text.encode())
    assert [mistake for mistake in reading.mistakes if not mistake.warning] == []
    assert reading.document is not None
    assert again(plan, reading.document) == plan
    assert write_plan(reading.document) == text


@given(plans())
def test_any_plan_survives_the_database_s_json_unchanged(plan: Plan) -> None:
    assert again(plan, json.loads(json.dumps(document_of(plan)))) == plan


def test_a_stored_document_that_is_no_plan_says_where_it_is_not() -> None:
    with pytest.raises(UnreadableDocument, match=r"steps\[1\].*needs the field “mode”"):
        plan_of(
            {"plan": "a", "name": "A", "steps": [{"key": "b", "name": "B", "channel": "call"}]},
            id=UUID(int=1),
        )
