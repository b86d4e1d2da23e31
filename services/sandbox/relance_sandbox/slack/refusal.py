"""What the workspace answers when it does not do what it was asked."""


class Refusal(Exception):
    """A call that Slack answers with `ok: false`; `code` is Slack's own."""

    def __init__(self, code: str, *messages: str, **more: str) -> None:
        super().__init__(code, *messages)
        self.code = code
        self.messages = messages
        self.more = more
