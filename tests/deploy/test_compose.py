"""docker-compose.yml, the Dockerfile and .env.example hold what docs/operations.md promises."""

import re
from typing import Any

import pytest
import yaml
from pydantic import AliasChoices, AliasPath

from relance.messaging.links import Patience
from relance.separate import FAREWELL
from relance.settings import Settings
from relance_dispatcher.pace import Pace
from tests.architecture.source import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVICES = ("scheduler", "dispatcher", "bot")
OURS = (*SERVICES, "prepare")
IMAGE = re.compile(r"[\w./-]+:(\$\{RELEASE:-)?(?P<tag>[\w.-]+)\}?")
STORES = {"RELANCE_DATABASE_URL", "RELANCE_RABBITMQ_URL"}
EACH = STORES | {
    "RELANCE_HTTP_HOST",
    "RELANCE_HTTP_PORT",
    "RELANCE_OTLP_URL",
    "RELANCE_LOG_LEVEL",
    "RELANCE_LOG_FORMAT",
}


def settings() -> set[str]:
    """The variables' names, as Settings reads them."""
    prefix = Settings.model_config.get("env_prefix", "")
    return {
        said(field.validation_alias) or f"{prefix}{name}".upper()
        for name, field in Settings.model_fields.items()
    }


def said(alias: str | AliasPath | AliasChoices | None) -> str | None:
    assert alias is None or isinstance(alias, str)
    return alias


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


def interpolated() -> set[str]:
    """What the file takes from .env by `${…}`."""
    return set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))


def handed(service: str) -> set[str]:
    return set(PARTS[service]["environment"])


def test_the_example_has_every_setting_and_nothing_else() -> None:
    assert set(example()) - interpolated() == settings()


def test_the_example_shows_each_setting_as_it_is_when_it_is_not_set() -> None:
    shown = {name: value for name, value in example().items() if name in settings()}
    ours = {key: value for key, value in shown.items() if key.startswith("RELANCE_")}
    given = Settings.model_validate(
        {key.removeprefix("RELANCE_").lower(): value for key, value in ours.items()}
        | {key: value for key, value in shown.items() if key not in ours}
    )
    untouched = {name: field.get_default() for name, field in Settings.model_fields.items()}
    assert {name: getattr(given, name) for name in untouched} == untouched


def test_the_services_together_get_every_setting_and_each_only_its_own() -> None:
    assert handed("scheduler") == EACH
    assert handed("dispatcher") == EACH | {n for n in settings() if n.startswith("RELANCE_SMTP_")}
    assert handed("bot") == EACH | {n for n in settings() if n.startswith("SLACK_")}
    assert handed("prepare") <= EACH
    assert set().union(*map(handed, SERVICES)) == settings()


def test_what_the_file_asks_of_the_environment_is_in_the_example() -> None:
    passed_on = {
        name
        for part in PARTS.values()
        for name, value in (part.get("environment") or {}).items()
        if value is None
    }
    assert passed_on | interpolated() <= set(example())


def test_no_secret_is_in_the_file() -> None:
    for service in OURS:
        for name, value in PARTS[service]["environment"].items():
            if any(word in name for word in ("PASSWORD", "TOKEN")):
                assert value is None, f"{service}: {name}"
            if value and "://" in value:
                assert re.search(r"://relance:\$\{\w+:\?[^}]+\}@", value), f"{service}: {name}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_run_in_any_number(service: str) -> None:
    part = PARTS[service]
    assert not {"container_name", "ports", "hostname", "volumes"} & set(part)
    assert "profiles" not in part
    assert part["command"] == [service]
    assert part["build"]["args"] == {"SERVICE": service}
    assert (ROOT / f"requirements/{service}.txt").exists()


@pytest.mark.parametrize("service", OURS)
def test_a_container_of_ours_may_do_nothing_but_its_work(service: str) -> None:
    part = PARTS[service]
    assert int(part["user"].partition(":")[0]) > 0
    assert part["read_only"] is True
    assert part["tmpfs"] == ["/tmp"]  # noqa: S108 - the container's own
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert part["init"] is True
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(part)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_killed_only_after_its_drain_and_started_again_when_it_ends(
    service: str,
) -> None:
    patience, lease = Patience(), Pace().lease.total_seconds()
    drain = 2 * patience.drain + lease + FAREWELL
    assert PARTS[service]["stop_grace_period"] == "90s"
    assert drain < 90
    assert PARTS[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_tables_and_queues(service: str) -> None:
    waits = PARTS[service]["depends_on"]
    assert waits == {"prepare": {"condition": "service_completed_successfully"}}
    assert PARTS["prepare"]["entrypoint"][-1] == "relance db upgrade && relance bus declare"
    for store in ("postgres", "rabbitmq"):
        assert PARTS["prepare"]["depends_on"][store] == {"condition": "service_healthy"}
        assert PARTS[store]["healthcheck"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_healthy_when_it_says_that_it_is_ready(service: str) -> None:
    port = PARTS[service]["environment"]["RELANCE_HTTP_PORT"]
    assert f"127.0.0.1:{port}/readyz" in PARTS[service]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", sorted(PARTS))
def test_an_image_has_a_tag_that_says_which_release(name: str) -> None:
    found = IMAGE.fullmatch(PARTS[name]["image"])
    assert found
    assert found["tag"] != "latest"
    assert "no-new-privileges:true" in PARTS[name]["security_opt"]


@pytest.mark.parametrize("name", sorted(PARTS))
def test_only_this_machine_reaches_a_port(name: str) -> None:
    for port in PARTS[name].get("ports", []):
        assert port.startswith("127.0.0.1:")
        assert PARTS[name]["profiles"]


def test_the_image_is_made_of_locked_packages_and_runs_as_nobody() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert [i for i in installs if "--require-hashes" not in i and "--no-deps" not in i] == []
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert set(bases) == {"python:${PYTHON}"}
    assert [int(line.split()[1].partition(":")[0]) for line in lines if line.startswith("USER ")][
        -1
    ]
    assert lines[-1] == 'ENTRYPOINT ["relance"]'
    assert (ROOT / "requirements/build.txt").exists()


def test_an_image_holds_only_what_it_is_made_of() -> None:
    ignored = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert ignored[0] == "*"
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    sources = {word.partition("/")[0] for words in copied for word in words.split()}
    assert kept == sources
