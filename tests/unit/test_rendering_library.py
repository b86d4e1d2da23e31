"""The shipped texts, in every situation they can meet, and templates as files."""

import itertools
import re
from decimal import Decimal
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rendering import (
    MOST_SEGMENTS,
    Contact,
    Customer,
    MessageFacts,
    Mistake,
    Organisation,
    Row,
    Sender,
    Style,
    Template,
    check,
    choose,
    dump,
    in_file,
    load,
    load_folder,
    render,
    segments,
    shipped,
)
from relance.rendering.engine import Page
from relance.rendering.formats import locale_for
from relance.rendering.forms import form
from relance.rendering.layouts import Written
from tests.unit.rendering_cases import CREDIT, DOLLARS, FIRST, PART_PAID, VASSEUR, facts

rendering = import_module("relance.rendering.render")
LIBRARY = shipped()
REMINDERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
KEYS = {
    **dict.fromkeys(["pre-due-notice", "thank-you", "statement"], "email"),
    **dict.fromkeys([f"{word}-reminder" for word in REMINDERS], "email"),
    **dict.fromkeys(["formal-notice-letter", "reminder-letter"], "letter"),
    "reminder-sms": "sms",
    "call-script": "call",
    "review-account-task": "task",
}
BARE = MessageFacts(
    organisation=Organisation(name="Vasseur"), customer=Customer(name="Port"), today=facts().today
)
SITUATIONS: dict[str, MessageFacts] = {
    f"{name}{' with credit' if credit else ''}{' covered' if len(credit) > 1 else ''}": facts(
        *rows, credits=credit, payment_link=link
    )
    for (name, rows), credit, link in itertools.product(
        {
            "one": (FIRST,),
            "one part paid": (PART_PAID,),
            "several": (FIRST, PART_PAID),
            "two currencies": (FIRST, PART_PAID, DOLLARS),
        }.items(),
        ((), (CREDIT,), (CREDIT,) * 20),
        (None, "https://pay.example/42"),
    )
}
SITUATIONS["nobody known"] = facts(contact=Contact(), sender=Sender())
SITUATIONS["signature"] = facts(sender=Sender(name="x", signature="Élise Martin\nComptabilité"))


def each_text(found: Template) -> list[tuple[str, str]]:
    return [(name, render(found, given).text) for name, given in SITUATIONS.items()]


def test_the_library_is_complete_in_french_and_english() -> None:
    assert {(one.language, one.key, one.channel) for one in LIBRARY} == {
        (language, key, channel) for key, channel in KEYS.items() for language in ("fr", "en")
    }


@pytest.mark.parametrize("found", LIBRARY, ids=lambda one: f"{one.language}-{one.key}")
def test_a_shipped_text_is_right_in_every_situation(found: Template) -> None:
    assert check(found) == ()
    render(found, BARE)
    for name, text in each_text(found):
        assert "\n\n\n" not in text, name
        assert not re.search(r"[ \t]\n|  | ,| \.|\(\)|None|\{|\}|\*", text), (name, text)
        assert not re.search(r":\n\n(?!- )", text), f"{name}: a heading over nothing"
        assert text[0].isupper(), name
        if found.language == "fr":
            assert not re.search(r"\b(de|le|que) [aeiou]\w+ \1\b", text), name


@pytest.mark.parametrize(
    "found",
    [one for one in LIBRARY if one.channel in {"email", "letter"}],
    ids=lambda one: f"{one.language}-{one.key}",
)
def test_a_text_read_once_for_all_says_what_it_says_read_with_its_words(found: Template) -> None:
    locale = locale_for(found.language)
    for situation in (BARE, *SITUATIONS.values()):
        sent, written = render(found, situation), Written()
        markdown = rendering._filled(found.body, situation, Page(locale, written))
        own = form(markdown, rendering._frame(situation.organisation, locale, Style()))
        assert sent == rendering._finished(sent.subject, own, written.tables, locale)


@pytest.mark.parametrize("found", LIBRARY, ids=lambda one: f"{one.language}-{one.key}")
def test_one_invoice_is_spoken_of_in_the_singular_and_several_in_the_plural(
    found: Template,
) -> None:
    one, several = (render(found, SITUATIONS[name]) for name in ("one", "several"))
    plurals = r"\binvoices\b|\bfactures\b|\bthey\b|\bare still\b|\bdemeurent\b"
    if found.key not in {"statement", "review-account-task"}:
        assert not re.search(plurals, one.text + one.subject)
        assert re.search(plurals, several.text + several.subject)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_reminder_nets_credits_and_thanks_for_part_payments(language: str) -> None:
    found = choose(LIBRARY, "second-reminder", language)
    assert found is not None
    with_both = render(found, facts(FIRST, PART_PAID, credits=(CREDIT,))).text
    amount = "2\u202f500,50\xa0€" if language == "fr" else "€2,500.50"
    assert amount in with_both
    assert "AV-7" in with_both
    assert ("remercions" if language == "fr" else "Thank you") in with_both
    without = render(found, facts(FIRST)).text
    assert "AV-7" not in without
    assert ("remercions" if language == "fr" else "Thank you") not in without


