"""The mail server and Slack, each asked by the service that talks to it."""

from relance.cli.checkups.remark import WITHIN, Remark, note, ok, wrong
from relance.settings import Settings

MAIL = "mail server"
SLACK = "slack"


async def look_at_mail(settings: Settings) -> list[Remark]:
    if not settings.smtp_host:
        return [note(MAIL, "RELANCE_SMTP_HOST is not set: the dispatcher needs it.")]
    try:
        from relance_dispatcher.checkup import MailServerRefused, try_mail_server
    except ImportError:
        return [note(MAIL, "Not looked at: the dispatcher's libraries are not installed here.")]
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        await try_mail_server(settings, WITHIN)
    except MailServerRefused as error:
        return [wrong(MAIL, f"{where}: {error}", "Mend the setting, or the server.")]
    logged_in = ", and the login works" if settings.smtp_user else ", without a login"
    return [ok(MAIL, f"{where} answers ({settings.smtp_tls}){logged_in}.")]


async def look_at_slack(settings: Settings) -> list[Remark]:
    tokens = (settings.slack_bot_token, settings.slack_app_token)
    if not any(token.get_secret_value() for token in tokens):
        return [note(SLACK, "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not set: the bot needs both.")]
    try:
        from relance_bot.checkup import SlackRefused, try_tokens
    except ImportError:
        return [note(SLACK, "Not looked at: the bot's libraries are not installed here.")]
    try:
        team = await try_tokens(settings, WITHIN)
    except SlackRefused as error:
        says, _, mend = str(error).partition(". ")
        return [wrong(SLACK, f"{says}.", mend)]
    return [ok(SLACK, f"It takes both tokens, for the workspace {team}.")]
