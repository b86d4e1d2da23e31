"""Cards: every state, both languages, hostile data, always within Slack's limits."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.domain.actions import ActionState, Verb
from relance.domain.ledger import ItemKind
from relance.domain.plans import Channel
from relance.domain.worklist import ContactLine, Pending
from relance_bot.blocks.card import CardView, card
from relance_bot.blocks.deeds import news
from relance_bot.blocks.words import LANGUAGES, Language
from tests.unit.slack_values import (
    ALICE,
    BOB,
    NOW,
    action,
    buttons,
    check_drawn,
    deed,
    draft,
    item,
    said,
    views,
)


def drawn(language: Language = "en", *, mine: bool = True, **more: Any) -> str:
    message = card(CardView(action=action(**more), draft=draft(), mine=mine), language, NOW)
    check_drawn(message)
    return said(message)


def labels(**more: Any) -> list[str]:
    given_draft = more.pop("draft", draft())
    message = card(CardView(action=action(**more), draft=given_draft), "en", NOW)
    return [button["text"]["text"] for button in buttons(list(message.blocks))]


@given(views, st.sampled_from(LANGUAGES))
def test_a_card_keeps_every_limit_whatever_it_shows(view: CardView, language: Language) -> None:
    check_drawn(card(view, language, NOW))


@given(views, st.sampled_from(LANGUAGES))
def test_news_keep_every_limit(view: CardView, language: Language) -> None:
    for one in view.action.deeds:
        check_drawn(news(language, view.action, one))


def test_a_waiting_card_says_who_owes_what_since_when_and_what_would_be_sent() -> None:
    text = drawn()
    assert "First reminder · ACME" in text
    assert "*€120.00* owed, 10 days late" in text
    assert "F-1\n14 Nov 2026\n10\n€120.00" in text
    assert "To: pay@acme.test" in text
    assert "Subject: *Your invoice*" in text
    assert "Dear customer,\n\nplease pay." in text


def test_a_french_owner_reads_french() -> None:
    text = drawn("fr")
    assert "*120,00\u00a0€* dus, 10 jours de retard" in text
    assert "Valider" in text


def test_currencies_stand_side_by_side_and_are_never_added() -> None:
    lines = (item("F-1", "1200.00"), item("F-2", "300.00", "USD"), item("F-3", "5.00"))
    assert "*€1,205.00 and US$300.00* owed" in drawn(items=lines)


def test_credits_count_against_what_is_owed() -> None:
    lines = (item("F-1", "100.00"), item("A-1", "30.00", kind=ItemKind.CREDIT_NOTE, due_on=None))
    text = drawn(items=lines)
    assert "*€70.00* owed" in text
    assert "A-1 (credit note)\n-\n-\n-€30.00" in text


def test_sixty_items_are_cut_with_a_note() -> None:
    assert "and 45 more items" in drawn(items=tuple(item(f"F-{n}") for n in range(60)))


def test_a_long_text_is_cut_with_a_note() -> None:
    long = draft(text="A line of the letter.\n" * 2_000)
    message = card(CardView(action=action(), draft=long), "en", NOW)
    check_drawn(message)
    assert "The text goes on: Edit shows all of it." in said(message)


def test_a_notice_before_the_due_date_says_when_it_is_due() -> None:
    assert "*€120.00*, due in 1 day" in drawn(items=(item(due_on=date(2026, 11, 25)),))


def test_an_email_has_validate_edit_and_skip_with_one_primary() -> None:
    assert labels() == ["Validate", "Edit", "Skip"]
    message = card(CardView(action=action(), draft=draft()), "en", NOW)
    held = list(buttons(list(message.blocks)))
    assert [b.get("style") for b in held] == ["primary", None, None]
    assert held[0]["accessibility_label"] == "Validate the reminder for ACME"
    assert {b["value"] for b in held} == {f"{action().id.hex}.3"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"channel": Channel.CALL}, ["Log the call", "Edit", "Skip"]),
        ({"channel": Channel.TASK}, ["Done", "Edit", "Skip"]),
        ({"problem": "channel_not_connected"}, ["I have sent it", "Edit", "Skip"]),
        ({"draft": draft(problem="no_contact")}, ["Edit", "Skip"]),
        ({"state": ActionState.UNCERTAIN}, ["Mark as sent", "Send again"]),
        ({"state": ActionState.QUEUED}, []),
        ({"state": ActionState.SKIPPED, "closed_at": NOW}, []),
        ({"pending": Pending(verb=Verb.VALIDATE, by=ALICE, at=NOW)}, []),
    ],
)
def test_each_state_offers_what_can_be_decided(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert labels(**changes) == expected


def test_sending_again_asks_first() -> None:
    message = card(CardView(action=action(state=ActionState.UNCERTAIN)), "en", NOW)
    again = list(buttons(list(message.blocks)))[1]
    assert "twice" in again["confirm"]["text"]["text"]


def test_a_call_shows_the_numbers() -> None:
    contact = ContactLine(name="Ann", phone="+33 1 23 45 67 89")
    assert "Ann +33 1 23 45 67 89" in drawn(channel=Channel.CALL, contacts=(contact,))


def test_a_pending_decision_shows_who_decides_and_no_content() -> None:
    text = drawn(pending=Pending(verb=Verb.VALIDATE, by=BOB, at=NOW))
    assert "Validating… (decided by Bob)" in text
    assert "please pay" not in text


def test_a_sent_card_says_who_validated_and_when_and_to_whom() -> None:
    text = drawn(
        state=ActionState.EXECUTED,
        closed_at=NOW,
        sent_to=("pay@acme.test",),
        deeds=(deed("made", ""), deed("validated"), deed("sent", "")),
    )
    assert f"Validated by Alice, <!date^{int(NOW.timestamp())}^" in text
    assert "Sent to pay@acme.test, <!date^" in text


def test_a_skipped_card_gives_the_reason() -> None:
    text = drawn(state=ActionState.SKIPPED, closed_at=NOW, deeds=(deed("skipped", reason="paid"),))
    assert "Skipped by Alice" in text
    assert "Reason: paid" in text


def test_a_cancelled_card_says_why_in_words() -> None:
    closed = deed("cancelled", "", reason="settled")
    text = drawn(state=ActionState.CANCELLED, closed_at=NOW, deeds=(closed,))
    assert "it has been settled" in text


def test_a_problem_says_what_to_do() -> None:
    assert "choose another address" in drawn(problem="rejected")


def test_a_problem_we_have_no_words_for_still_asks_for_a_decision() -> None:
    assert "Please check it, then decide." in drawn(problem="unheard_of: secret")
    assert "secret" not in drawn(problem="unheard_of: secret")


def test_who_is_no_longer_owner_sees_whose_it_is_and_nothing_else() -> None:
    text = drawn(mine=False, owners=(BOB,))
    assert "It is now with Bob." in text
    for content in ("ACME", "120", "please pay", "pay@acme.test", "F-1"):
        assert content not in text


def test_data_are_escaped_and_nothing_else_is() -> None:
    text = drawn(customer="<!channel> & *Co*", items=(item(open=Decimal(1)),))
    assert "&lt;!channel&gt; &amp; *Co*" in text  # the notification
    assert "First reminder · <!channel> & *Co*" in text  # a header is plain text


def test_the_same_state_draws_the_same_card() -> None:
    view = CardView(action=action(), draft=draft())
    assert card(view, "en", NOW) == card(replace(view), "en", NOW)
