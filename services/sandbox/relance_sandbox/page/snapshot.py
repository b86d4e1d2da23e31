"""What one member sees at one moment, as the page draws it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time

from relance_sandbox.page.controls import Page
from relance_sandbox.slack.acting import Acting
from relance_sandbox.slack.blocks.inputs import first_state
from relance_sandbox.slack.conversations import Conversation, Message, instant_of
from relance_sandbox.slack.drawing import drawn_blocks, reader_of
from relance_sandbox.slack.mrkdwn import Reader, drawn, text_of
from relance_sandbox.slack.outcomes import Failure
from relance_sandbox.slack.people import Json, Member
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.workspace import Deed, Workspace

SHOWN = 60
LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}


def snapshot(page: Page, me: str, language: str, channel: str, thread: str, shown: int) -> Json:
    """Everything on the screen of `me`; `language` en or fr, empty for the member's own."""
    workspace = page.workspace
    acting = Acting(workspace, me)
    direct = acting.direct()
    locale = locale_of(acting.member, language)
    reader = reader_of(workspace, me, locale)
    conversation = opened(acting, channel or direct)
    return {
        "version": workspace.version,
        "language": locale[:2],
        "locale": locale,
        "team": workspace.team_name,
        "app": {"id": workspace.app.bot_user_id, "name": workspace.app.name},
        "hint": page.hint.get(locale[:2], ""),
        "clock": clock(page, locale),
        "me": member_json(workspace, acting.member),
        "members": [
            member_json(workspace, member)
            for member in workspace.members.values()
            if not member.is_bot and not member.deleted
        ],
        "commands": [
            {"name": c.name, "usage": c.usage, "description": c.description}
            for c in workspace.app.commands
        ],
        "conversations": [
            conversation_json(workspace, held, me) for held in acting.conversations()
        ],
        "conversation": opened_json(workspace, conversation, reader, me, shown),
        "thread": thread_json(workspace, conversation, thread, reader, me),
        "home": view_json(acting.home(), reader),
        "modal": view_json(acting.modal(), reader),
        "depth": len(acting.modals()),
        "mails": len(page.mailbox.mails),
        "failures": [failure_json(failure, page, locale) for failure in workspace.failures[-20:]],
        "failed": len(workspace.failures),
        "activity": [deed_json(deed, page, reader, me) for deed in list(workspace.activity)[-60:]],
    }


def locale_of(member: Member, language: str) -> str:
    if language in LANGUAGES and not member.locale.startswith(language):
        return LANGUAGES[language]
    return member.locale if member.locale[:2] in LANGUAGES else LANGUAGES["en"]


def opened(acting: Acting, channel: str) -> Conversation:
    """The conversation asked for, or one's own with the app when it may not be read."""
    try:
        return acting.conversation(channel)
    except Refusal:
        return acting.conversation(None)


def clock(page: Page, locale: str) -> Json:
    now = page.workspace.now().astimezone(ZoneInfo(page.tz))
    controls = page.controls
    return {
        "date": long_day(now, locale),
        "short_date": short_day(now, locale),
        "time": short_time(now, locale),
        "zone": page.tz,
        "movable": controls is not None,
        "busy": page.busy,
        "status": controls.status() if page.busy and controls and controls.status else "",
    }


def long_day(instant: datetime, locale: str) -> str:
    text = format_date(instant.date(), "full", locale=locale.replace("-", "_"))
    return text[:1].upper() + text[1:]


def short_day(instant: datetime, locale: str) -> str:
    return format_skeleton("MMMEd", instant, locale=locale.replace("-", "_"))


def short_time(instant: datetime, locale: str) -> str:
    language = Locale.parse(locale.replace("-", "_"))
    return format_time(instant, "short", tzinfo=instant.tzinfo, locale=language)


def member_json(workspace: Workspace, member: Member) -> Json:
    direct = workspace.direct(member.id, workspace.app.bot_user_id)
    return {
        "id": member.id,
        "name": member.real_name,
        "handle": member.name,
        "title": member.title,
        "unread": direct.unread(member.id),
    }


