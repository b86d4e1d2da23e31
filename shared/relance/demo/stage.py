"""The whole system on a movable clock, with the sandbox around it and the sample company in it."""

from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import yaml
from pydantic import SecretStr

import relance_bot
from relance.clock import MovableClock
from relance.demo.books import Accounting
from relance.demo.company import PEOPLE
from relance.demo.seed import TEAM
from relance.domain.calendar import Calendar, local_day, next_allowed, slot_on
from relance.embedded import Embedded, open_databases
from relance.settings import Settings
from relance.store import schema
from relance_dispatcher.wiring import smtp_transport
from relance_sandbox import Channel, Controls, Member, Sandbox, app_of_manifest

# A Friday, 17:00 in Lyon: the next slot is on Monday.
START = datetime(2026, 4, 24, 15, 0, tzinfo=UTC)
HINT = {
    "en": "Press “Next morning”: reminders leave and cards arrive. Answer a card as its owner, then"
    " look at the mail that leaves.",
    "fr": "Cliquez sur « Demain matin » : des relances partent, des fiches arrivent. Répondez à une"
    " fiche comme son responsable, puis regardez le courriel qui part.",
}
MANIFEST = Path(relance_bot.__file__).parents[1] / "manifest.yaml"


class Stage:
    """Everything between `open()` and `close()`; the clock moves when somebody moves it."""

    def __init__(self, folder: Path, *, running: bool) -> None:
        self.clock = MovableClock(START, running=running)
        self._folder = folder
        self._doing = ""
        self.sandbox = Sandbox(
            now=self.clock.now,
            members=[
                Member(
                    id=person.slack,
                    name=person.email.partition("@")[0],
                    real_name=person.name,
                    email=person.email,
                    locale=person.locale,
                    tz="Europe/Paris",
                    title=person.title,
                )
                for person in PEOPLE
            ],
            channels=[
                Channel(
                    id="CCASH",
                    name="cash-collection",
                    members=tuple(person.slack for person in PEOPLE),
                    purpose="What the team talks about",
                )
            ],
            app=app_of_manifest(yaml.safe_load(MANIFEST.read_text("utf-8"))),
            team_id=TEAM,
            team_name="Atelier Lumen",
            controls=Controls(
                next_morning=self.next_morning,
                next_week=self.next_week,
                status=lambda: self._doing,
            ),
            hint=HINT,
            start_as=PEOPLE[0].slack,
        )

    async def open(self, port: int = 0) -> None:
        """Sets the company up and connects everything; OSError names a port that is taken."""
        async with AsyncExitStack() as opened:  # what was opened is closed when a later step fails
            await self.sandbox.start(port=port)
            opened.push_async_callback(self.sandbox.stop)
            self.databases = open_databases(f"sqlite+aiosqlite:///{self._folder / 'demo.db'}")
            opened.push_async_callback(self.databases.close)
            await schema.upgrade(self.databases.scheduler)
            self._books = Accounting(self.databases.scheduler, self.clock, self._folder)
            await self._books.open()
            settings = self._settings()
            transport = smtp_transport(settings)
            opened.push_async_callback(transport.close)
            self.services = Embedded(settings, self.databases, self.clock, transport, bot_pace=0)
            await self.services.start()
            opened.push_async_callback(self.services.stop)
            await self.services.settle()
            self._opened = opened.pop_all()

    async def close(self) -> None:
        await self._opened.aclose()

    async def today(self) -> date:
        """The company's date."""
        return local_day(await self.calendar(), self.clock.now())

    async def next_day(self) -> date:
        """The next day with a slot."""
        return next_allowed(await self.calendar(), await self.today() + timedelta(days=1))

    async def next_morning(self) -> None:
        """To the next slot, with the books of the days between; then what is due is done."""
        await self._go_to(slot_on(await self.calendar(), await self.next_day()).start)

    async def next_week(self) -> None:
        """Morning by morning to the same weekday of the next week, or the next day with a slot."""
        end = await self.today() + timedelta(days=7)
        while await self.today() < end:
            await self.next_morning()

    async def calendar(self) -> Calendar:
        """The company's slots."""
        return await self._books.calendar()

    async def _go_to(self, instant: datetime) -> None:
        self._doing = f"{instant:%A %d %B}: the books"
        await self._books.live_through(instant)
        self.clock.move_to(instant)
        self._doing = f"{instant:%A %d %B}: what is due"
        await self.services.settle()
        self._doing = ""

    def _settings(self) -> Settings:
        sandbox = self.sandbox
        return Settings.model_construct(
            slack_bot_token=SecretStr(sandbox.bot_token),
            slack_app_token=SecretStr(sandbox.app_token),
            slack_api_url=sandbox.slack_api_url,
            smtp_host=sandbox.smtp_host,
            smtp_port=sandbox.smtp_port,
            smtp_tls="none",
            smtp_user="",
        )
