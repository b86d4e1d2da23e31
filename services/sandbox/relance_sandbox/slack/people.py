"""Who and what a workspace is made of: members, channels, the installed app."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person (or another bot) of the workspace; `locale` like fr-FR, `tz` an IANA name."""

    id: str
    name: str
    real_name: str
    email: str = ""
    locale: str = "en-US"
    tz: str = "Europe/Paris"
    title: str = ""
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as it stands at the start; `with_app` invites the app to it."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    is_private: bool = False
    purpose: str = ""
    with_app: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command of the app: `name` with its slash, its hint as Slack shows it."""

    name: str
    usage: str = ""
    description: str = ""


EVERY_EVENT = frozenset(
    {"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The one installed app; `scopes=None` grants everything, a set is checked call by call."""

    name: str = "App"
    id: str = "A0SANDBOX"
    bot_id: str = "B0SANDBOX"
    bot_user_id: str = "U0SANDBOX"
    commands: tuple[Command, ...] = ()
    events: frozenset[str] = EVERY_EVENT
    scopes: frozenset[str] | None = None

    def as_member(self) -> Member:
        return Member(
            id=self.bot_user_id, name=self.name.lower(), real_name=self.name, is_bot=True, tz="UTC"
        )


def app_of_manifest(manifest: Mapping[str, Any]) -> App:
    """The app that Slack would install from a parsed `manifest.yaml`, with no more rights."""
    features = manifest.get("features", {})
    subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
    return App(
        name=features.get("bot_user", {}).get("display_name")
        or manifest["display_information"]["name"],
        commands=tuple(
            Command(
                name=command["command"],
                usage=command.get("usage_hint", ""),
                description=command.get("description", ""),
            )
            for command in features.get("slash_commands", [])
        ),
        events=frozenset(subscriptions.get("bot_events", [])),
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
    )
