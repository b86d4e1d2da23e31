"""The customers' mailbox as the page shows it."""

from zoneinfo import ZoneInfo

from relance_sandbox.mailbox import Mail
from relance_sandbox.page.controls import Page
from relance_sandbox.page.snapshot import long_day, short_time
from relance_sandbox.slack.people import Json

SHOWN = 200
# Nothing runs and nothing is fetched but images from this machine, such as a tracking pixel.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data: http://127.0.0.1:* http://localhost:*; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
OPEN_LINKS_APART = '<base target="_blank">'


def mail_list(page: Page, words: str, locale: str) -> Json:
    """The newest first, of those that hold all the words."""
    found = page.mailbox.search(words)
    shown = [mail_line(mail, page, locale) for mail in reversed(found[-SHOWN:])]
    return {"found": len(found), "all": len(page.mailbox.mails), "mails": shown}


def mail_line(mail: Mail, page: Page, locale: str) -> Json:
    at = mail.at.astimezone(ZoneInfo(page.tz))
    return {
        "number": mail.number,
        "from": mail.sender,
        "to": list(mail.envelope_to),
        "subject": mail.subject,
        "start": " ".join(mail.text.split())[:140],
        "day": long_day(at, locale),
        "time": short_time(at, locale),
    }


def mail_json(mail: Mail, page: Page, locale: str) -> Json:
    return mail_line(mail, page, locale) | {
        "headers": [list(header) for header in mail.headers],
        "text": mail.text,
        "has_html": bool(mail.html),
        "raw": mail.raw.decode("utf-8", "replace"),
        "attachments": list(mail.attachments),
        "envelope_from": mail.envelope_from,
        "connection": mail.connection,
    }


def mail_html(mail: Mail) -> str:
    return OPEN_LINKS_APART + mail.html
