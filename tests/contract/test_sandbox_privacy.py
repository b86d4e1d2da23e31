"""What was said in private is nobody else's, in the activity too."""

import pytest

from relance_sandbox.page.snapshot import snapshot
from tests.contract.sandbox_app import Clock, bolt_app, connected, sandbox_of


@pytest.mark.asyncio
async def test_the_activity_shows_a_direct_message_to_those_who_have_it() -> None:
    async with sandbox_of(Clock()) as sandbox:
        app = bolt_app(sandbox)
        async with connected(sandbox, app):
            await app.client.chat_postMessage(channel="U1", text="100 EUR are late")
        shown = {}
        for member in ("U1", "U2"):
            page = snapshot(sandbox.page, member, "en", "", "", 50)
            shown[member] = [(d["what"], d["private"]) for d in page["activity"]][-1]
    assert shown == {"U1": ("100 EUR are late", False), "U2": ("", True)}
