"""Modals and the Home tab: limits, what was typed, and what is never shown."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.domain.actions import Edit
from relance.domain.plans import Channel
from relance.domain.worklist import ContactLine, Person, ShownAction
from relance_bot.blocks import address, edit, modals
from relance_bot.blocks.card import CardView
from relance_bot.blocks.home import HomeView, home
from relance_bot.blocks.kit import Json
from relance_bot.blocks.typed import switched, typed_in
from relance_bot.blocks.values import Metadata, metadata_of
from relance_bot.blocks.words import LANGUAGES, Language
from relance_sandbox.slack.blocks.inputs import first_state
from tests.unit.slack_values import (
    BOB,
    NOW,
    action,
    actions,
    check_view_drawn,
    draft,
    item,
    names,
    people,
    said,
    texts,
    views,
)

languages = st.sampled_from(LANGUAGES)
CONTACTS = (
    ContactLine(name="Ann", email="ann@acme.test", phone="+33123456789", position="finance"),
    ContactLine(name="", email="pay@acme.test"),
)


def untouched(view: Json) -> Json:
    """The view as Slack sends it back when nobody has touched it."""
    return view | {"state": {"values": first_state(view["blocks"])}}


def metadata(view: Json) -> Metadata:
    found = metadata_of(view["private_metadata"])
    assert found is not None
    return found


def filled(view: Json, **fields: Any) -> Json:
    """The view with other values: text, an option's value or a list of them, by block_id."""
    sent = untouched(view)
    for block_id, value in fields.items():
        held = sent["state"]["values"][block_id.replace("__", "-")]["value"]
        if isinstance(value, list):
            held["selected_options"] = [{"value": v} for v in value]
        elif "selected_option" in held:
            held["selected_option"] = {"value": value}
        else:
            held["value"] = value
    return sent


@given(views, st.sampled_from(LANGUAGES))
def test_an_address_modal_keeps_every_limit(view: CardView, language: Language) -> None:
    check_view_drawn(address.form(view, language))


@given(views, languages)
def test_an_edit_modal_keeps_every_limit(view: CardView, language: Language) -> None:
    check_view_drawn(edit.form(view, language))


@given(views, languages, st.sampled_from(Channel))
def test_so_it_does_after_another_channel_was_chosen(
    view: CardView, language: Language, channel: Channel
) -> None:
    form = edit.form(view, language)
    typed = switched(typed_in(untouched(form), {}), channel)
    check_view_drawn(edit.form(view, language, typed=typed, moved=True))


@given(actions, languages, st.lists(people, min_size=1, max_size=120), names, texts)
def test_the_other_modals_keep_every_limit(
    shown: ShownAction, language: Language, members: list[Person], refusal: str, typed: str
) -> None:
    for view in (
        modals.loading(language),
        modals.call(shown, language),
        modals.done(shown, language),
        modals.skip(shown, language),
        modals.snooze(shown, language, date(2026, 11, 24)),
        modals.reassign(shown, language, members),
        modals.refusal(language, "Nothing has changed.", typed),
    ):
        check_view_drawn(view)


@given(views, languages)
def test_a_review_keeps_every_limit(view: CardView, language: Language) -> None:
    check_view_drawn(modals.review(view, language, NOW))


@given(st.lists(actions, max_size=45), st.lists(actions, max_size=45), languages)
def test_a_home_tab_keeps_every_limit(
    own: list[ShownAction], others: list[ShownAction], language: Language
) -> None:
    unique = {a.id: a for a in own}
    elsewhere = {a.id: a for a in others if a.id not in unique}
    view = HomeView(own=list(unique.values()), others=list(elsewhere.values()))
    check_view_drawn(home(view, language, NOW))


@given(views)
def test_saving_an_untouched_modal_changes_nothing(view: CardView) -> None:
    form = edit.form(view, "en")
    typed = typed_in(untouched(form), {})
    long_line = any(
        len(line) > edit.PART for line in (view.draft.text if view.draft else "").split("\n")
    )
    found = edit.edit_of(view, typed, metadata(form))
    if view.draft and not long_line and view.draft.to == tuple(dict.fromkeys(view.draft.to)):
        assert found.body is None
        assert found.items is None
        assert found.channel is None


def a_form(**more: Any) -> tuple[CardView, Json]:
    view = CardView(action=action(contacts=CONTACTS, **more), draft=draft())
    return view, edit.form(view, "en")


def test_only_what_was_changed_is_an_edit() -> None:
    view, form = a_form()
    typed = typed_in(filled(form, body__0="Pay, please."), {})
    assert edit.edit_of(view, typed, metadata(form)) == Edit(
        subject="Your invoice", body="Pay, please."
    )


