from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web


@dataclass(kw_only=True)
class Page:
    workspace: Any
    mailbox: Any
    controls: Any
    hint: str
    tz: str
    start_as: str | None

    def close(self) -> None: ...


def page_routes(_: Page) -> Iterable[web.RouteDef]:
    return ()
