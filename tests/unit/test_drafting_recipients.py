"""Whom a message goes to (F61, scenario 22)."""

import pytest

from relance.domain.plans import Channel
from relance.drafting import Problem, Recipient
from relance.drafting.addresses import is_address
from relance.drafting.recipients import Contact, Recipients, recipients
from relance.store.types import new_id

MAIN = Contact(id=new_id(), name="Anne", email="anne@acme.test", phone="+33 1", main=True)
PAYER = Contact(id=new_id(), name="Paul", email="paul@acme.test", position="payer")
SECOND = Contact(id=new_id(), name="Rita", email="rita@acme.test", position="Payer")
BOUNCED = Contact(id=new_id(), email="gone@acme.test", position="payer", email_invalid="550")
SILENT = Contact(
    id=new_id(), email="no@acme.test", position="payer", opted_out=frozenset({"email"})
)


def to(*contacts: Contact) -> tuple[Recipient, ...]:
    return tuple(Recipient(address=c.email, name=c.name, contact=c.id) for c in contacts)


def addressed(*contacts: Contact, to: tuple[str, ...] = (), cc: tuple[str, ...] = ()) -> Recipients:
    return recipients(Channel.EMAIL, to, cc, contacts)


def test_nobody_named_means_the_main_contact() -> None:
    assert addressed(PAYER, MAIN).to == to(MAIN)


def test_a_position_means_everybody_in_it_whatever_its_capitals() -> None:
    assert addressed(MAIN, PAYER, SECOND, to=("PAYER",)).to == to(PAYER, SECOND)


def test_a_position_with_nobody_falls_to_the_main_contact() -> None:
    assert addressed(MAIN, PAYER, to=("purchaser",)).to == to(MAIN)


def test_of_two_positions_the_empty_one_adds_the_main_contact() -> None:
    assert addressed(MAIN, PAYER, to=("payer", "purchaser")).to == to(PAYER, MAIN)


def test_without_a_main_contact_anybody_at_the_company_will_do() -> None:
    assert addressed(BOUNCED, PAYER).to == to(PAYER)


def test_a_position_whose_people_may_not_be_written_to_has_nobody() -> None:
    assert addressed(MAIN, BOUNCED, SILENT, to=("payer",)).to == to(MAIN)


@pytest.mark.parametrize(
    ("contacts", "problem"),
    [
        ((), Problem.NO_CONTACT),
        ((Contact(id=new_id(), name="Anne"),), Problem.NO_CONTACT),
        ((SILENT,), Problem.OPTED_OUT),
        ((BOUNCED,), Problem.ADDRESS_INVALID),
        ((SILENT, BOUNCED), Problem.ADDRESS_INVALID),
        ((Contact(id=new_id(), email="a@b@c"),), Problem.ADDRESS_INVALID),
    ],
)
def test_when_nobody_is_left_the_reason_is_the_one_to_mend(
    contacts: tuple[Contact, ...], problem: Problem
) -> None:
    assert addressed(*contacts) == Recipients(problem=problem)


def test_a_typed_address_is_taken_as_it_is() -> None:
    assert addressed(MAIN, to=(" Boss@Acme.test ",)).to == (Recipient(address="Boss@Acme.test"),)


def test_a_typed_address_of_a_contact_is_that_contact() -> None:
    assert addressed(MAIN, PAYER, to=("PAUL@acme.test",)).to == to(PAYER)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("not@an@address", Problem.ADDRESS_INVALID),
        ("gone@acme.test", Problem.ADDRESS_INVALID),
        ("no@acme.test", Problem.OPTED_OUT),
    ],
)
@pytest.mark.parametrize("place", ["to", "cc"])
def test_a_typed_address_that_may_not_be_used_stops_the_message(
    typed: str, problem: Problem, place: str
) -> None:
    found = (
        addressed(MAIN, BOUNCED, SILENT, to=(typed,))
        if place == "to"
        else addressed(MAIN, BOUNCED, SILENT, cc=(typed,))
    )
    assert found == Recipients(problem=problem)


def test_in_a_copy_an_empty_position_falls_away() -> None:
    assert addressed(MAIN, cc=("purchaser",)) == Recipients(to=to(MAIN))


def test_nobody_gets_it_twice() -> None:
    found = addressed(MAIN, PAYER, to=("payer", "paul@acme.test"), cc=("payer", "anne@acme.test"))
    assert found == Recipients(to=to(PAYER), cc=to(MAIN))


def test_a_text_message_goes_to_a_telephone() -> None:
    found = recipients(Channel.SMS, (), (), (PAYER, MAIN))
    assert found.to == (Recipient(address="+33 1", name="Anne", contact=MAIN.id),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@acme.test", True),
        ("é@acme.test", False),
        ("a@bücher.test", True),
        ("a@acme.test\nBcc: b@acme.test", False),
        ("a b@acme.test", False),
        ('"a b"@acme.test', False),
        ("a@[127.0.0.1]", False),
        ("", False),
    ],
)
def test_what_is_an_address(text: str, expected: bool) -> None:
    assert is_address(text) is expected
