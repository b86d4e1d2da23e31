"""English."""

from relance_bot.blocks.words.en import acting, commands

ENGLISH: dict[str, str | tuple[str, str]] = {**acting.WORDS, **commands.WORDS}
