"""What must not be overlooked: the kill switch, and test mode (F57)."""

from collections.abc import Iterator

from relance.domain.house_requests import Switches
from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import Language, say


def banners(switches: Switches, language: Language) -> Iterator[Json]:
    """A block for each switch that is on."""
    if switches.kill:
        yield kit.context("banner-kill", say(language, "banner.kill"))
    if switches.test_address:
        yield mail_banner(switches.test_address, language)


def mail_banner(address: str, language: Language, tag: str = "") -> Json:
    """`tag` keeps the block's name its own where a message is changed."""
    said = say(language, "banner.test", address=kit.datum(address, 100))
    return kit.context(f"banner-test{tag}", said)
