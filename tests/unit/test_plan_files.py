"""A wrong plan is refused with every mistake listed, each with its place."""

import pytest

from relance.domain.plans import Channel, Mode
from relance.plan_files import LANGUAGES, PRESETS, check, preset, read_plan, write_plan
from relance.rendering.templates import shipped

KNOWN = {
    "email": {"first-reminder", "second-reminder", "thank-you", "statement"},
    "letter": {"formal-notice-letter"},
    "call": {"call-script"},
}

GOOD = """\
plan: mine
name: Mine
contact_delay: 5
steps:
  - key: notice
    name: Notice
    phase: pre_due
    when: 7 days before due date
    channel: email
    mode: automatic
    template: first-reminder
  - key: first
    name: First
    phase: reminder
    when: 3 days after due date
    channel: email
    mode: automatic
    template: first-reminder
  - key: second
    name: Second
    phase: reminder
    when: 8 days after previous step
    channel: call
    mode: manual
  - key: thanks
    name: Thanks
    phase: thank_you
    when: 1 day after payment
    channel: email
    mode: automatic
    template: thank-you
"""

RECAP = """\
plan: recap
name: Recap
kind: recap
every: month on 5
steps:
  - key: statement
    name: Statement
    channel: email
    mode: automatic
    template: statement
"""


def test_a_good_plan_has_no_mistake() -> None:
    assert check(GOOD, KNOWN) == ()
    assert check(RECAP, KNOWN) == ()


