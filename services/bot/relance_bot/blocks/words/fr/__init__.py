"""French."""

from relance_bot.blocks.words.fr import (
    acting,
    addresses,
    admins,
    commands,
    customers,
    plan_editing,
    plans,
    trouble,
)

FRENCH: dict[str, str | tuple[str, str]] = {
    **acting.WORDS,
    **admins.WORDS,
    **addresses.WORDS,
    **commands.WORDS,
    **customers.WORDS,
    **plans.WORDS,
    **plan_editing.WORDS,
    **trouble.WORDS,
}
