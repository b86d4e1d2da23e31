"""Whether the mail server takes us: connected, encrypted, logged in, and goodbye."""

import ssl

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
)

from relance.settings import Settings


class MailServerRefused(Exception):
    """The mail server does not take us; the text says why and which setting to look at."""


async def try_mail_server(settings: Settings, within: float) -> None:
    """Sends nothing; MailServerRefused where it cannot be used as it is set."""
    client = SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        timeout=within,
        use_tls=settings.smtp_tls == "tls",
        start_tls=False,
    )
    try:
        await client.connect()
        await client.ehlo()
        await _enter(client, settings)
        await client.quit()
    except (SMTPException, OSError) as error:
        raise MailServerRefused(_why(error)) from None
    finally:
        client.close()


async def _enter(client: SMTP, settings: Settings) -> None:
    if settings.smtp_tls == "starttls":
        if not client.supports_extension("starttls"):
            raise MailServerRefused("It offers no STARTTLS: RELANCE_SMTP_TLS may be tls or none.")
        await client.starttls()
    if settings.smtp_user:
        if not client.supports_extension("auth"):
            raise MailServerRefused("It offers no login, but RELANCE_SMTP_USER is set.")
        await client.login(settings.smtp_user, settings.smtp_password.get_secret_value())


def _why(error: Exception) -> str:
    """Never what the server said word for word: it may repeat what it was told."""
    match error:
        case SMTPAuthenticationError(code=code):
            return f"It refuses RELANCE_SMTP_USER or RELANCE_SMTP_PASSWORD ({code})."
        case ssl.SSLError():
            return _encryption(error)
        case SMTPConnectError() if isinstance(error.__cause__, ssl.SSLError):
            return _encryption(error.__cause__)
        case SMTPResponseException(code=code):
            return f"It answers {code} before any mail is handed over."
        case _:
            return (
                f"It is not reachable ({type(error).__name__}):"
                " are RELANCE_SMTP_HOST, RELANCE_SMTP_PORT and RELANCE_SMTP_TLS right?"
            )


def _encryption(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not trusted: {error.verify_message}."
    return "It does not speak TLS on that port: RELANCE_SMTP_TLS may be starttls or none."
