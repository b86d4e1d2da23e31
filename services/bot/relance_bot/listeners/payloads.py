"""Slack's payloads as typed values; whatever else they hold is not looked at."""

from dataclasses import dataclass
from typing import Any

from relance_bot.blocks.kit import Json
from relance_bot.blocks.values import Place, Target, target_of
from relance_bot.people import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button, or an entry of a menu: `name` says which. `origin` is the same when redelivered.

    `target` is None when its value is none of ours. `channel` and `ts` are of the message, `view`
    is the modal or Home that it stood in. `block` holds it.
    """

    identity: Identity
    name: str
    target: Target | None
    origin: str
    trigger_id: str
    channel: str = ""
    ts: str = ""
    block: str = ""
    view: Json | None = None

    @property
    def card(self) -> Place | None:
        """The card that it stands on; None for other messages, modals and Home."""
        if not (self.channel and self.ts and self.block.startswith("decide-")):
            return None
        return Place(channel=self.channel, ts=self.ts)

    @property
    def in_modal(self) -> bool:
        return self.view is not None and self.view["type"] == "modal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A submitted modal."""

    identity: Identity
    view: Json
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command: the first word, in lower case, and what follows it."""

    identity: Identity
    word: str
    rest: str
    trigger_id: str
    channel: str = ""


def click_of(body: Json) -> Click:
    """The click in a block_actions payload."""
    action = body["actions"][0]
    identity = identity_of(body)
    name, value = action["action_id"], str(action.get("value") or "")
    if "selected_option" in action and action["type"] == "overflow":
        name, _, value = action["selected_option"]["value"].partition(".")
    container = body.get("container") or {}
    return Click(
        identity=identity,
        name=name,
        target=target_of(value),
        origin=f"{identity.team}/{identity.user}/{action['action_ts']}/{name}",
        trigger_id=body.get("trigger_id", ""),
        channel=container.get("channel_id") or (body.get("channel") or {}).get("id", ""),
        ts="" if container.get("is_ephemeral") else container.get("message_ts", ""),
        block=action.get("block_id", ""),
        view=body.get("view"),
    )


def submission_of(body: Json) -> Submission:
    """The modal in a view_submission payload."""
    identity, view = identity_of(body), body["view"]
    origin = f"{identity.team}/{identity.user}/{view['id']}/{view['hash']}"
    return Submission(identity=identity, view=view, origin=origin)


def texts_of(view: Json) -> str:
    """Every text that a person has typed in a modal, in the order of its fields."""
    values = view["state"]["values"]
    texts = (held.get("value", {}).get("value") for held in values.values())
    return "\n\n".join(text for text in texts if isinstance(text, str) and text.strip())


def command_of(body: Json) -> Command:
    """The command in a slash_commands payload."""
    team = body["team_id"]
    word, _, rest = _typed(body.get("text", "")).strip().partition(" ")
    return Command(
        identity=Identity(team=team, user=body["user_id"], home_team=team),
        word=word.lower(),
        rest=rest.strip(),
        trigger_id=body.get("trigger_id", ""),
        channel=body.get("channel_id", ""),
    )


def identity_of(body: Json) -> Identity:
    """Who an interaction is from. An organisation-wide installation names no team but theirs."""
    user: dict[str, Any] = body["user"]
    home = user.get("team_id") or ""
    team = (body.get("team") or {}).get("id") or home
    return Identity(team=team, user=user["id"], home_team=home or team)


def _typed(text: str) -> str:
    """What was typed: Slack escapes three characters on the way."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def unlinked(typed: str) -> str:
    """An address as it was typed; Slack makes a link of it: `<mailto:a@b.example|a@b.example>`."""
    if typed.startswith("<mailto:") and typed.endswith(">"):
        return typed.removesuffix(">").partition("|")[2] or typed[8:-1]
    return typed
