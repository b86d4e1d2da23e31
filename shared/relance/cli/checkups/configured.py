"""The settings: each wrong one by the name that the environment has for it, no secret shown."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from relance.cli.checkups.remark import Remark, note, ok, wrong
from relance.cli.starting import wrong_settings
from relance.settings import Settings

PART = "settings"
_OURS = "RELANCE_"
_OTHERS = ("RELANCE_TEST_",)  # the tests' own


def read(environment: Mapping[str, str]) -> tuple[Settings | None, list[Remark]]:
    """The settings, None where they cannot be, and what is to be said of them."""
    unknown = list(_unknown(environment))
    try:
        settings = Settings()
    except ValidationError as error:
        mistakes = wrong_settings(error).items()
        mend = ".env.example says what each takes."
        return None, [wrong(PART, f"{name}: {why}.", mend) for name, why in mistakes] + unknown
    found = [*_doubts(settings), *unknown]
    return settings, found or [ok(PART, "Every setting can be read.")]


def _unknown(environment: Mapping[str, str]) -> Iterator[Remark]:
    known = {_variable(name, of) for name, of in Settings.model_fields.items()}
    for name in sorted(environment):
        if name.startswith(_OURS) and name not in known and not name.startswith(_OTHERS):
            meant = next(iter(get_close_matches(name, known, n=1, cutoff=0.8)), "")
            mend = f"Did you mean {meant}?" if meant else ".env.example lists every setting."
            yield note(PART, f"{name} is no setting of this release.", mend)


def _variable(name: str, field: FieldInfo) -> str:
    return str(field.validation_alias or f"{_OURS}{name.upper()}")


def _doubts(settings: Settings) -> Iterator[Remark]:
    if settings.smtp_tls == "none" and settings.smtp_password.get_secret_value():
        yield note(
            PART,
            "RELANCE_SMTP_TLS is none, so that the password travels unencrypted.",
            "Set it to starttls or tls where the server can.",
        )
    url = settings.rabbitmq_url.get_secret_value()
    if url and not url.startswith(("amqp://", "amqps://")):
        yield wrong(
            PART,
            "RELANCE_RABBITMQ_URL is no address of a broker.",
            "Write amqp://user:password@host/virtual-host.",
        )
