"""Whatever a customer is called, it is printed as it stands and never becomes markup or code."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relance.rendering import Contact, Customer, Organisation, Sender, compose, render
from relance.rendering.wording import tidy
from tests.unit.rendering_cases import FIRST, facts, template

NASTY = st.sampled_from(
    ["*", "**", "_", "~~", "`", "```", "#", "# ", "- ", "1. ", "1) ", "> ", "|", "---", "===",
     "[", "]", "(", ")", "![x](https://evil.test/x.png)", "[x](javascript:alert(1))", "<!--",
     "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></tr></table>", "' on='",
     "&amp;", "&#60;", "&lt;b&gt;", "{{ today }}", "{% raw %}", "{#", "#items_list", "\\", "\\\\",
     "\n", "\n\n", "\r", "\t", "    ", "http://evil.test", "<http://x.y>", "www.evil.test",
     "[a]: https://evil.test", "\u202e", "\u2028", "\ufdd0", "\ufdd00\ufdd1", "\x00", "\x1b",
     "\ud800", "é", "\xa0", "a", " ", ":", "$", "€"]
)  # fmt: skip
HOSTILE = st.text(max_size=40) | st.lists(NASTY, max_size=12).map("".join)


class Page(HTMLParser):
    """The tags of a document and the words a reader sees in its body."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words = ""
        self.feed(html.split("<body", 1)[1].split(">", 1)[1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = {name for name, _ in attrs}
        assert not {name for name in names if name.startswith("on")} | (names & {"src"})

    def handle_data(self, data: str) -> None:
        self.words += data


def plain(text: str) -> str:
    """Words without regard to how white space is laid out."""
    return re.sub(r"[ \t\n\f\r]+", " ", text).strip()


def datum(text: str) -> str:
    return plain(re.sub(" {2,}", " ", tidy(text)))


PLACES = (
    "Dear {{ customer.name }}, hello",
    "{{ customer.name }}",
    "# {{ customer.name }}",
    "- {{ customer.name }}\n- x",
    "1. {{ customer.name }}",
    "> {{ customer.name }}",
    "| {{ customer.name }} | b |\n|---|---|\n| {{ customer.name }} | y |",
    "[{{ customer.name }}](https://x.test)",
    "a **{{ customer.name }}** b",
    "first\n{{ customer.name }}\nlast",
    "#customer_name",
)


@pytest.mark.parametrize("place", PLACES)
@given(name=HOSTILE)
@example(name="Société *Étoile* & Fils <SA> | [x](y) \\")
@example(name="1. {{ today }}")
def test_a_name_is_printed_as_it_stands_wherever_it_stands(place: str, name: str) -> None:
    harmless = render(template(place), facts(customer=Customer(name="Qq")))
    found = render(template(place), facts(customer=Customer(name=name)))
    page, model = Page(found.html), Page(harmless.html)
    if datum(name):
        assert page.tags == model.tags
        assert plain(page.words) == plain(model.words.replace("Qq", datum(name)))
    else:
        assert set(page.tags) <= set(model.tags)
    if place != "# {{ customer.name }}" and datum(name) and "x.test" not in place:
        assert plain(found.text) == plain(harmless.text.replace("Qq", datum(name)))


@given(name=HOSTILE, number=HOSTILE, address=HOSTILE, signature=HOSTILE)
def test_hostile_data_adds_no_tag_to_a_whole_message(
    name: str, number: str, address: str, signature: str
) -> None:
    body = (
        "Dear {{ contact.name }},\n\n#items_list_selected\n\n{% for item in items_due %}\n"
        "- {{ item.number }}\n{% endfor %}\n\n{{ sender.signature }}\n\n{{ organisation.address }}"
    )

    def tags(name: str, number: str, lines: str, signed: str) -> list[str]:
        row = type(FIRST)(
            number=number, amount=FIRST.amount, open=FIRST.open, currency="EUR", days_late=3
        )
        given = facts(
            row,
            contact=Contact(name=name),
            sender=Sender(signature=signed),
            organisation=Organisation(name=name, address=lines),
        )
        found = render(template(body, subject="{{ contact.name }}"), given)
        assert "\n" not in found.subject
        return [tag for tag in Page(found.html).tags if tag not in {"br", "p", "tr", "td"}]

    assert set(tags(name, number, address, signature)) <= set(tags("q", "q", "q", "q"))


@given(name=HOSTILE)
def test_plain_channels_print_a_name_as_it_stands(name: str) -> None:
    found = render(
        template("Call {{ customer.name }}!", channel="call"), facts(customer=Customer(name=name))
    )
    assert plain(found.text) == plain(f"Call {tidy(name)}!")


@given(words=HOSTILE, subject=HOSTILE)
@example(words="words\n- item\nwords", subject="")
def test_edited_words_are_never_markup_or_code(words: str, subject: str) -> None:
    found = compose(
        channel="email",
        subject=subject,
        text=words,
        organisation=Organisation(name="Vasseur"),
        language="fr",
    )
    page = Page(found.html)
    assert set(page.tags) <= {"table", "tbody", "tr", "td", "p", "br", "ul", "li"}
    seen = re.sub(r"\s", "", page.words).removeprefix("Vasseur")
    assert seen == re.sub(r"\s", "", re.sub(r"(?m)^- ", "", found.text))
