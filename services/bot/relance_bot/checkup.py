"""Whether Slack takes both tokens: asked of Slack, nothing posted, no socket opened."""

from slack_sdk.web.async_client import AsyncWebClient

from relance.settings import Settings
from relance_bot.slack import Failure, failure_of
from relance_bot.tokens import SlackRefused, app_token_help, bot_token_help, refused, tokens_of


async def try_tokens(settings: Settings, within: float) -> str:
    """The workspace's name, or SlackRefused; at most `within` seconds for each of two calls."""
    bot_token, app_token = tokens_of(settings)
    base = settings.slack_api_url.rstrip("/")
    client = AsyncWebClient(
        token=bot_token,
        base_url=f"{base}/" if base else AsyncWebClient.BASE_URL,
        timeout=max(1, int(within)),
    )
    try:
        answer = await client.auth_test()
    except Failure as error:
        raise refused(failure_of(error), bot_token_help) from None
    try:
        await client.apps_connections_open(app_token=app_token)
    except Failure as error:
        raise refused(failure_of(error), app_token_help) from None
    return str(answer.get("team", ""))


__all__ = ["SlackRefused", "try_tokens"]
