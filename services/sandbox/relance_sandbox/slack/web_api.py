"""The Web API's door: method, token, scope, planned faults, pace; then the call itself."""

from aiohttp import web

from relance_sandbox.slack.arguments import Arguments, arguments_of, json_body
from relance_sandbox.slack.messages import content_of, parent_of, replace, said_by_app
from relance_sandbox.slack.methods import chat, conversations, files, users, views
from relance_sandbox.slack.methods.method import Method
from relance_sandbox.slack.pace import CallFault
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.timers import ResponseUrl
from relance_sandbox.slack.workspace import Call, Workspace

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **users.METHODS,
    **views.METHODS,
}


async def answer_call(workspace: Workspace, request: web.Request) -> web.Response:
    """Slack's answer to one Web API call: always JSON, 200 except where a limit was hit."""
    name = request.match_info["method"]
    arguments = Arguments({})
    try:
        arguments = await arguments_of(request)
        method = method_named(name)
        check_token(workspace, method, token_of(request, arguments))
        check_scope(workspace, method)
        if stopped := held_back(workspace, request, method, arguments):
            return stopped
        body = {"ok": True, **method.call(workspace, arguments)}
    except Refusal as refusal:
        record(workspace, name, arguments, refusal.code)
        return web.json_response(refused(refusal))
    record(workspace, name, arguments, "")
    return web.json_response(body)


def method_named(name: str) -> Method:
    if name not in METHODS:
        raise Refusal("unknown_method", req_method=name)
    return METHODS[name]


def refused(refusal: Refusal) -> Json:
    body: Json = {"ok": False, "error": refusal.code, **refusal.more}
    if refusal.messages:
        body["response_metadata"] = {"messages": list(refusal.messages)}
    return body


def token_of(request: web.Request, arguments: Arguments) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() or str(arguments.get("token") or "")


def check_token(workspace: Workspace, method: Method, token: str) -> None:
    tokens = {workspace.bot_token: False, workspace.app_token: True}
    if not token:
        raise Refusal("not_authed")
    if token not in tokens:
        raise Refusal("invalid_auth")
    if tokens[token] != method.is_for_app:
        raise Refusal("not_allowed_token_type")


def check_scope(workspace: Workspace, method: Method) -> None:
    granted = workspace.app.scopes
    if granted is not None and method.scopes and not granted & set(method.scopes):
        raise Refusal(
            "missing_scope", needed=",".join(method.scopes), provided=",".join(sorted(granted))
        )


def held_back(
    workspace: Workspace, request: web.Request, method: Method, arguments: Arguments
) -> web.Response | None:
    """A planned fault's answer or a 429, or None when the call may go."""
    name = request.match_info["method"]
    if fault := workspace.faults.take(name):
        if fault.lost:
            method.call(workspace, arguments)
        record(workspace, name, arguments, fault.error)
        return faulty(fault, request)
    wait = workspace.pace.wait(name, method.tier, str(arguments.get("channel")))
    if wait is None:
        return None
    record(workspace, name, arguments, "ratelimited")
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(wait)})


def faulty(fault: CallFault, request: web.Request) -> web.Response:
    """The planned answer; where none is to come, the connection is cut."""
    if fault.lost and request.transport:
        request.transport.abort()
    headers = {"Retry-After": str(fault.retry_after)} if fault.status == 429 else {}
    if fault.page is not None:
        kind = fault.page_type
        return web.Response(text=fault.page, status=fault.status, content_type=kind)
    body = {"ok": False, "error": fault.error}
    return web.json_response(body, status=fault.status, headers=headers)


def record(workspace: Workspace, name: str, arguments: Arguments, error: str) -> None:
    given = {name: value for name, value in arguments.given.items() if name != "token"}
    call = Call(at=workspace.now(), method=name, arguments=given, error=error)
    workspace.calls.append(call)
    if error:
        workspace.note("refused", workspace.app.bot_user_id, name, error)


async def answer_response_url(workspace: Workspace, request: web.Request) -> web.Response:
    """A post to a response_url: 200 `ok`, or 404 when the URL is no longer good."""
    if fault := workspace.faults.take("response_url"):
        record(workspace, "response_url", Arguments({}), fault.error)
        return faulty(fault, request)
    try:
        url = workspace.response_urls.use(request.match_info["name"])
    except Refusal as refusal:
        record(workspace, "response_url", Arguments({}), refusal.code)
        return web.json_response(refused(refusal), status=404)
    try:
        body = await json_body(request)
        respond(workspace, url, body)
    except Refusal as refusal:
        record(workspace, "response_url", Arguments({}), refusal.code)
        return web.json_response(refused(refusal), status=400)
    record(workspace, "response_url", Arguments(body), "")
    return web.Response(text="ok")


def respond(workspace: Workspace, url: ResponseUrl, body: Json) -> None:
    """Replace, delete or add a message, as the answer asks; ephemeral unless it says in_channel."""
    conversation = workspace.conversation(url.channel)
    source = None
    if url.ts and (body.get("replace_original") or body.get("delete_original")):
        source = conversation.message(url.ts)
    if body.get("delete_original") and source is not None:
        conversation.remove(source)
        workspace.note("delete", source.author, "")
        return
    content = content_of(body)
    if source is not None:
        replace(workspace, conversation, source, content)
        return
    only_for = None if body.get("response_type") == "in_channel" else url.member
    thread_ts = parent_of(conversation, body.get("thread_ts"))
    message = said_by_app(workspace, content, thread_ts=thread_ts, only_for=only_for)
    workspace.post(conversation, message, "ephemeral" if only_for else "message")
