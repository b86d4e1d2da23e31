"""French."""

from relance_bot.blocks.words.fr import acting, commands

FRENCH: dict[str, str | tuple[str, str]] = {**acting.WORDS, **commands.WORDS}
