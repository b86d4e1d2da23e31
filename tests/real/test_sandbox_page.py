"""The sandbox's page in a real browser, with a real Bolt app behind it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from slack_bolt.app.async_app import AsyncApp

from relance_sandbox import Controls, Sandbox
from tests.contract.sandbox_app import (
    Clock,
    actions,
    bolt_app,
    button,
    connected,
    modal,
    option,
    plain,
    sandbox_of,
    section,
    text_input,
)

pytestmark = pytest.mark.asyncio

Json = dict[str, Any]
HINT = {"en": "Press Next morning.", "fr": "Cliquez sur Demain matin."}
HTML = "<p>Bonjour <b>Jeanne</b></p><script>document.title = 'taken over'</script>"


@dataclass(slots=True)
class Scene:
    """A running sandbox whose app shows cards; `heard` is what reached the app."""

    sandbox: Sandbox
    client: Any
    heard: list[Any] = field(default_factory=list)

    async def card(self, text: str, *blocks: Json, person: str = "U1") -> None:
        await self.client.chat_postMessage(channel=person, text=text, blocks=list(blocks))


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = Clock()

    async def next_morning() -> None:
        await asyncio.sleep(0.3)
        clock.move(days=1)

    async def next_week() -> None:
        clock.move(days=7)

    controls = Controls(
        next_morning=next_morning, next_week=next_week, status=lambda: "3 of 12 sent"
    )
    async with sandbox_of(clock, controls=controls, hint=HINT) as sandbox:
        app = bolt_app(sandbox)
        made = Scene(sandbox=sandbox, client=app.client)
        listen_to_cards(app)
        listen_to_forms(app, made)
        listen_to_words(app, made)
        async with connected(sandbox, app):
            yield made


def listen_to_cards(app: AsyncApp) -> None:
    @app.action("validate")
    async def validate(ack: Any, body: Json, client: Any) -> None:
        await ack()
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(text="Validated", blocks=[section("*Validated*")], **where)
        await client.chat_postMessage(
            channel=where["channel"], thread_ts=where["ts"], text="It has left."
        )

    @app.action("edit")
    async def edit(ack: Any, body: Json, client: Any) -> None:
        await ack()
        view = modal(
            text_input("subject", initial_value="Reminder"),
            text_input("note", multiline=True),
            {
                "type": "input",
                "block_id": "channel",
                "label": plain("Channel"),
                "dispatch_action": True,
                "element": {
                    "type": "static_select",
                    "action_id": "channel",
                    "options": [option("email"), option("call")],
                    "initial_option": option("email"),
                },
            },
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.action("deaf")
    async def deaf(ack: Any) -> None:
        await asyncio.sleep(1)

    @app.event("app_home_opened")
    async def home(event: Json, client: Any) -> None:
        view = {"type": "home", "blocks": [section("Your *worklist*")]}
        await client.views_publish(user_id=event["user"], view=view)


def listen_to_forms(app: AsyncApp, scene: Scene) -> None:
    @app.action("channel")
    async def channel(ack: Any, body: Json, client: Any) -> None:
        await ack()
        view = modal(
            text_input("subject", initial_value="Something else"),
            text_input("note", multiline=True),
            text_input("phone"),
        )
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    @app.view("form")
    async def form(ack: Any, view: Json) -> None:
        values = view["state"]["values"]
        scene.heard.append(values)
        if values["note"]["text"]["value"] == "bad":
            await ack(response_action="errors", errors={"note": "Please say why."})
        else:
            await ack()

    @app.view_closed("form")
    async def closed(ack: Any) -> None:
        await ack()


def listen_to_words(app: AsyncApp, scene: Scene) -> None:
    @app.action("more")
    async def more(ack: Any, action: Json) -> None:
        await ack()
        scene.heard.append(action["selected_option"]["value"])

    @app.command("/do")
    async def do(ack: Any, command: Json) -> None:
        await ack(f"Because of *{command['text']}*")

    @app.options("customer")
    async def customers(ack: Any, payload: Json) -> None:
        await ack(options=[option(f"{payload['value']} {n}") for n in (1, 2)])

    @app.action("customer")
    async def customer(ack: Any, action: Json) -> None:
        await ack()
        scene.heard.append(action["selected_option"]["value"])


async def opened(page: Page, scene: Scene) -> Page:
    await page.goto(scene.sandbox.url)
    await expect(page.locator("#side .person")).to_be_visible()
    return page


async def test_a_click_on_a_card_changes_it_in_place(page: Page, scene: Scene) -> None:
    await scene.card("A card", section("*ACME* owes"), actions(button("validate", "Validate")))
    await opened(page, scene)
    await page.get_by_role("button", name="Validate").click()
    card = page.locator("article").first
    await expect(card).to_contain_text("Validated")
    await expect(page.get_by_role("button", name="Validate")).to_have_count(0)
    await page.get_by_role("button", name="1 reply").click()
    await expect(page.locator("#aside")).to_contain_text("It has left.")
    await page.locator("#aside textarea").fill("Thank you")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="2 replies")).to_be_visible()


async def test_a_modal_shows_errors_at_the_field_and_keeps_what_was_typed(
    page: Page, scene: Scene
) -> None:
    await scene.card("A card", actions(button("edit", "Edit")))
    await opened(page, scene)
    await page.get_by_role("button", name="Edit").click()
    note = page.get_by_label("note")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-block=note] .b-error")).to_have_text(
        "Please fill in this field."
    )
    assert scene.heard == []
    await note.fill("bad")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-block=note] .b-error")).to_have_text("Please say why.")
    await expect(note).to_have_value("bad")
    await expect(note).to_be_focused()
    await note.fill("better")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#modal")).to_be_hidden()
    assert scene.heard[-1]["note"]["text"]["value"] == "better"
    assert scene.heard[-1]["subject"]["text"]["value"] == "Reminder"


async def test_a_field_that_changes_the_modal_loses_nothing_typed(page: Page, scene: Scene) -> None:
    await scene.card("A card", actions(button("edit", "Edit")))
    await opened(page, scene)
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_label("note").fill("typed before")
    await page.get_by_label("Channel").select_option("call")
    await expect(page.get_by_label("phone")).to_be_visible()
    await expect(page.get_by_label("note")).to_have_value("typed before")
    await expect(page.get_by_label("subject")).to_have_value("Reminder")
    await page.keyboard.press("Escape")
    await expect(page.locator("#modal")).to_be_hidden()
    assert scene.sandbox.as_member("U1").modals() == []


async def test_a_mail_is_read_as_the_customer_sees_it_and_runs_nothing(
    page: Page, scene: Scene
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "us@x.example", "jeanne@acme.example", "Rappel"
    mail.set_content("Bonjour Jeanne, en texte")
    mail.add_alternative(HTML, subtype="html")
    await aiosmtplib.send(mail, hostname=scene.sandbox.smtp_host, port=scene.sandbox.smtp_port)
    await opened(page, scene)
    await page.get_by_role("button", name="Customers’ mail").click()
    search = page.get_by_role("searchbox")
    await search.fill("nobody")
    await expect(page.locator(".mails")).to_contain_text("No mail matches.")
    await search.fill("acme")
    await page.locator("[data-mail='1']").click()
    frame = page.frame_locator("iframe.mail-frame")
    await expect(frame.locator("b")).to_have_text("Jeanne")
    assert await frame.locator("body").evaluate("() => document.title") == ""
    await page.get_by_role("tab", name="Plain text").click()
    await expect(page.locator(".mail-text")).to_have_text("Bonjour Jeanne, en texte")
    await page.get_by_role("tab", name="Source").click()
    await expect(page.locator(".mail-text")).to_contain_text("Content-Type: multipart/alternative")


async def test_the_clock_moves_and_says_what_it_is_doing(page: Page, scene: Scene) -> None:
    await opened(page, scene)
    await expect(page.locator("#top")).to_contain_text("Press Next morning.")
    await expect(page.locator(".now")).to_contain_text("Monday, 23 November 2026")
    await page.get_by_role("button", name="Next morning").click()
    await expect(page.locator(".now")).to_contain_text("3 of 12 sent")
    await expect(page.get_by_role("button", name="Next week")).to_be_disabled()
    await expect(page.locator(".now")).to_contain_text("Tuesday, 24 November 2026")
    await expect(page.locator(".now")).to_contain_text("08:30")
    await page.get_by_role("button", name="Next week").click()
    await expect(page.locator(".now")).to_contain_text("Tuesday, 1 December 2026")


async def test_the_page_speaks_the_language_of_the_acting_member_until_told_otherwise(
    page: Page, scene: Scene
) -> None:
    await scene.card("Für", section("Hello"), person="U2")
    await opened(page, scene)
    await page.locator(".person").click()
    await page.get_by_role("menuitemradio", name="Bruno Petit").click()
    await expect(page.get_by_role("button", name="Demain matin")).to_be_visible()
    await expect(page.locator(".now")).to_contain_text("Lundi 23 novembre 2026")
    await expect(page.locator(".hint")).to_have_text("Cliquez sur Demain matin.")
    await expect(page.locator("article")).to_contain_text("Hello")
    await page.get_by_role("button", name="EN", exact=True).click()
    await expect(page.get_by_role("button", name="Next morning")).to_be_visible()


async def test_a_menu_at_the_bottom_opens_upwards_and_its_choice_arrives(
    page: Page, scene: Scene
) -> None:
    overflow = {"type": "overflow", "action_id": "more", "options": [option(n) for n in "abcde"]}
    await scene.card("A card", section("x"), actions(overflow))
    await opened(page, scene)
    await page.get_by_role("button", name="More actions").click()
    choice = page.get_by_role("menuitem", name="e")
    await expect(choice).to_be_in_viewport(ratio=1)
    await choice.click()
    await scene.sandbox.workspace.until(lambda: scene.heard == ["e"])


async def test_an_open_menu_stays_while_the_world_changes(page: Page, scene: Scene) -> None:
    await scene.card("First", section("First"))
    await opened(page, scene)
    await page.locator(".person").click()
    await scene.card("Second", section("Second"))
    await scene.card("For Bruno", section("For Bruno"), person="U2")
    await expect(page.locator("article")).to_have_count(2)
    await expect(page.get_by_role("menuitemradio", name="Bruno Petit")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".person .dot")).to_be_visible()


async def test_a_command_is_answered_to_its_author_alone(page: Page, scene: Scene) -> None:
    await opened(page, scene)
    await page.get_by_role("button", name="cash").click()
    composer = page.locator("#main textarea")
    await composer.fill("/")
    await page.get_by_role("option", name="/do").click()
    await composer.press_sequentially("it")
    await composer.press("Enter")
    answer = page.locator("article", has_text="Only visible to you")
    await expect(answer).to_contain_text("Because of it")
    await page.locator(".person").click()
    await page.get_by_role("menuitemradio", name="Bruno Petit").click()
    await page.get_by_role("button", name="cash").click()
    await expect(page.locator("#main")).to_contain_text("#cash")
    await expect(page.locator("article")).to_have_count(0)


async def test_a_late_answer_is_shown_to_the_one_who_clicked(page: Page, scene: Scene) -> None:
    scene.sandbox.workspace.timers.acknowledge = 0.2
    confirm = {
        "title": plain("Sure?"),
        "text": plain("It cannot be undone."),
        "confirm": plain("Yes, do"),
        "deny": plain("Keep"),
    }
    await scene.card("A card", actions(button("deaf", "Skip", style="danger", confirm=confirm)))
    await opened(page, scene)
    await page.get_by_role("button", name="Skip").click()
    await page.get_by_role("button", name="Keep").click()
    assert scene.sandbox.workspace.failures == []
    await page.get_by_role("button", name="Skip").click()
    await page.get_by_role("button", name="Yes, do").click()
    await expect(page.locator(".toast")).to_contain_text("Example did not respond in time")
    await expect(page.get_by_role("button", name="1 failure")).to_be_visible()


async def test_an_external_select_is_used_with_the_keyboard(page: Page, scene: Scene) -> None:
    select = {
        "type": "external_select",
        "action_id": "customer",
        "min_query_length": 2,
        "placeholder": plain("A customer"),
    }
    await scene.card("Choose", actions(select))
    await opened(page, scene)
    box = page.get_by_role("combobox", name="A customer")
    await box.fill("acme")
    await expect(page.get_by_role("option", name="acme 2")).to_be_visible()
    await box.press("ArrowDown")
    await box.press("ArrowDown")
    await box.press("Enter")
    await scene.sandbox.workspace.until(lambda: scene.heard == ["acme 2"])


async def test_a_customers_name_is_never_markup_nor_a_mention(page: Page, scene: Scene) -> None:
    name = "&lt;!channel&gt; &lt;img src=x onerror=alert(1)&gt; &amp; Co"
    await scene.card("A card", section(f"*{name}*"))
    await opened(page, scene)
    shown = page.locator("article strong", has_text="Co")
    await expect(shown).to_have_text("<!channel> <img src=x onerror=alert(1)> & Co")
    await expect(page.locator(".said-broadcast")).to_have_count(0)


async def test_the_home_tab_opens_on_a_narrow_screen(page: Page, scene: Scene) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await opened_narrow(page, scene)
    await page.get_by_role("button", name="Show the navigation").click()
    await page.locator("[data-go=home]").click()
    await expect(page.locator(".home")).to_contain_text("Your worklist")
    width = await page.evaluate("() => document.documentElement.scrollWidth")
    assert width == 390


async def opened_narrow(page: Page, scene: Scene) -> None:
    await page.goto(scene.sandbox.url)
    await expect(page.locator("#main .pane-head")).to_be_visible()
