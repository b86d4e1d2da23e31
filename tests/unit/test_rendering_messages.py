"""What a template becomes: text, HTML, the language's formats, and edited words as they are."""

from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from relance.rendering import (
    Contact,
    Customer,
    MessageFacts,
    Organisation,
    Payment,
    Sender,
    Style,
    compose,
    render,
    segments,
)
from tests.unit.rendering_cases import (
    CREDIT,
    DOLLARS,
    FIRST,
    PART_PAID,
    VASSEUR,
    facts,
    template,
)


def text(body: str, given: MessageFacts | None = None, **changes: str) -> str:
    return render(template(body, **changes), given or facts()).text


class Links(HTMLParser):
    """Every address an HTML document leads to or loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            (tag, value or "") for name, value in attrs if name in {"href", "src", "background"}
        ]


def test_money_and_dates_follow_the_language_of_the_template() -> None:
    body = "{{ reference.due_on }}, {{ reference.open }}, {{ reference.days_late|days }}"
    assert text(body) == "12 May 2025, €2,000.00, 22 days"
    assert text(body, language="fr") == "12 mai 2025, 2\u202f000,00\xa0€, 22\xa0jours"


def test_the_region_of_the_style_counts_when_the_language_agrees() -> None:
    body = template('{{ today|date("short") }} {{ today }}')
    assert render(body, facts(), Style(locale="en-US")).text == "6/3/2025 June 3, 2025"
    assert render(body, facts(), Style(locale="fr_FR")).text == "03/06/2025 3 June 2025"
    assert render(body, facts(), Style(locale="nonsense")).text == "03/06/2025 3 June 2025"


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    first = facts(today=date(2025, 5, 1))
    assert text("{{ today }}", first, language="fr") == "1er mai 2025"
    assert text("{{ today }}", facts(today=date(2025, 5, 11)), language="fr") == "11 mai 2025"


def test_the_singular_is_each_language_s_own() -> None:
    body = '{{ credits|plural("one", "many") }} {{ items_due|plural("one", "many") }}'
    assert text(body) == "many one"
    assert text(body, language="fr") == "one one"
    assert text(body, facts(FIRST, PART_PAID), language="fr") == "one many"


def test_totals_of_two_currencies_stand_side_by_side_and_are_never_added() -> None:
    two = facts(FIRST, PART_PAID, DOLLARS, credits=(CREDIT,))
    assert text("{{ items_amount_selected }}", two) == "€2,800.50 + US$300.00"
    assert text("#items_amount_to_pay", two) == "€2,500.50 + US$300.00"
    assert text("#items_amount_credits", two) == "€300.00"
    fr = text("#items_amount_selected", facts(DOLLARS, FIRST), language="fr")
    assert fr == "2\u202f000,00\xa0€ + 300,00\xa0$US"


def test_credits_beyond_the_selected_items_leave_nothing_to_pay_in_that_currency() -> None:
    covered = facts(PART_PAID, DOLLARS, credits=(CREDIT, CREDIT, CREDIT))
    assert text("#items_amount_to_pay", covered) == "US$300.00"
    assert text("#items_amount_balance", covered) == "-€99.50 + US$300.00"
    nothing = facts(PART_PAID, credits=(CREDIT, CREDIT, CREDIT))
    assert text("{% if items_amount_to_pay %}a{% else %}b{% endif %}", nothing) == "b"


def test_items_are_lines_in_the_text_and_a_table_in_the_html() -> None:
    found = render(template("Open:\n#items_list_selected"), facts(FIRST, PART_PAID))
    assert found.text == (
        "Open:\n\n"
        "- F-2025-014 of 12 April 2025, due 12 May 2025, 22 days late: €2,000.00\n"
        "- F-2025-021 of 20 April 2025, due 20 May 2025, 14 days late: €800.50 (of €1,450.50)"
    )
    assert "<td" in found.html
    assert "22 days late" in found.html
    assert "€2,800.50" in found.html  # the total, as there are two items
    assert "\ufdd0" not in found.html + found.text


def test_a_list_in_the_middle_of_a_sentence_still_stands_alone() -> None:
    found = render(template("Pay #items_list_selected soon."), facts())
    assert found.text.startswith("Pay\n\n- F-2025-014")
    assert found.text.endswith("\n\nsoon.")


def test_markdown_reads_well_as_text() -> None:
    body = (
        "# Title\n\nSome **bold** *words*, a [link](https://x.test/a_b), "
        "[me](mailto:a@x.test).\nNew line.\n\n- one\n- two\n  - deep\n\n3. three\n4. four\n\n"
        "> said\n\n---\n\n| No | Due | Open |\n|---|---|--:|\n| 1 | May | 2 € |\n| 3 | | 4 € |\n"
    )
    assert text(body) == (
        "TITLE\n\nSome bold words, a link (https://x.test/a_b), me (a@x.test).\nNew line.\n\n"
        "- one\n- two\n  - deep\n\n3. three\n4. four\n\n> said\n\n------------\n\n"
        "- 1 · Due May · Open 2 €\n- 3 · Open 4 €"
    )


def test_the_html_is_a_whole_page_that_loads_nothing() -> None:
    given = facts(payment_link="https://pay.example/i/42_a?x=1&y=2")
    found = render(template("[Pay]({{ payment_link }}) or **now**\n\n| a |\n|--:|\n| 1 |"), given)
    assert Links(found.html).found == [("a", "https://pay.example/i/42_a?x=1&y=2")]
    assert "prefers-color-scheme: dark" in found.html
    assert found.html.startswith("<!DOCTYPE html>")
    assert '<html lang="en">' in found.html
    assert "Atelier Vasseur &amp; Fils" in found.html
    assert "url(" not in found.html
    assert "Pay (https://pay.example/i/42_a?x=1&y=2)" in found.text


def test_the_letterhead_can_be_left_out() -> None:
    found = render(template("Hello"), facts(), Style(letterhead=False))
    assert "Vasseur" not in found.html


def test_lines_of_an_address_stay_lines_and_blocks_leave_no_holes() -> None:
    body = "{% if credits %}\nCredits\n\n{% endif %}\n{{ organisation.address }}\n\n\n\nEnd"
    assert text(body) == "12 rue des Lilas\n69003 Lyon\n\nEnd"
    assert text(body, channel="call") == "12 rue des Lilas\n69003 Lyon\n\nEnd"


def test_what_is_unknown_is_printed_as_nothing() -> None:
    bare = MessageFacts(
        organisation=Organisation(name="A"), customer=Customer(name="B"), today=date(2025, 6, 3)
    )
    body = (
        "[{{ reference.number }}{{ reference.open }}{{ reference.due_on }}{{ payment.amount }}"
        "{{ payment.received_on }}{{ contact.name }}{{ sender.signature }}{{ items_numbers_due }}"
        '{{ items_amount_due }}{{ reference.due_on|date("short") }}{{ payment_link }}]'
    )
    assert text(body, bare) == "[]"
    assert text("#items_list_due x", bare) == "x"


def test_the_subject_is_one_plain_line() -> None:
    odd = facts(customer=Customer(name="A\r\nBcc: x *b* & <i>"))
    found = render(template("x", subject="For {{ customer.name }}"), odd)
    assert found.subject == "For A Bcc: x *b* & <i>"


def test_a_payment_link_that_is_no_web_address_is_refused() -> None:
    for link in ("javascript:alert(1)", "https://x.test/ a", "https://x.test/\n", "x.test"):
        with pytest.raises(ValueError, match="web address"):
            facts(payment_link=link)


def test_a_text_message_is_typewritten_and_its_segments_are_counted() -> None:
    found = render(
        template("C’est {{ reference.open }} – merci", channel="sms", language="fr"), facts()
    )
    assert found.text == "C'est 2 000,00 € - merci"
    assert found.html == ""
    assert segments("a" * 160) == 1
    assert segments("a" * 161) == 2
    assert segments("€" * 80) == 1
    assert segments("€" * 81) == 2
    assert segments("ç" * 70) == 1
    assert segments("ç" * 71) == 2
    assert segments("😀" * 36) == 2


def test_edited_words_leave_exactly_as_written() -> None:
    words = (
        "Bonjour *Claire*,\n\n# Pas un titre\n1. ni une liste {{ today }}\n<b>x</b> & [y](z)\n\n"
        "- un\n- deux\n\nÀ bientôt\nÉlise"
    )
    found = compose(
        channel="email", subject="A\nB", text=words, organisation=VASSEUR, language="fr"
    )
    assert found.text == words
    assert found.subject == "A B"
    assert "<li" in found.html
    assert "*Claire*" in found.html
    assert "# Pas un titre" in found.html
    assert "{{ today }}" in found.html
    assert "&lt;b&gt;x&lt;/b&gt; &amp; [y](z)" in found.html
    assert "À bientôt<br>" in found.html


def test_what_is_rendered_can_be_edited_without_loss() -> None:
    sent = render(template("Dear {{ customer.name }},\n\n#items_list_selected\n\nBye"), facts())
    again = compose(
        channel="email", subject=sent.subject, text=sent.text, organisation=VASSEUR, language="en"
    )
    assert again.text == sent.text
    assert again.subject == sent.subject


def test_the_signature_stands_for_itself() -> None:
    signed = facts(sender=Sender(name="É", signature="Élise *Martin*\r\n\r\n1. Comptabilité  "))
    assert text("{{ sender.signature }}", signed) == "Élise *Martin*\n1. Comptabilité"


def test_an_amount_in_an_unknown_currency_keeps_its_letters() -> None:
    odd = facts(payment=Payment(amount=Decimal("12.5"), currency="crowns"))
    assert text("{{ payment.amount }}", odd) == "12.5 crowns"
    assert text("{{ contact.name|default('Madam') }}", facts(contact=Contact())) == "Madam"
