"""What may stand in a log line, whoever writes it."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from relance.logging import configure

SECRETS = ("nadia@client.test", "FR7630006000011234567890189", "+33 4 72 00 00 00", "xoxb-1-abc")

OWED = "Client Number7 owes 1007.37"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What is configured here writes to a stream that ends with the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("secret", SECRETS)
def test_our_own_lines_and_the_libraries_hold_no_secret(
    capsys: pytest.CaptureFixture[str], form: str, secret: str
) -> None:
    configure("info", form)
    structlog.get_logger().warning("not_sent", detail=f"refused: {secret}.")
    logging.getLogger("slack_sdk").error("refused: %s.", secret)
    said = capsys.readouterr().err
    assert "not_sent" in said
    assert said.count("refused: [") == 2
    assert secret not in said


def test_of_an_exception_the_kind_and_the_places_are_told_but_not_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("info", "json")
    kept: Exception | None = None
    try:
        int(OWED)
    except ValueError as error:
        structlog.get_logger().exception("case_put_off", error=type(error).__name__)
        logging.getLogger("asyncio").exception("Task failed")
        kept = error
    structlog.get_logger().error("listener_failed", exc_info=kept)
    said = capsys.readouterr().err
    assert OWED not in said
    assert said.count("test_logging.py:") == 3


def test_as_json_each_line_is_an_object_whoever_writes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("info", "json")
    structlog.get_logger().warning("not_sent", attempt_id="1")
    try:
        int(OWED)
    except ValueError:
        logging.getLogger("asyncio").exception("Task failed\nat once")
    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert set(ours) & set(theirs) == {"event", "level", "timestamp"}
    assert (ours["event"], ours["level"]) == ("not_sent", "warning")
    assert (theirs["event"], theirs["level"]) == ("Task failed\nat once", "error")
    assert theirs["at"].startswith("ValueError at test_logging.py:")
