"""Logs: identifiers and counts only; addresses, numbers and tracebacks' values stay out."""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_NUMBER = re.compile(r"\+\d[\d .()-]{7,}\d")
_TOKEN = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+")
_HIDDEN = (
    (_ADDRESS, "[address]"),
    (_IBAN, "[iban]"),
    (_NUMBER, "[number]"),
    (_TOKEN, "[token]"),
)
# The broker's libraries say at each attempt to connect what the carrier says once.
_TALKATIVE = ("aio_pika", "aiormq")


def configure(level: str = "info", form: str = "console") -> None:
    """Sends our logs and the libraries' to standard error, redacted."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(numeric, logging.WARNING), stream=sys.stderr, force=True)
    for handler in logging.root.handlers:
        handler.setFormatter(_Line() if form == "json" else _Redacted(logging.BASIC_FORMAT))
    render: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where_it_failed,
            _redact,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


class _Redacted(logging.Formatter):
    """For the libraries' own records, which may quote what they were handed."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    def formatException(self, info: Any) -> str:  # noqa: N802 - logging's name
        error = info[1]
        return f"{type(error).__name__} at {_places(error)}" if error else ""


class _Line(_Redacted):
    """The same as one line of JSON, with the names that our own lines have."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "event": redact(record.getMessage()),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        failed = self.formatException(record.exc_info) if record.exc_info else ""
        return json.dumps(said | ({"at": failed} if failed else {}), ensure_ascii=False)


def redact(text: str) -> str:
    """The text without e-mail addresses, IBANs, telephone numbers and Slack's tokens."""
    for pattern, word in _HIDDEN:
        text = pattern.sub(word, text)
    return text


def _redact(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = redact(value)
    return entry


def _where_it_failed(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replaces an exception by the places it passed: its message and locals may hold data."""
    if held := entry.pop("exc_info", None):
        entry["at"] = _places(held if isinstance(held, BaseException) else sys.exc_info()[1])
    return entry


def _places(error: BaseException | None) -> str:
    trace = error.__traceback__ if error else None
    places = []
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places)
