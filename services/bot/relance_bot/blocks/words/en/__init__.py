"""English."""

from relance_bot.blocks.words.en import acting, commands, customers, plan_editing, plans

ENGLISH: dict[str, str | tuple[str, str]] = {
    **acting.WORDS,
    **commands.WORDS,
    **customers.WORDS,
    **plans.WORDS,
    **plan_editing.WORDS,
}
