"""A process's own page for machines: /livez, /readyz and /metrics."""

import json
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

Ailments = Callable[[], Awaitable[Sequence[str]]]
Refresh = Callable[[], Awaitable[None]]


class Endpoints:
    """Listens from `open()` to `close()`; on no port at all where `port` is 0."""

    def __init__(
        self, service: str, host: str, port: int, ailments: Ailments, refresh: Refresh
    ) -> None:
        self._service = service
        self._host = host
        self._port = port
        self._ailments = ailments
        self._refresh = refresh
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Raises OSError where the port is taken."""
        if not self._port:
            return
        app = web.Application()
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"service": self._service})

    async def _ready(self, _request: web.Request) -> web.Response:
        """503 with what ails the process, in sentences."""
        ailments = list(await self._ailments())
        said = {"service": self._service, "ready": not ailments, "ailments": ailments}
        body = json.dumps(said, ensure_ascii=False)
        status = 503 if ailments else 200
        return web.Response(text=body, status=status, content_type="application/json")

    async def _metrics(self, _request: web.Request) -> web.Response:
        await self._refresh()
        return web.Response(
            body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
