"""English."""

from relance_bot.blocks.words.en import (
    acting,
    addresses,
    admins,
    commands,
    customers,
    plan_editing,
    plans,
    trouble,
)

ENGLISH: dict[str, str | tuple[str, str]] = {
    **acting.WORDS,
    **admins.WORDS,
    **addresses.WORDS,
    **commands.WORDS,
    **customers.WORDS,
    **plans.WORDS,
    **plan_editing.WORDS,
    **trouble.WORDS,
}
