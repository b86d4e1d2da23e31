"""English: what people are told when Slack, or somebody in it, cannot be reached."""

WORDS: dict[str, str | tuple[str, str]] = {
    "card.twice": "This card was posted twice; the other one is followed.",
    "card.brief": "Slack does not take all of this. Press Edit to see the whole text.",
    "unreached": (
        (
            "*{n} action waits unseen.* Without access in this workspace: {names}. "
            "Please reassign it."
        ),
        (
            "*{n} actions wait unseen.* Without access in this workspace: {names}. "
            "Please reassign them."
        ),
    ),
    "unreached.more": (
        "and {n} more action, which my Home tab lists, too",
        "and {n} more actions, which my Home tab lists, too",
    ),
}