# What of the good plan is replaced by what; where the mistake is then, and what it says.
WRONG = [
    ("plan: mine", "plan: my plan", "1:7", "“my plan” is not a key"),
    ("plan: mine\n", "", "1:1", "a plan needs the field “plan”"),
    ("name: Mine\n", "", "1:1", "a plan needs the field “name”"),
    ("name: Mine", "name:", "1:1", "a plan needs the field “name”"),
    ("name: Mine", 'name: ""', "2:7", "is empty"),
    ("name: Mine", 'name: "a\\nb"', "2:7", "must be one line of printable text"),
    ("name: Mine", "name: [a]", "2:7", "must be text, not a list"),
    ("name: Mine", "nmae: Mine", "2:1", "a plan has no field “nmae”"),
    ("name: Mine", "name: Mine\nname: Yours", "3:1", "“name” is written twice"),
    ("name: Mine", "name: Mine\nkind: escalaton", "3:7", "“escalaton” is not one of"),
    ("name: Mine", "name: Mine\nscope: invoice", "3:8", "“invoice” is not one of account, item"),
    ("name: Mine", "name: Mine\nlogic: smart", "3:8", "“smart” is not one of standard"),
    ("name: Mine", "name: Mine\non_reference_settled: stop", "3:23", "“stop” is not one of"),
    ("name: Mine", "name: Mine\nevery: month on 5", "3:1", "an escalation has no recurrence"),
    ("contact_delay: 5", "contact_delay: 31", "3:16", "the contact delay is 31 days"),
    ("contact_delay: 5", "contact_delay: -1", "3:16", "the contact delay is -1 days"),
    ("contact_delay: 5", "contact_delay: five", "3:16", "must be a whole number, not “five”"),
    ("contact_delay: 5", "floors: {EUR: -10}", "3:15", "an amount cannot be negative"),
    ("contact_delay: 5", "floors: {EUR: ten}", "3:15", "“ten” is not an amount"),
    ("contact_delay: 5", 'floors: {EUR: "10,50"}', "3:15", "“10,50” is not an amount"),
    ("contact_delay: 5", "floors: {EUR: .nan}", "3:15", "“.nan” is not an amount"),
    ("contact_delay: 5", "floors: {EUR: 1e3}", "3:15", "“1e3” is not an amount"),
    ("contact_delay: 5", "floors: {JPY: 10.5}", "3:15", "10.5 has more decimals than JPY has (0)"),
    ("contact_delay: 5", "floors: {eur: 10}", "3:10", "“eur” is not a currency code"),
    ("contact_delay: 5", "floors: {EUX: 10}", "3:10", "“EUX” is no currency"),
    ("contact_delay: 5", "floors: 10", "3:9", "must be amounts by currency"),
    (
        "contact_delay: 5",
        "floors: {EUR: 100}\nceilings: {EUR: 50}",
        "4:17",
        "the ceiling 50 EUR is below the floor 100",
    ),
    ("contact_delay: 5", "slots: {send_at: 25:00}", "3:18", "“25:00” is not an hour of the day"),
    (
        "contact_delay: 5",
        "slots: {weekdays: [monday, moday]}",
        "3:28",
        "“moday” is not a day of the week",
    ),
    ("contact_delay: 5", "slots: {weekdays: []}", "3:19", "no day of the week would be allowed"),
    (
        "contact_delay: 5",
        "slots: {send_at: 09:00, send_until: 08:00}",
        "3:37",
        "the slot ends before it begins",
    ),
    ("contact_delay: 5", "slots: {time: 09:00}", "3:9", "slots has no field “time”"),
    ("contact_delay: 5", "slots: monday", "3:8", "slots is a group of fields"),
    ("contact_delay: 5", "owner: Marie", "3:8", "“Marie” is not an e-mail address"),
    ("contact_delay: 5", "by_hand_only: maybe", "3:15", "must be true or false"),
    ("  - key: notice\n", "  - key: a b\n", "5:10", "“a b” is not a key"),
    ("  - key: second\n", "  - key: first\n", "19:10", "“first” is already the key of step 2"),
    ("  - key: second\n    name", "  - name", "19:5", "a step needs the field “key”"),
    ("    phase: pre_due\n", "", "5:5", "a step needs the field “phase”"),
    ("    when: 7 days before due date\n", "", "5:5", "a step needs the field “when”"),
    ("phase: pre_due", "phase: before", "7:12", "“before” is not one of"),
    ("7 days before due date", "a week before", "8:11", "“a week before” is not a moment"),
    ("7 days before due date", "{from: due_date, days: x}", "8:34", "must be a whole number"),
    ("7 days before due date", "{from: due, days: -7}", "8:18", "“due” is not one of"),
    ("7 days before due date", "{days: -7}", "8:11", "a moment needs the field “from”"),
    ("7 days before due date", "7 days after due date", "8:11", "comes before the due date"),
    ("7 days before due date", "on the due date", "8:11", "comes before the due date"),
    ("7 days before due date", "1001 days before due date", "8:11", "1001 days are out of range"),
    ("7 days before due date", "5 days after previous step", "8:11", "no active step comes before"),
    ("7 days before due date", "5 days after payment", "8:11", "only a thank-you counts from"),
    ("7 days before due date", "at each recurrence", "8:11", "only a recap has a recurrence"),
    ("3 days after due date", "3 days before due date", "15:11", "does not come before the due"),
    ("8 days after previous", "8 days before previous", "22:11", "before the previous step"),
    ("8 days after previous step", "2 days after due date", "22:11", "1 days before the one above"),
    ("phase: thank_you", "phase: pre_due", "27:12", "a pre-due step stands after a reminder"),
    ("1 day after payment", "1 day after due date", "28:11", "a thank-you counts from the payment"),
    ("1 day after payment", "1 day before payment", "28:11", "nothing can be due before the pay"),
    ("channel: call", "channel: phone", "23:14", "“phone” is not one of email, sms, letter, call"),
    ("channel: call", "channel: letter", "23:14", "a step by letter needs a template"),
    ("channel: call", "channel: email", "23:14", "a step by email needs a template"),
    ("mode: manual", "mode: automatic", "24:11", "a call step cannot be automatic"),
    ("mode: manual", "mode: confirm", "24:11", "a call step cannot be confirm"),
    (
        "channel: call\n    mode: manual",
        "channel: task\n    mode: automatic",
        "24:11",
        "a task step cannot be automatic",
    ),
    ("mode: manual", "mode: auto", "24:11", "“auto” is not one of manual, confirm, automatic"),
    ("template: thank-you", "template: thankyou", "31:15", "there is no template “thankyou”"),
    ("template: thank-you", "template: call-script", "31:15", "is for call, not for email"),
    ("mode: manual", "mode: manual\n    owner: role boss", "25:12", "“role boss” is not an owner"),
    ("mode: manual", "mode: manual\n    owner: boss@", "25:12", "“boss@” is not an e-mail address"),
    ("mode: manual", "mode: manual\n    sender: boss", "25:13", "“boss” is not a sender"),
    ("mode: manual", "mode: manual\n    to: [payer, x@y@z]", "25:17", "“x@y@z” is not an e-mail"),
    ("mode: manual", "mode: manual\n    cc: x@", "25:9", "“x@” is not an e-mail address"),
    ("mode: manual", "mode: manual\n    to: {a: b}", "25:9", "must be a list of texts"),
    ("mode: manual", "mode: manual\n    condition: rain", "25:16", "“rain” is not a condition"),
    (
        "mode: manual",
        "mode: manual\n    condition: amount above 5 QQQ",
        "25:16",
        "“QQQ” is no currency",
    ),
    ("mode: manual", "mode: manual\n    active: perhaps", "25:13", "must be true or false"),
    ("mode: manual", "mode: manual\n    colour: red", "25:5", "a step has no field “colour”"),
]


