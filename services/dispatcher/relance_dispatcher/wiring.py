"""The dispatcher, put together: read it top to bottom and you know the service."""

from relance.clock import Clock
from relance.contracts.messages import ActionsQueued
from relance.messaging.carrier import Carrier
from relance.messaging.inbox import Bells
from relance.settings import Settings
from relance.store.database import Database
from relance_dispatcher.claims import Claims
from relance_dispatcher.dispatcher import Dispatcher
from relance_dispatcher.email import SmtpSettings, SmtpTransport
from relance_dispatcher.pace import Pace
from relance_dispatcher.sending import Sending, Transport

SERVICE = "dispatcher"

_PACE = Pace()
_TO_RECORD = 3.0  # seconds of the lease left for writing the answer down


def build(
    database: Database,
    carrier: Carrier,
    clock: Clock,
    transport: Transport,
    *,
    pace: Pace = _PACE,
) -> Dispatcher:
    """A dispatcher that hears bells from the carrier; `database` is the service "dispatcher"'s.

    Its outbox is carried by a `Relay` of the same database.
    """
    dispatcher = Dispatcher(
        database,
        Claims(database, clock, pace),
        Sending(database, transport, clock, pace),
        clock,
        pace,
    )
    Bells({ActionsQueued: dispatcher.ring}).subscribe(carrier)
    return dispatcher


def smtp_transport(settings: Settings, pace: Pace = _PACE) -> SmtpTransport:
    """The mail server that the settings name; close it when the dispatcher has closed."""
    answer = pace.lease - pace.hand_over
    return SmtpTransport(
        SmtpSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            encryption=settings.smtp_tls,
            username=settings.smtp_user or None,
            password=settings.smtp_password if settings.smtp_user else None,
            max_connections=pace.senders,
            answer_timeout=answer.total_seconds() - _TO_RECORD,
        )
    )
