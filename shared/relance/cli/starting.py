"""What every long-running command does first: settings read, logs and traces on their way."""

from __future__ import annotations  # the types below are slow to load

from typing import TYPE_CHECKING

from relance.cli.stores import refuse

if TYPE_CHECKING:
    from pydantic import ValidationError

    from relance.settings import Settings

NO_MAIL_SERVER = "RELANCE_SMTP_HOST is not set: name the mail server that takes the reminders."
NO_BROKER = (
    "RELANCE_RABBITMQ_URL is not set: services that run apart need a broker"
    " (amqp://user:password@host/virtual-host). relance run works without one."
)


def read_settings(database: str | None = None) -> Settings:
    """The settings; each wrong one is named, with what it takes."""
    from pydantic import ValidationError

    from relance.logging import configure
    from relance.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{name}: {why}" for name, why in wrong_settings(error).items())
        refuse(f"These settings are wrong: {wrong}. .env.example says what each takes.")
    if database:
        settings = settings.model_copy(update={"database_url": database})
    configure(settings.log_level, settings.log_format)
    return settings


def broker_of(settings: Settings) -> str:
    """The broker's address; refuses where there is none, or none of AMQP."""
    url = settings.rabbitmq_url.get_secret_value()
    if not url:
        refuse(NO_BROKER)
    if not url.startswith(("amqp://", "amqps://")):
        refuse("RELANCE_RABBITMQ_URL must begin with amqp:// or amqps://.")
    return url


def wrong_settings(error: ValidationError) -> dict[str, str]:
    """What is wrong with which settings, by the names that the environment has for them."""
    return {_variable(str(mistake["loc"][0])): mistake["msg"] for mistake in error.errors()}


def _variable(name: str) -> str:
    return name if name.isupper() else f"RELANCE_{name.upper()}"
