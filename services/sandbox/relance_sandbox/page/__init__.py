"""The web page: the workspace, the mailbox and the clock, to see and to click."""
