"""Identifiers grow, one by one and many at once, and none comes twice."""

from uuid import UUID

from relance.store.types import new_hex_ids, new_id


def test_identifiers_made_one_by_one_and_at_once_are_in_one_order() -> None:
    made = [new_id().hex, *new_hex_ids(10_000), new_id().hex, *new_hex_ids(0), new_id().hex]
    assert made == sorted(set(made))
    assert {(UUID(one).version, UUID(one).variant) for one in made} == {
        (7, "specified in RFC 4122")
    }
