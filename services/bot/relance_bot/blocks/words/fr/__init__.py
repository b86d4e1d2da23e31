"""French."""

from relance_bot.blocks.words.fr import acting, commands, customers, plan_editing, plans

FRENCH: dict[str, str | tuple[str, str]] = {
    **acting.WORDS,
    **commands.WORDS,
    **customers.WORDS,
    **plans.WORDS,
    **plan_editing.WORDS,
}
