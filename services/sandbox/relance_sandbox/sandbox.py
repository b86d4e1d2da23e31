"""The sandbox: one resource that listens, holds the workspace and the mailbox, and stops."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from aiohttp import web

from relance_sandbox.loopback import HOST, own_host_only, port_taken
from relance_sandbox.mailbox import Mail, Mailbox
from relance_sandbox.page.controls import Controls, Page
from relance_sandbox.page.routes import page_routes
from relance_sandbox.slack.acting import Acting
from relance_sandbox.slack.people import App, Channel, Member
from relance_sandbox.slack.routes import slack_routes
from relance_sandbox.slack.workspace import Workspace
from relance_sandbox.smtp import MailServer


class Sandbox:
    """A stand-in for Slack and for the customers' mail server, on loopback only.

    `now` gives message times and dates; short-lived things (3 seconds, 30 minutes) run on real
    time. `tz` is the zone of the page's clock, `hint` a line for a stranger (by language, en and
    fr, when it is a mapping).
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        members: Iterable[Member],
        channels: Iterable[Channel] = (),
        app: App | None = None,
        team_id: str = "T0SANDBOX",
        team_name: str = "Sandbox",
        tz: str = "Europe/Paris",
        bot_token: str = "xoxb-sandbox",  # noqa: S107 - invented, no secret
        app_token: str = "xapp-sandbox",  # noqa: S107 - invented, no secret
        controls: Controls | None = None,
        hint: str | Mapping[str, str] = "",
        start_as: str | None = None,
    ) -> None:
        self.workspace = Workspace(
            now=now,
            members=members,
            channels=channels,
            app=app or App(),
            team_id=team_id,
            team_name=team_name,
            bot_token=bot_token,
            app_token=app_token,
        )
        self.mailbox = Mailbox(now, self.mail_came)
        self.mail_server = MailServer(self.mailbox)
        self.page = Page(
            workspace=self.workspace,
            mailbox=self.mailbox,
            controls=controls,
            hint={"en": hint, "fr": hint} if isinstance(hint, str) else hint,
            tz=tz,
            start_as=start_as,
        )
        self.runner: web.AppRunner | None = None

    async def start(self, port: int = 0, smtp_port: int = 0) -> None:
        """Listen; an OSError names a port that is taken and what to do."""
        server = web.Application(middlewares=[own_host_only], client_max_size=64 * 1024 * 1024)
        server.add_routes([*slack_routes(self.workspace), *page_routes(self.page)])
        self.runner = web.AppRunner(server, access_log=None, shutdown_timeout=1.0)
        await self.runner.setup()
        try:
            self.workspace.url = await listening(self.runner, port)
            await self.mail_server.start(smtp_port)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every connection, of the app, of the page and of the mail server."""
        self.page.close()
        await self.workspace.stop()
        await self.mail_server.stop()
        if self.runner is not None:
            await self.runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def as_member(self, member_id: str) -> Acting:
        """A member's hands: what can be seen and done in the workspace."""
        return Acting(self.workspace, member_id)

    def mail_came(self, mail: Mail) -> None:
        name = parseaddr(mail.sender)[0] or mail.sender
        self.workspace.note("mail", name, mail.subject, ", ".join(mail.envelope_to))

    @property
    def url(self) -> str:
        return self.workspace.url

    @property
    def slack_api_url(self) -> str:
        """What slack_sdk takes as `base_url`; it ends with a slash."""
        return f"{self.workspace.url}/api/"

    @property
    def bot_token(self) -> str:
        return self.workspace.bot_token

    @property
    def app_token(self) -> str:
        return self.workspace.app_token

    @property
    def smtp_host(self) -> str:
        return HOST

    @property
    def smtp_port(self) -> int:
        return self.mail_server.port


async def listening(runner: web.AppRunner, port: int) -> str:
    """The base address once it listens."""
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        raise port_taken(port, "port", error) from error
    return f"http://{HOST}:{runner.addresses[0][1]}"
