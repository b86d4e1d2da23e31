"""views.*: modals and App Home tabs."""

from relance_sandbox.slack.arguments import Arguments
from relance_sandbox.slack.blocks import check
from relance_sandbox.slack.methods.method import Method
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.views import View, view_json
from relance_sandbox.slack.workspace import Workspace


def open_modal(workspace: Workspace, arguments: Arguments) -> Json:
    member = triggered_by(workspace, arguments)
    return shown(workspace, workspace.views.open(member, arguments.get("view")))


def push(workspace: Workspace, arguments: Arguments) -> Json:
    member = triggered_by(workspace, arguments)
    return shown(workspace, workspace.views.push(member, arguments.get("view")))


def triggered_by(workspace: Workspace, arguments: Arguments) -> str:
    """The member behind the trigger; a view that is refused does not use the trigger up."""
    trigger_id = arguments.need("trigger_id")
    check.view(arguments.get("view"), "modal")
    return workspace.triggers.exchange(trigger_id)


def update(workspace: Workspace, arguments: Arguments) -> Json:
    view = named(workspace, arguments)
    if view.body["type"] == "home":
        raise Refusal("invalid_arguments", "[ERROR] a Home tab changes by views.publish")
    seen = arguments.get("hash") or None
    return shown(workspace, workspace.views.update(view, arguments.get("view"), seen))


def publish(workspace: Workspace, arguments: Arguments) -> Json:
    member = workspace.member(arguments.need("user_id"))
    if member.is_bot or member.deleted:
        raise Refusal("not_enabled", "[ERROR] this member has no Home tab")
    seen = arguments.get("hash") or None
    return shown(workspace, workspace.views.publish(member.id, arguments.get("view"), seen))


def named(workspace: Workspace, arguments: Arguments) -> View:
    if arguments.get("view_id"):
        return workspace.views.by_id(arguments.need("view_id"))
    view = workspace.views.by_external_id(arguments.need("external_id"))
    if view is None:
        raise Refusal("not_found")
    return view


def shown(workspace: Workspace, view: View) -> Json:
    workspace.changed()
    return {"view": view_json(view, workspace.app, workspace.team_id)}


METHODS = {
    "views.open": Method(open_modal, (), 4),
    "views.push": Method(push, (), 4),
    "views.update": Method(update, (), 4),
    "views.publish": Method(publish, (), 4),
}