@pytest.mark.parametrize(("good", "wrong", "place", "message"), WRONG)
def test_a_mistake_is_found_where_it_is(good: str, wrong: str, place: str, message: str) -> None:
    assert good in GOOD
    found = check(GOOD.replace(good, wrong, 1), KNOWN)
    assert [f"{m.line}:{m.column}" for m in found if message in m.message] == [place], found


WRONG_RECAPS = [
    ("every: month on 5\n", "", "1:1", "a recap needs the field “every”"),
    ("every: month on 5", "every:", "1:1", "a recap needs the field “every”"),
    ("every: month on 5", "every: month on 32", "4:8", "“month on 32” is not a recurrence"),
    ("kind: recap", "kind: recap\nscope: item", "4:8", "a recap is of the whole account"),
    (
        "channel: email",
        "when: 5 days after due date\n    channel: email",
        "8:11",
        "the steps of a recap come at its recurrence",
    ),
    (
        "channel: email",
        "phase: pre_due\n    channel: email",
        "8:12",
        "the steps of a recap have no phase",
    ),
]


@pytest.mark.parametrize(("good", "wrong", "place", "message"), WRONG_RECAPS)
def test_a_mistake_of_a_recap_is_found(good: str, wrong: str, place: str, message: str) -> None:
    assert good in RECAP
    found = check(RECAP.replace(good, wrong, 1), KNOWN)
    assert [f"{m.line}:{m.column}" for m in found if message in m.message] == [place], found


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ("", "1:1"),
        ("steps: []\n", "3:8"),
        ("steps:\n", "3:7"),
        (
            """steps:
  - {key: a, name: A, phase: reminder, when: D+1, channel: call, mode: manual, active: no}
""",
            "4:3",
        ),
    ],
)
def test_a_plan_without_an_active_step_is_refused(steps: str, place: str) -> None:
    [mistake] = check(f"plan: idle\nname: Idle\n{steps}")
    assert "no step is active" in mistake.message
    assert f"{mistake.line}:{mistake.column}" == place
    assert check(f"plan: idle\nname: Idle\nby_hand_only: true\n{steps}") == ()


def test_a_plan_by_hand_only_that_has_active_steps_is_told_each_of_them() -> None:
    found = check(GOOD.replace("contact_delay: 5", "by_hand_only: true"), KNOWN)
    assert [m.line for m in found if "by hand only has no active step" in m.message] == [
        5, 12, 19, 25,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "the file is empty"),
        ("# nothing but a comment\n", "1:1", "the file is empty"),
        ("- plan: mine\n", "1:1", "a plan is a group of fields"),
        ("mine", "1:1", "a plan is a group of fields"),
        ("plan: mine\nsteps: many\n", "2:8", "the steps are a list"),
        ("plan: mine\nsteps:\n  -\n", "3:4", "a step is a group of fields"),
        ("plan: mine\n\tname: x\n", "2:1", "this is not YAML"),
        ("plan: mine\nname: a: b\n", "2:8", "this is not YAML"),
        ("plan: 'mine\n", "2:1", "this is not YAML"),
        ("plan: mine\n---\nplan: yours\n", "2:1", "a second document begins here"),
        ("plan: &key mine\nname: *key\n", "2:7", "“*key” is an alias"),
        ("plan: !!python/name:os.system x\n", "1:7", "the tag"),
        ("? [a, b]\n: c\n", "1:3", "a field's name must be a word"),
        ("plan: mine\nname: \x07\n", "2:7", "the text holds the control code U+0007"),
        ("[" * 1000, "1:14", "this is nested too deeply"),
        ("# " + "x" * 200_000, "1:1", "the file has more than 200,000 bytes"),
    ],
)
def test_a_text_that_is_no_plan_is_refused(text: str, place: str, message: str) -> None:
    reading = read_plan(text)
    assert reading.document is None
    found = [f"{m.line}:{m.column}" for m in reading.mistakes if message in m.message]
    assert found == [place], reading.mistakes


def test_a_file_in_another_encoding_is_refused_at_its_first_strange_letter() -> None:
    [mistake] = check(b"plan: mine\nname: relanc\xe9\n")
    assert (mistake.line, mistake.column) == (2, 13)
    assert "UTF-8" in mistake.message


def test_files_of_other_editors_are_read() -> None:
    wanted = read_plan(GOOD).document
    for source in (
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode(),
    ):
        assert read_plan(source).document == wanted


def test_a_file_of_aliases_within_aliases_does_not_grow() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))
    found = check(f"l0: &l0 x\n{levels}")
    assert sum("is an alias" in mistake.message for mistake in found) == 29 * 9


