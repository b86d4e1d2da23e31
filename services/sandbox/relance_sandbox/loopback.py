"""The sandbox is reached from this machine only."""

from aiohttp import web
from aiohttp.typedefs import Handler

HOST = "127.0.0.1"


def port_taken(port: int, name: str, error: OSError) -> OSError:
    """The same error, saying which port and what to do about it."""
    return OSError(
        error.errno,
        f"the sandbox cannot listen on {HOST}:{port} ({error.strerror}): "
        f"stop the program that holds port {port}, or choose another {name} (0 takes a free one)",
    )


@web.middleware
async def own_host_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that came under another name: a foreign page may have sent them here."""
    name = request.host.rsplit(":", 1)[0]
    if name not in (HOST, "localhost"):
        raise web.HTTPForbidden(text=f"the sandbox answers to {HOST} and localhost only")
    return await handler(request)
