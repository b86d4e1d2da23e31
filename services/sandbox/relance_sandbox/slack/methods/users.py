"""auth.test, apps.connections.open and users.*"""

from zoneinfo import ZoneInfo

from relance_sandbox.slack.arguments import Arguments, page_of
from relance_sandbox.slack.methods.method import Method
from relance_sandbox.slack.people import Json, Member
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.workspace import Workspace


def auth_test(workspace: Workspace, _: Arguments) -> Json:
    app = workspace.app
    return {
        "url": f"{workspace.url}/",
        "team": workspace.team_name,
        "user": app.as_member().name,
        "team_id": workspace.team_id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(workspace: Workspace, _: Arguments) -> Json:
    address = workspace.url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link?ticket={workspace.sockets.ticket()}"}


def info(workspace: Workspace, arguments: Arguments) -> Json:
    member = workspace.member(arguments.need("user"))
    return {"user": user_json(workspace, member, with_locale=arguments.flag("include_locale"))}


def list_users(workspace: Workspace, arguments: Arguments) -> Json:
    with_locale = arguments.flag("include_locale")
    page, cursor = page_of(list(workspace.members.values()), arguments)
    return {
        "members": [user_json(workspace, member, with_locale=with_locale) for member in page],
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(workspace: Workspace, arguments: Arguments) -> Json:
    wanted = arguments.need("email").casefold()
    for member in workspace.members.values():
        if member.email.casefold() == wanted and not member.deleted:
            return {"user": user_json(workspace, member, with_locale=False)}
    raise Refusal("users_not_found")


def user_json(workspace: Workspace, member: Member, *, with_locale: bool) -> Json:
    """A member as users.info gives it; the address only with the scope for it."""
    offset = workspace.now().astimezone(ZoneInfo(member.tz)).utcoffset()
    profile: Json = {
        "real_name": member.real_name,
        "display_name": member.name,
        "real_name_normalized": member.real_name,
        "display_name_normalized": member.name,
        "title": member.title,
        "team": workspace.team_id,
    }
    scopes = workspace.app.scopes
    if member.email and (scopes is None or "users:read.email" in scopes):
        profile["email"] = member.email
    return {
        "id": member.id,
        "team_id": workspace.team_id,
        "name": member.name,
        "real_name": member.real_name,
        "deleted": member.deleted,
        "tz": member.tz,
        "tz_label": member.tz,
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "is_admin": member.is_admin,
        "is_owner": False,
        "is_bot": member.is_bot,
        "is_app_user": False,
        "is_restricted": member.is_restricted,
        "is_ultra_restricted": False,
        "profile": profile,
    } | ({"locale": member.locale} if with_locale else {})


METHODS = {
    "auth.test": Method(auth_test, (), 4),
    "apps.connections.open": Method(open_connection, (), 4, is_for_app=True),
    "users.info": Method(info, ("users:read",), 4),
    "users.list": Method(list_users, ("users:read",), 2),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",), 3),
}
