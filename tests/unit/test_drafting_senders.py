"""Whom a message is from (F32)."""

from dataclasses import replace
from uuid import UUID

import pytest

from relance.domain.plans import Mode
from relance.drafting import Sender
from relance.drafting.senders import Signatory, Signing, sender, signatory
from relance.store.types import new_id

HOUSE = "relances@atelier.test"
ALICE = Signatory(id=new_id(), name="Alice", email="alice@atelier.test")
BRUNO = Signatory(id=new_id(), name="Bruno", email="bruno@atelier.test")
CHLOE = Signatory(id=new_id(), name="Chloé", email="Chloe@Freelance.test")
STAFF = {member.id: member for member in (ALICE, BRUNO, CHLOE)}
SIGNING = Signing(
    rule="account_manager",
    mode=Mode.AUTOMATIC,
    released_by=None,
    account_manager=ALICE.id,
    owners=(BRUNO.id,),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ALICE),
        ({"rule": "owner"}, BRUNO),
        ({"rule": "chloe@freelance.test"}, CHLOE),
        ({"rule": "nobody@atelier.test"}, ALICE),
        ({"account_manager": None}, BRUNO),
        ({"account_manager": None, "owners": ()}, None),
        ({"released_by": CHLOE.id}, ALICE),
        ({"mode": Mode.CONFIRM, "released_by": CHLOE.id}, ALICE),
        ({"mode": Mode.MANUAL, "released_by": CHLOE.id}, CHLOE),
        ({"mode": Mode.MANUAL}, BRUNO),
    ],
)
def test_who_signs(changes: dict[str, object], expected: Signatory | None) -> None:
    assert signatory(replace(SIGNING, **changes), STAFF) == expected  # type: ignore[arg-type]


def test_whoever_has_left_does_not_sign() -> None:
    staff: dict[UUID, Signatory] = STAFF | {ALICE.id: replace(ALICE, active=False)}
    assert signatory(SIGNING, staff) == BRUNO


@pytest.mark.parametrize(
    ("member", "house", "expected"),
    [
        (ALICE, HOUSE, Sender(name="Alice", address="alice@atelier.test")),
        (
            CHLOE,
            HOUSE,
            Sender(name="Chloé", address=HOUSE, reply_to="Chloe@Freelance.test"),
        ),
        (CHLOE, "", Sender(name="Chloé", address="Chloe@Freelance.test")),
        (None, HOUSE, Sender(name="Atelier", address=HOUSE)),
        (replace(ALICE, email="alice"), HOUSE, Sender(name="Alice", address=HOUSE)),
        (replace(ALICE, email="alice"), "atelier", None),
        (None, "", None),
    ],
)
def test_another_domain_than_the_house_s_is_only_answered_to(
    member: Signatory | None, house: str, expected: Sender | None
) -> None:
    assert sender(member, "Atelier", house) == expected