def conversation_json(workspace: Workspace, held: Conversation, me: str) -> Json:
    others = [workspace.members[m].real_name for m in held.members if m != me]
    return {
        "id": held.id,
        "kind": held.kind,
        "name": held.name if held.kind == "channel" else ", ".join(others),
        "purpose": held.purpose,
        "private": held.is_private and held.kind == "channel",
        "with_app": workspace.app.bot_user_id in held.members and held.kind == "im",
        "joined": me in held.members,
        "unread": held.unread(me) if me in held.members else 0,
        "people": len(held.members),
    }


def opened_json(
    workspace: Workspace, held: Conversation, reader: Reader, me: str, shown: int
) -> Json:
    messages = held.top_level(me)
    told = [message_json(workspace, held, m, reader) for m in messages[-shown:]]
    return conversation_json(workspace, held, me) | {
        "messages": told,
        "earlier": max(0, len(messages) - shown),
        "last": max((m.ts for m in held.seen_by(me)), default=""),
    }


def thread_json(
    workspace: Workspace, held: Conversation, ts: str, reader: Reader, me: str
) -> Json | None:
    if not ts:
        return None
    try:
        messages = held.thread(ts, me)
    except Refusal:
        return None
    return {"ts": ts, "messages": [message_json(workspace, held, m, reader) for m in messages]}


def message_json(
    workspace: Workspace, held: Conversation, message: Message, reader: Reader
) -> Json:
    author = workspace.members[message.author]
    at = instant_of(message.ts).astimezone(ZoneInfo(reader.tz))
    replies = held.replies(message.ts)
    last = instant_of(replies[-1].ts).astimezone(ZoneInfo(reader.tz)) if replies else at
    return {
        "ts": message.ts,
        "channel": held.id,
        "author": {"id": author.id, "name": author.real_name, "app": message.from_app},
        "day": long_day(at, reader.locale),
        "time": short_time(at, reader.locale),
        "nodes": drawn(message.text, reader),
        "blocks": drawn_blocks(message.blocks, reader),
        "state": first_state(message.blocks or []),
        "ephemeral": message.only_for is not None,
        "edited": message.edited_ts is not None and message.blocks is None,
        "deleted": message.deleted,
        "files": message.files,
        "reply": message.is_reply,
        "parent": message.thread_ts or "",
        "replies": len(replies),
        "repliers": [
            {
                "id": who,
                "name": workspace.members[who].real_name,
                "app": who == workspace.app.bot_user_id,
            }
            for who in dict.fromkeys(reply.author for reply in replies)
        ],
        "last_reply": f"{short_day(last, reader.locale)} {short_time(last, reader.locale)}",
    }


def view_json(view: Json | None, reader: Reader) -> Json | None:
    """A view with its texts drawn; `state` is block_id -> action_id -> entry."""
    if view is None:
        return None
    texts = {name: drawn_blocks(view[name], reader) for name in ("title", "submit", "close")}
    return texts | {
        "id": view["id"],
        "hash": view["hash"],
        "blocks": drawn_blocks(view["blocks"], reader),
        "state": view["state"]["values"],
        "errors": view["errors"],
        "submit_disabled": view.get("submit_disabled", False),
    }


def failure_json(failure: Failure, page: Page, locale: str) -> Json:
    at = failure.at.astimezone(ZoneInfo(page.tz))
    return {
        "kind": failure.kind,
        "member": failure.member,
        "what": failure.what,
        "detail": failure.detail,
        "time": short_time(at, locale),
    }


def deed_json(deed: Deed, page: Page, reader: Reader, me: str) -> Json:
    """A line of the activity; what was said in private is for those who were there."""
    private = deed.seen_by is not None and me not in deed.seen_by
    at = deed.at.astimezone(ZoneInfo(page.tz))
    return {
        "kind": deed.kind,
        "who": reader.members.get(deed.who, deed.who),
        "what": "" if private else text_of(drawn(deed.what, reader)),
        "private": private,
        "where": deed.where,
        "day": long_day(at, reader.locale),
        "time": short_time(at, reader.locale),
    }
