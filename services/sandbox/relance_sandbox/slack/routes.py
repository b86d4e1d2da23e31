"""The addresses an app knows: Web API, Socket Mode, response URLs, files."""

from collections.abc import Iterable

from aiohttp import web

from relance_sandbox.slack.methods import files
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.web_api import answer_call, answer_response_url
from relance_sandbox.slack.workspace import Workspace


def slack_routes(workspace: Workspace) -> Iterable[web.RouteDef]:
    async def call(request: web.Request) -> web.Response:
        return await answer_call(workspace, request)

    async def link(request: web.Request) -> web.WebSocketResponse:
        return await workspace.sockets.accept(request)

    async def respond(request: web.Request) -> web.Response:
        return await answer_response_url(workspace, request)

    async def upload(request: web.Request) -> web.Response:
        try:
            done = files.receive(workspace, request.match_info["file"], await request.read())
        except Refusal as refusal:
            raise web.HTTPBadRequest(text=f"{refusal.code} {' '.join(refusal.messages)}") from None
        return web.Response(text=done)

    async def download(request: web.Request) -> web.Response:
        held = workspace.files.get(request.match_info["file"])
        if held is None or held["id"] not in workspace.uploads:
            raise web.HTTPNotFound
        return web.Response(
            body=workspace.uploads[held["id"]],
            content_type=held["mimetype"],
            headers={
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    return (
        web.post("/api/{method}", call),
        web.get("/api/{method}", call),
        web.get("/link", link),
        web.post("/answers/{name}", respond),
        web.post("/upload/{file}", upload),
        web.get("/files/{file}", download),
    )
