"""This machine: its clock, its Python, its time zones."""

import asyncio
import platform
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from time import monotonic
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relance.cli.checkups.remark import Remark, note, ok, wrong
from relance.clock import WallClock

_LOOKED_AT = 0.5  # seconds
_DRIFT = 0.1


async def look() -> list[Remark]:
    """Takes half a second, in which the two clocks are compared."""
    return [await _clock(), _python(), _zones()]


async def _clock() -> Remark:
    """Whether the wall clock goes on as the monotonic one does."""
    clock = WallClock()
    wall, steady = clock.now(), monotonic()
    await asyncio.sleep(_LOOKED_AT)
    drift = (clock.now() - wall).total_seconds() - (monotonic() - steady)
    if abs(drift) > _DRIFT:
        return wrong(
            "clock",
            f"The clock was moved by {drift:+.1f} s while it was looked at.",
            "Let a time service keep it, slowly: leases and slots go by it.",
        )
    return ok("clock", "It goes on as it should.")


def _python() -> Remark:
    version = platform.python_version()
    if reads_headers_from_words():
        return note(
            "python",
            f"The standard library of {version} makes new mail headers of encoded words"
            " (CVE-2024-6923). Harmless here: our headers are written by ourselves.",
            "Its latest patch release has this mended.",
        )
    return ok("python", f"{version}.")


def reads_headers_from_words() -> bool:
    """Whether a subject's encoded line end would end the header."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "=?utf-8?q?a=0D=0AX-Other=3A_b?="
    try:
        return b"\nX-Other" in message.as_bytes()
    except (MessageError, ValueError):
        return False


def _zones() -> Remark:
    try:
        ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:
        return wrong(
            "time zones",
            "Neither this machine nor Python has time zone data.",
            "Install the package tzdata.",
        )
    return ok("time zones", "Known.")