def test_every_mistake_is_listed_at_once_in_the_order_of_the_file() -> None:
    text = GOOD
    for good, wrong in [
        ("plan: mine", "plan: my plan"),
        ("contact_delay: 5", "contact_delay: 99"),
        ("mode: automatic", "mode: auto"),
        ("3 days after due date", "soon"),
        ("channel: call", "channel: letter"),
        ("template: thank-you", "template: thanks"),
    ]:
        text = text.replace(good, wrong, 1)
    found = check(text, KNOWN)
    assert [(m.line, m.path) for m in found] == [
        (1, "plan"),
        (3, "contact_delay"),
        (10, "steps[1].mode"),
        (15, "steps[2].when"),
        (23, "steps[3].channel"),
        (31, "steps[4].template"),
    ]


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ("chanel: call", "did you mean “channel”?"),
        ("channel: leter", "did you mean “letter”?"),
        ("channel: call\n    owner: acount manager", "did you mean “account manager”?"),
        ("channel: email\n    template: frist-reminder", "did you mean “first-reminder”?"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_what_was_meant(wrong: str, mend: str) -> None:
    assert mend in [m.mend for m in check(GOOD.replace("channel: call", wrong), KNOWN)]


def test_without_knowledge_of_templates_and_members_none_is_missed() -> None:
    text = GOOD.replace("template: thank-you", "template: ours\n    owner: marie@atelier.fr")
    assert check(text) == ()


def test_a_member_that_nobody_knows_is_refused() -> None:
    text = GOOD.replace("mode: manual", "mode: manual\n    owner: [Marie@atelier.fr, bob@x.fr]")
    [mistake] = check(text, KNOWN, ["marie@atelier.fr"])
    assert "no member has the address “bob@x.fr”" in mistake.message


def test_a_first_reminder_after_the_notice_is_allowed_with_a_warning() -> None:
    reading = read_plan(GOOD.replace("3 days after due date", "9 days after previous step"), KNOWN)
    assert [(m.line, m.warning) for m in reading.mistakes] == [(15, True)]
    assert reading.document is not None


def test_two_steps_of_one_day_are_worth_a_warning_only_where_the_first_would_never_leave() -> None:
    text = GOOD.replace("8 days after previous step", "3 days after due date")
    assert check(text, KNOWN) == ()
    [mistake] = check(f"logic: contextual\n{text}", KNOWN)
    assert (mistake.line, mistake.warning) == (23, True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_good_plan_with_templates_that_ship(name: str, language: str) -> None:
    keys: dict[str, set[str]] = {}
    for template in shipped():
        if template.language == language:
            keys.setdefault(template.channel, set()).add(template.key)
    reading = read_plan(preset(name, language), keys)
    assert reading.mistakes == ()
    assert reading.document is not None
    assert reading.document["plan"] == name


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_differs_between_languages_in_its_names_alone(name: str) -> None:
    english, french = (read_plan(preset(name, language)).document for language in ("en", "fr"))
    assert english is not None
    assert french is not None
    assert english["name"] != french["name"]
    for document in (english, french):
        document["name"] = ""
        document["steps"] = [step | {"name": ""} for step in document.get("steps", ())]
    assert english == french


@pytest.mark.parametrize(("name", "reminders"), [("standard-7", 5), ("standard-9", 7)])
def test_the_standard_plans_are_a_notice_some_reminders_and_a_thank_you(
    name: str, reminders: int
) -> None:
    document = read_plan(preset(name)).document
    assert document is not None
    phases = [step["phase"] for step in document["steps"]]
    assert phases == ["pre_due", *["reminder"] * reminders, "thank_you"]
    automatic = {s["channel"] for s in document["steps"] if s["mode"] == Mode.AUTOMATIC}
    assert automatic == {Channel.EMAIL}


def test_an_export_reads_like_a_plan() -> None:
    text = """\
plan: mine
name: À moi
kind: escalation
scope: item
logic: contextual
on_reference_settled: inherit
contact_delay: 3
floors:
  EUR: 10.50
  JPY: 1000
slots:
  send_at: '10:30'
  weekdays:
    - monday
    - friday
steps:
  - key: first
    name: 'No: 1'
    phase: reminder
    when: at the end of the month of 45 days after issue date
    channel: email
    mode: confirm
    owner: role lead
    template: first-reminder
    cc:
      - boss@atelier.fr
    condition: amount above 1000 EUR
"""
    document = read_plan(text).document
    assert document is not None
    assert write_plan(document) == text


def test_what_other_yaml_readers_take_for_numbers_and_truths_stays_text() -> None:
    text = GOOD.replace("name: Mine", "name: NO").replace("key: first\n", "key: 0123\n")
    document = read_plan(text.replace("contact_delay: 5", "slots: {send_at: 10:30}")).document
    assert document is not None
    assert document["name"] == "NO"
    assert document["steps"][1]["key"] == "0123"
    assert document["slots"] == {"send_at": "10:30"}
    assert read_plan(write_plan(document)).document == document