def test_an_added_paragraph_is_an_edit() -> None:
    view, form = a_form()
    typed = typed_in(filled(form, body__0="Dear customer,\n\n\nplease pay."), {})
    assert edit.edit_of(view, typed, metadata(form)).body == "Dear customer,\n\n\nplease pay."


def test_recipients_are_chosen_and_typed() -> None:
    view, form = a_form()
    sent = filled(form, to__email=["ann@acme.test"], to_typed__email="x@acme.test; y@acme.test\n")
    found = edit.edit_of(view, typed_in(sent, {}), metadata(form))
    assert found == Edit(to=("ann@acme.test", "x@acme.test", "y@acme.test"))


def test_items_can_be_left_out() -> None:
    first, second = item("F-1"), item("F-2")
    view, form = a_form(items=(first, second))
    typed = typed_in(filled(form, items__0=[second.id.hex]), {})
    assert edit.edit_of(view, typed, metadata(form)) == Edit(items=(second.id,))


def test_a_long_text_comes_in_parts_and_goes_back_whole() -> None:
    text = "\n".join(f"Line {n} of a long letter." for n in range(800))
    view = CardView(action=action(), draft=draft(text=text))
    form = edit.form(view, "en")
    check_view_drawn(form)
    assert typed_in(untouched(form), {}).body == text


def test_a_text_beyond_all_fields_stays_as_it_is() -> None:
    view = CardView(action=action(), draft=draft(text="x" * 40_000))
    form = edit.form(view, "en")
    assert "too many to be edited here" in said(form["blocks"])
    assert edit.edit_of(view, typed_in(untouched(form), {}), metadata(form)) == Edit()


def test_what_another_channel_hides_comes_back_with_it() -> None:
    view, form = a_form()
    typed = typed_in(
        filled(form, to_typed__email="x@acme.test", subject="Mine", body__0="My text"), {}
    )
    as_sms = edit.form(view, "en", typed=switched(typed, Channel.SMS))
    assert "Subject" not in said(as_sms["blocks"])
    later = typed_in(untouched(as_sms), metadata(as_sms).kept)
    back = switched(later, Channel.EMAIL)
    assert (back.subject, back.body) == ("Mine", "My text")
    assert back.recipients() == ("pay@acme.test", "x@acme.test")


def test_a_letter_has_no_recipients_and_a_call_no_subject() -> None:
    view, form = a_form()
    typed = typed_in(untouched(form), {})
    letter = edit.form(view, "en", typed=switched(typed, Channel.LETTER))
    call = edit.form(view, "en", typed=switched(typed, Channel.CALL))
    assert {"subject", "to-email"} & blocks_of(letter) == {"subject"}
    assert {"subject", "to-email", "cc"} & blocks_of(call) == set()


def blocks_of(view: Json) -> set[str]:
    return {block["block_id"] for block in view["blocks"]}


def test_a_refusal_gives_back_what_was_typed() -> None:
    view = modals.refusal("en", "Too late.", "My careful text")
    assert view["blocks"][1]["element"]["initial_value"] == "My careful text"


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1, 2, 3, 4]", '["x.1", "", "", {}]', "null"])
def test_metadata_that_is_not_ours_is_no_metadata(text: str) -> None:
    assert metadata_of(text) is None


def test_a_lead_sees_of_others_the_name_the_owner_and_the_age_only() -> None:
    old = action(owners=(BOB,), made_at=NOW - timedelta(days=6))
    text = said(home(HomeView(own=(), others=(old,)), "en", NOW)["blocks"])
    assert "*First reminder* · Bob · waits since 6 days" in text
    for content in ("ACME", "120", "F-1"):
        assert content not in text


def test_a_collector_sees_nothing_of_others() -> None:
    assert "Waiting for others" not in said(home(HomeView(own=()), "en", NOW)["blocks"])


def test_the_greater_sum_and_the_longer_delay_come_first_and_the_row_says_so() -> None:
    small = replace(action(), id=UUID(int=1), customer="Small")
    big = replace(action(), id=UUID(int=2), customer="Big", items=(item(amount="900.00"),))
    late = replace(
        action(), id=UUID(int=3), customer="Late", items=(item(due_on=date(2026, 1, 1)),)
    )
    text = said(home(HomeView(own=(small, big, late)), "en", NOW)["blocks"])
    assert text.index("Late") < text.index("Big") < text.index("Small")
    assert "€900.00 × 10 days late" in text


def test_a_snoozed_action_is_counted_but_not_listed() -> None:
    asleep = action(snoozed_until=date(2026, 12, 1))
    text = said(home(HomeView(own=(asleep,)), "en", NOW)["blocks"])
    assert "1 snoozed" in text
    assert "ACME" not in text
