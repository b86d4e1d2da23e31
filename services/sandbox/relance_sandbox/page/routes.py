"""The page's addresses: its files, what it shows, what it does, and news of changes."""

import asyncio
from collections.abc import Iterable
from importlib import resources

from aiohttp import web

from relance_sandbox.mailbox import Mail
from relance_sandbox.page.controls import Page, turn
from relance_sandbox.page.deeds import DEEDS, outcome_json, refused_json
from relance_sandbox.page.mails import MAIL_POLICY, mail_html, mail_json, mail_list
from relance_sandbox.page.snapshot import SHOWN, locale_of, snapshot
from relance_sandbox.slack.acting import Acting
from relance_sandbox.slack.refusal import Refusal

STATIC = resources.files("relance_sandbox.page") / "static"
KINDS = {"js": "text/javascript", "css": "text/css", "html": "text/html", "svg": "image/svg+xml"}
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: http://127.0.0.1:* http://localhost:*; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
GATHER = 0.05  # seconds in which changes are told as one


def page_routes(page: Page) -> Iterable[web.RouteDef]:
    async def index(_: web.Request) -> web.Response:
        return file("index.html")

    async def static(request: web.Request) -> web.Response:
        return file(request.match_info["name"])

    async def state(request: web.Request) -> web.Response:
        return web.json_response(state_of(page, request))

    async def act(request: web.Request) -> web.Response:
        return await answer_deed(page, request)

    async def clock(request: web.Request) -> web.Response:
        given = await body_of(request)
        return web.json_response({"moving": turn(page, given.get("step", ""))})

    async def mails(request: web.Request) -> web.Response:
        locale = locale_for(page, request)
        return web.json_response(mail_list(page, request.query.get("search", ""), locale))

    async def one_mail(request: web.Request) -> web.Response:
        return web.json_response(mail_json(mail_of(page, request), page, locale_for(page, request)))

    async def html(request: web.Request) -> web.Response:
        return web.Response(
            text=mail_html(mail_of(page, request)),
            content_type="text/html",
            headers={"Content-Security-Policy": MAIL_POLICY},
        )

    async def changes(request: web.Request) -> web.StreamResponse:
        return await tell_changes(page, request)

    return (
        web.get("/", index),
        web.get("/static/{name}", static),
        web.get("/page/state", state),
        web.post("/page/act", act),
        web.post("/page/clock", clock),
        web.get("/page/mails", mails),
        web.get("/page/mails/{number}", one_mail),
        web.get("/page/mails/{number}/html", html),
        web.get("/page/changes", changes),
    )


def file(name: str) -> web.Response:
    held = STATIC / name
    if not held.is_file():
        raise web.HTTPNotFound
    return web.Response(
        text=held.read_text("utf-8"),
        content_type=KINDS[name.rsplit(".", 1)[-1]],
        headers={"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-store"},
    )


def viewer(page: Page, request: web.Request) -> str:
    """Who looks: the one asked for, else the first shown."""
    people = [m.id for m in page.workspace.members.values() if not (m.is_bot or m.deleted)]
    asked = request.query.get("as", "")
    return asked if asked in people else page.start_as or people[0]


def locale_for(page: Page, request: web.Request) -> str:
    member = page.workspace.member(viewer(page, request))
    return locale_of(member, request.query.get("language", ""))


def state_of(page: Page, request: web.Request) -> dict[str, object]:
    query = request.query
    shown = query.get("shown", "")
    return snapshot(
        page,
        viewer(page, request),
        query.get("language", ""),
        query.get("channel", ""),
        query.get("thread", ""),
        int(shown) if shown.isdigit() else SHOWN,
    )


async def body_of(request: web.Request) -> dict[str, str]:
    """The JSON body; other content types are refused, so that no foreign form can send one."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    given = await request.json()
    if not isinstance(given, dict):
        raise web.HTTPBadRequest
    return given


async def answer_deed(page: Page, request: web.Request) -> web.Response:
    given = await body_of(request)
    deed = DEEDS.get(given.get("deed", ""))
    if deed is None:
        raise web.HTTPBadRequest(text="no such deed")
    try:
        outcome = await deed(Acting(page.workspace, given["as"]), given)
    except Refusal as refusal:
        return web.json_response(refused_json(refusal.code, "; ".join(refusal.messages)))
    return web.json_response(outcome_json(outcome))


def mail_of(page: Page, request: web.Request) -> Mail:
    number = request.match_info["number"]
    for mail in page.mailbox.mails:
        if str(mail.number) == number:
            return mail
    raise web.HTTPNotFound


async def tell_changes(page: Page, request: web.Request) -> web.StreamResponse:
    """Server-sent events: the workspace's version at each change."""
    stream = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await stream.prepare(request)
    version = -1
    while not page.closed:
        newest = await page.workspace.change_after(version, within=15.0)
        try:
            await stream.write(f"data: {newest}\n\n".encode())
        except ConnectionResetError:
            break
        version = newest
        await asyncio.sleep(GATHER)
    return stream
