"""A stand-in for the outside world: a Slack workspace and the customers' mailbox, on loopback.

It knows Slack's and SMTP's wire protocols and nothing of the product, which talks to it unchanged.
"""

from relance_sandbox.mailbox import Mail, Mailbox, MailFault
from relance_sandbox.page.controls import Controls
from relance_sandbox.sandbox import Sandbox
from relance_sandbox.slack.acting import Acting
from relance_sandbox.slack.outcomes import Acknowledged, Failure, Late, Outcome, Refused
from relance_sandbox.slack.people import App, Channel, Command, Member, app_of_manifest
from relance_sandbox.slack.workspace import Workspace

__all__ = [
    "Acknowledged",
    "Acting",
    "App",
    "Channel",
    "Command",
    "Controls",
    "Failure",
    "Late",
    "Mail",
    "MailFault",
    "Mailbox",
    "Member",
    "Outcome",
    "Refused",
    "Sandbox",
    "Workspace",
    "app_of_manifest",
]