@pytest.mark.parametrize("found", LIBRARY, ids=lambda one: f"{one.language}-{one.key}")
def test_where_credits_cover_everything_nobody_is_asked_to_pay(found: Template) -> None:
    if found.channel not in {"email", "letter"} or not re.search("reminder|letter", found.key):
        return
    text = render(found, facts(FIRST, credits=(CREDIT,) * 20, payment_link="https://x.test")).text
    assert not re.search(r"Please (pay|settle)|de régler|formal notice to pay the sum", text)
    assert re.search("set one off|compensation", text)


def test_pre_due_notices_never_show_credits() -> None:
    for language in ("fr", "en"):
        found = choose(LIBRARY, "pre-due-notice", language)
        assert found is not None
        assert "AV-7" not in render(found, facts(credits=(CREDIT,))).text


def test_the_text_message_fits_in_three_segments_even_with_long_names() -> None:
    long = (
        Row(number=f"FAC-2025-00000{n}", amount=Decimal(123456), open=Decimal(123456),
            currency="EUR", days_late=4)
        for n in range(3)
    )  # fmt: skip
    given = facts(
        *long,
        organisation=Organisation(name="Société générale des établissements Vasseur"),
    )
    for found in LIBRARY:
        if found.channel == "sms":
            assert segments(render(found, given).text) <= MOST_SEGMENTS
            assert segments(render(found, SITUATIONS["one"]).text) <= 2


def test_the_language_falls_back_from_customer_to_organisation_to_english() -> None:
    def language(*wanted: str) -> str | None:
        found = choose(LIBRARY, "statement", *wanted)
        return found.language if found else None

    assert language("fr-CA", "en") == "fr"
    assert language("de", "fr") == "fr"
    assert language("de", "it") == "en"
    assert choose(LIBRARY, "no-such-key", "fr") is None


def test_every_shipped_file_is_exported_unchanged() -> None:
    for found in LIBRARY:
        path = files("relance") / "presets" / "templates" / found.language / f"{found.key}.md"
        assert dump(found) == path.read_text("utf-8")


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60)


@given(subject=LINES, body=LINES, channel=st.sampled_from(["email", "sms", "letter", "call"]))
def test_a_template_survives_its_file(subject: str, body: str, channel: str) -> None:
    whole = Template(key="a-b", channel=channel, language="fr", subject=subject, body=body)
    assert load(dump(whole), key="a-b", language="fr") == whole


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Hello", 1, "must begin with a line ---"),
        ("---\nchannel: email\nHello", 1, "must begin with a line ---"),
        ("---\nchannel: email\n a: [\n---\nx", 3, "not valid YAML"),
        ("---\nwords\n---\nx", 2, "write fields"),
        ("---\nchannel: pigeon\n---\nx", 2, "channel must be one of email, sms"),
        ("---\nsubject: 3\nchannel: sms\n---\nx", 2, "must be a text"),
        ("---\nchannel: sms\ncolour: red\n---\nx", 2, "no field 'colour'"),
    ],
)
def test_a_file_that_is_no_template_is_answered_with_line_and_reason(
    text: str, line: int, message: str
) -> None:
    loaded = load(text, key="a", language="fr")
    assert isinstance(loaded, tuple)
    assert loaded[0].part == "file"
    assert loaded[0].line == line
    assert message in loaded[0].message


def test_mistakes_are_counted_in_the_lines_of_the_file_too() -> None:
    text = "---\nchannel: email\nsubject: '{{ nobody }}'\n---\nHello\n{{ nothing }}\n"
    loaded = load(text, key="a", language="fr")
    assert isinstance(loaded, Template)
    placed = in_file(check(loaded), text)
    assert [(mistake.part, mistake.line) for mistake in placed] == [("file", 3), ("file", 6)]


def test_a_folder_is_read_whole_and_says_which_files_are_no_templates(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "drafts").mkdir()
    (tmp_path / "fr" / "hello.md").write_bytes(b"\xef\xbb\xbf---\r\nchannel: sms\r\n---\r\nHi\r\n")
    (tmp_path / "fr" / "Bad name.md").write_text("---\nchannel: sms\n---\nx")
    (tmp_path / "fr" / "notes.txt").write_text("x")
    templates, mistakes = load_folder(tmp_path)
    assert templates == (Template(key="hello", channel="sms", language="fr", body="Hi\n"),)
    assert list(mistakes) == ["fr/Bad name.md"]
    assert isinstance(mistakes["fr/Bad name.md"][0], Mistake)


def test_the_organisation_is_known_to_the_reader_in_every_language() -> None:
    for found in LIBRARY:
        if found.channel in {"email", "letter"}:
            assert VASSEUR.name in render(found, facts()).text
