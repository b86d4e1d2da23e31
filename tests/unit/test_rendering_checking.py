"""A wrong template is refused with every mistake, each with its line and in plain words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rendering import BadTemplate, EndlessTemplate, check, render
from relance.rendering.manual import page
from relance.rendering.variables import BY_HASHTAG, FILTERS, ROW_FIELDS, VARIABLES
from tests.unit.rendering_cases import FIRST, facts, template


def said(body: str, **changes: str) -> list[str]:
    return [str(mistake) for mistake in check(template(body, **changes))]


def test_every_mistake_is_listed_with_its_line() -> None:
    body = "\n".join(
        [
            "Dear {{ customer.nmae }},",
            "{% for item in items_selected %}",
            "{{ item.numbr }} {{ item.days_late * 2 }}",
            "{% endfor %}",
            "{{ foo() }} {{ ''.__class__ }}",
            "{% set x = 1 %}",
            "#items_list_slected and #hello",
            "{{ customer.name|safe }}",
        ]
    )
    calculates = (
        "A template does not calculate or join: amounts and totals have names of their own."
    )
    filters = "money, date, days, plural, length, numbers, upper, lower, default"
    assert said(body, subject="{{ tday }}") == [
        "subject, line 1: There is no tday. Did you mean today?",
        "line 1: There is no customer.nmae. Did you mean customer.name?",
        f"line 3: {calculates}",
        "line 3: There is no item.numbr. Did you mean item.number?",
        "line 5: Nothing can be called from a template: leave out the round brackets.",
        "line 5: Only the documented names may be used, such as customer.name.",
        "line 6: {% set %} is not available: only if and for.",
        "line 7: There is no #items_list_slected. Did you mean #items_list_selected?",
        f"line 8: There is no |safe. There are {filters}.",
    ]


def test_a_column_is_given_where_it_is_known() -> None:
    (mistake,) = check(template("Dear {{ customer.nmae }}"))
    assert (mistake.line, mistake.column) == (1, 9)
    (mistake,) = check(template("one\ntwo #items_lst"))
    assert (mistake.line, mistake.column) == (2, 5)


def test_a_syntax_error_hides_no_other_mistake() -> None:
    body = "{{ customer..name }}\n{{ nobody }}\n{% if credits %}\n{{ today }\n\n{{ also.wrong }}"
    lines = [line.split(":")[0] for line in said(body)]
    assert "line 1" in lines
    assert "line 2" in lines
    assert len(lines) >= 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{% if credits %}x", "line 1: {% endif %} is missing."),
        ("{% for i in credits %}x", "line 1: {% endfor %} is missing."),
        ("x {% endif %}", "line 1: {% endif %} closes nothing"),
        ("{% include 'x' %}", "line 1: {% include %} is not available: only if and for."),
        ("{% frobnicate %}", "line 1: There is no {% frobnicate %}"),
        ("a\n{{ }}", "line 2: {{ }} is empty"),
        ("{{ #customer_name }}", "line 1: Inside braces, write the name without #."),
        ("{{ customer }}", "line 1: Say what of customer, such as customer.name."),
        ("{{ customer_name }}", "line 1: There is no customer_name. Did you mean customer.name?"),
        ("{{ items_selected }}", "line 1: A list cannot be printed"),
        ("{{ 3 > 2 }}", "line 1: This answers yes or no"),
        ("{{ customer.name > 2 }}", "line 1: text and number cannot be compared this way."),
        ("{{ items_amount_due|days }}", "line 1: |days takes number, not amount."),
        ("{{ credits|plural('credit') }}", "line 1: Write it like this: {{ items_selected|plural"),
        ("{{ today|date('tomorrow') }}", "line 1: A date is short, medium, long, full."),
        ("{{ 'a' if credits }}", "line 1: Add what stands there otherwise"),
        ("{{ customer.name ~ 'x' }}", "line 1: A template does not calculate or join"),
        ("{{ credits[0] }}", "line 1: Square brackets are not available"),
        ("{{ credits is defined }}", "line 1: `is …` is not available"),
        ("{% for customer in credits %}x{% endfor %}", "line 1: The name customer is taken"),
        ("{% for a, b in credits %}x{% endfor %}", "line 1: A loop gives one name"),
        ("{% for i in customer.name %}x{% endfor %}", "line 1: A loop goes over a list"),
        ("![logo](https://x.test/a.png)", "line 1: Images cannot be shown"),
        ("a\n<b>x</b>", "line 2: HTML is not understood here"),
        ("[x](javascript:alert)", "line 1: A link must begin with"),
        ("", "line 1: The text is missing."),
        ("x" * 20_001, "line 1: The text is longer than 20,000 characters."),
        ("\ufdd0", "line 1: There is an invisible sign here"),
        ("{{ " + "(" * 400 + "today" + ")" * 400 + " }}", "line 1: "),
    ],
)
def test_what_is_not_allowed_is_said_in_plain_words(body: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in said(body)), said(body)


@pytest.mark.parametrize(
    "body",
    [
        "{{ " + "credits or " * 1700 + "credits }}",
        "{{ customer.name" + "|upper" * 3000 + " }}",
        "{% if " + "not " * 4000 + "credits %}x{% endif %}",
        "{% if credits %}" * 100 + "x" + "{% endif %}" * 100,
        "{{ " * 6600,
        "{{ x..y }} {{ " + "'a' if credits else " * 900 + "'b' }}",
    ],
)
def test_nesting_without_end_is_refused_at_once(body: str) -> None:
    assert any("nested too deeply" in line or "}}" in line for line in said(body))


def test_loops_stand_two_deep_and_no_more() -> None:
    two = "{% for a in credits %}{% for b in credits %}x{% endfor %}{% endfor %}"
    assert said(two) == []
    three = "{% for c in credits %}" + two + "{% endfor %}"
    assert said(three) == ["line 1: Loops may stand in each other 2 deep, not more."]


def test_a_loop_s_name_ends_with_its_loop() -> None:
    body = "{% for item in credits %}{{ item.number }}{% endfor %}{{ item.number }}"
    assert len(said(body)) == 1


def test_a_subject_is_one_line_without_tables_and_an_e_mail_has_one() -> None:
    assert said("x", subject="") == ["subject, line 1: A subject is missing."]
    assert said("x", subject="a\nb") == ["subject, line 1: A subject is one line."]
    assert said("x", subject="#items_list") == [
        "subject, line 1: A table does not fit on one line."
    ]
    assert said("x", subject="", channel="sms") == []
    assert said("x", channel="pigeon") == ["line 1: There is no channel 'pigeon'."]


def test_words_with_a_hash_that_are_not_ours_stay_words() -> None:
    body = "Order #order_12, #1, see https://x.test/a#customer_nam and &#39; #marketing"
    assert said(body) == []
    assert (
        "Order #order_12, #1, see https://x.test/a#customer_nam"
        in render(template(body), facts()).text
    )


def test_a_template_with_mistakes_is_never_rendered() -> None:
    with pytest.raises(BadTemplate, match=r"no customer\.nmae"):
        render(template("{{ customer.nmae }}"), facts())


def test_a_runaway_template_is_stopped() -> None:
    many = (FIRST,) * 400
    loops = "{% for a in items_due %}{% for b in items_due %}{{ item }}{% endfor %}{% endfor %}"
    silent = loops.replace("{{ item }}", "")
    with pytest.raises(EndlessTemplate, match="round too often"):
        render(template(silent), facts(*many))
    with pytest.raises(EndlessTemplate, match="characters"):
        render(template(loops.replace("{{ item }}", "a long story " * 20)), facts(*many))


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: str(variable.name))
def test_every_documented_variable_is_accepted_and_renders(variable: object) -> None:
    name, kind = variable.name, variable.kind  # type: ignore[attr-defined]  # a Variable
    body = (
        f"{{% for i in {name} %}}{{{{ i.number }}}}{{% endfor %}}."
        if kind == "rows"
        else (f"{{{{ {name} }}}}.")
    )
    for full in (facts(credits=(FIRST,), payment_link="https://pay.example/1"), facts()):
        render(template(body), full)
        render(template(body, channel="call"), full)


@pytest.mark.parametrize("hashtag", sorted(BY_HASHTAG))
def test_a_hashtag_means_the_same_as_braces(hashtag: str) -> None:
    full = facts(credits=(FIRST,), payment_link="https://pay.example/1")
    braces = render(template("x {{ " + BY_HASHTAG[hashtag].name + " }} y"), full)
    assert render(template(f"x #{hashtag} y"), full) == braces
    assert render(template(f"x #{hashtag.upper()} y"), full) == braces


def test_every_documented_field_and_filter_is_accepted_and_renders() -> None:
    fields = " ".join(
        f"{{% if item.{field.name} %}}yes{{% endif %}}"
        if field.kind == "yes/no"
        else f"{{{{ item.{field.name} }}}}"
        for field in ROW_FIELDS
    )
    turns = "{{ loop.index }}/{{ loop.length }}{% if not loop.last %},{% endif %}"
    body = "{% for item in items_due %}" + fields + turns + "{% endfor %}"
    body += " ".join(known.example for known in FILTERS)
    assert said(body) == []
    assert "F-2025-014" in render(template(body), facts()).text


@given(st.text(alphabet="{}%#|()[].~*'\" \n\\<>!_abcdefgiotnrsmue0123456789", max_size=80))
def test_checking_never_fails_and_what_it_passes_can_be_rendered(body: str) -> None:
    found = template(body)
    if not check(found):
        render(found, facts())


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", " if ", " for ", " in ", "endif", "endfor", "else", "elif", "customer",
     ".name", "items_due", "credits", "item", "|length", "|plural('a','b')", "|safe", "(", ")",
     "today", " and ", "not ", "==", ">", "1", "'x'", "\n", "#items_list", "#customer_x", "loop",
     ".index", "**", "[", "]", "is", "set", "macro", "raw", "~", "x", "-", " "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_jumble_of_template_words_is_refused_or_renders(body: str) -> None:
    found = template(body)
    if not check(found):
        render(found, facts())


def test_the_manual_names_everything_and_is_up_to_date() -> None:
    written = Path(__file__).parents[2] / "docs" / "templates.md"
    assert written.read_text("utf-8") == page(), "run python -m relance.rendering.manual"
