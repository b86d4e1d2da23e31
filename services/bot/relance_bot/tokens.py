"""Slack's two tokens: where they come from, and what is wrong with them, in plain words."""

from collections.abc import Callable

from relance.service import AwayError, RefusedError
from relance.settings import Settings
from relance_bot.slack import is_passing


class SlackRefused(RefusedError):
    """Slack does not take us; the text says which setting is wrong and how to mend it."""


class SlackAwayError(SlackRefused, AwayError):
    """Slack cannot be reached: that may pass."""


def tokens_of(settings: Settings) -> tuple[str, str]:
    """The bot's and the app's, or SlackRefused."""
    bot_token = settings.slack_bot_token.get_secret_value()
    app_token = settings.slack_app_token.get_secret_value()
    if not bot_token.startswith("xoxb-"):
        raise SlackRefused(bot_token_help("not a bot token" if bot_token else "not set"))
    if not app_token.startswith("xapp-"):
        raise SlackRefused(app_token_help("not an app token" if app_token else "not set"))
    return bot_token, app_token


def refused(why: str, token_help: Callable[[str], str]) -> SlackRefused:
    """A network that fails, or Slack itself, is no token's fault."""
    if is_passing(why):
        return SlackAwayError(
            "Slack cannot be reached: is the network up, and SLACK_API_URL either not set or right?"
        )
    return SlackRefused(token_help(why))


def bot_token_help(why: str) -> str:
    return (
        f"SLACK_BOT_TOKEN: {why}. It begins with xoxb-; copy it from api.slack.com/apps → your app"
        " → OAuth & Permissions → Bot User OAuth Token, after Install to Workspace."
    )


def app_token_help(why: str) -> str:
    return (
        f"SLACK_APP_TOKEN: {why}. It begins with xapp-; make one at api.slack.com/apps → your app"
        " → Basic Information → App-Level Tokens, with the scope connections:write,"
        " and switch Socket Mode on."
    )
