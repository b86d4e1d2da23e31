"""English: a refused address, and another one in its place."""

WORDS: dict[str, str | tuple[str, str]] = {
    "button.address": "Choose another address",
    "label.address": "Choose another address for {customer}",
    "modal.address": "Another address",
    "modal.address.after": "Saving keeps it waiting for your validation.",
    "field.wrong": "Do not write to these any more",
    "address.refused": "*{address}*: {why}",
    "address.why.by_hand": "marked as wrong by a colleague",
    "mistake.recipient_wrong": "An address that is not to be used any more cannot be a recipient.",
}
