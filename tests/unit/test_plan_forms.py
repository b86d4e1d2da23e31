"""What the form of a step shows is understood when it is sent back as it stands."""

import pytest

from relance.domain.documents.phrases import condition_said, say_trigger, trigger_said
from relance.domain.plans import Anchor, Trigger
from relance_bot.blocks.step_form import condition_typed, day_typed
from relance_bot.blocks.words import LANGUAGES, Language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("anchor", [a for a in Anchor if a is not Anchor.RECURRENCE])
@pytest.mark.parametrize("days", [-14, -1, 0, 1, 45])
@pytest.mark.parametrize("end_of_month", [False, True])
def test_a_day_as_it_is_shown_is_read_back(
    language: Language, anchor: Anchor, days: int, *, end_of_month: bool
) -> None:
    trigger = Trigger(anchor=anchor, days=days, end_of_month=end_of_month)
    assert trigger_said(day_typed(say_trigger(trigger), language)) == trigger


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", ["no reply", "not opened", "amount above 1000 EUR, 12.5 USD"])
def test_a_condition_as_it_is_shown_is_read_back(language: Language, said: str) -> None:
    assert condition_said(condition_typed(said, language)) == condition_said(said)


def test_what_nobody_understands_is_shown_as_it_stands() -> None:
    assert day_typed("some day", "fr") == "some day"
    assert condition_typed("if sunny", "fr") == "if sunny"
