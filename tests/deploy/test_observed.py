"""The board and the alerts ask for metrics that the services show, and for nothing else."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import yaml
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import Metric

from relance import counters
from relance.observing.gauges import Gauges
from relance.store.figures import Figures, Heap
from tests.architecture.source import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
BOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/boards/relance.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())
OPERATIONS = (ROOT / "docs/operations.md").read_text()
NOW = datetime(2025, 6, 3, 8, 30, tzinfo=UTC)
HEAP = Heap(count=1, since=NOW)
PROMETHEUS_OWN = {"job", "instance", "alertstate", "le"}


def families() -> list[Metric]:
    """What a process shows of ours."""
    gauges = Gauges()
    gauges.ready = True
    names = "due queued waiting uncertain unanswered retries dead_letters"
    heaps = dict.fromkeys(names.split(), HEAP)
    gauges.show(Figures(**heaps, outbox={"bot": HEAP}, imported={uuid4(): NOW}), NOW)
    registry = CollectorRegistry()
    registry.register(gauges)
    assert counters.SENDS in REGISTRY._collector_to_names
    ours = [metric for metric in REGISTRY.collect() if metric.name.startswith("relance_")]
    return [*registry.collect(), *ours]


def shown() -> dict[str, set[str]]:
    """Every series' name and its labels."""
    kinds = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
    declared = {
        collector._name: set(collector._labelnames)
        for collector in vars(counters).values()
        if hasattr(collector, "_labelnames")
    }
    return {
        f"{metric.name}{ending}": declared.get(metric.name)
        or {label for sample in metric.samples for label in sample.labels}
        for metric in families()
        for ending in kinds.get(metric.type, [""])
    }


def board_queries() -> list[str]:
    return [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]


def rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def alert_queries() -> list[str]:
    return [rule["expr"] for rule in rules()]


def named(query: str) -> set[str]:
    return set(re.findall(r"\brelance_\w+", query))


def test_every_metric_of_the_board_and_the_alerts_is_shown() -> None:
    asked = {name for query in (*board_queries(), *alert_queries()) for name in named(query)}
    assert asked - set(shown()) == set()


def test_the_board_has_every_metric_that_is_shown() -> None:
    asked = {name for query in board_queries() for name in named(query)}
    parts = {"relance_tick_seconds_count", "relance_tick_seconds_sum"}
    assert set(shown()) - asked == parts


def test_a_query_groups_by_labels_that_its_metric_has() -> None:
    labels = shown()
    for query in (*board_queries(), *alert_queries()):
        grouped = {
            label.strip()
            for words in re.findall(r"by \(([^)]*)\)", query)
            for label in words.split(",")
        }
        has = {label for name in named(query) for label in labels[name]} | PROMETHEUS_OWN
        assert grouped <= has, query


def test_the_whole_databases_gauges_are_never_added_up_over_processes() -> None:
    gauges = {metric.name for metric in families() if metric.type == "gauge"} - {"relance_ready"}
    for query in (*board_queries(), *alert_queries()):
        for name in named(query) & gauges:
            assert re.search(rf"max(?: by \(\w+\) )?\({name}\)", query), query


def test_every_alert_is_explained() -> None:
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert f"\n### {rule['alert']}\n" in OPERATIONS, rule["alert"]


def test_the_board_can_be_provisioned() -> None:
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert [variable["type"] for variable in BOARD["templating"]["list"]] == ["datasource"]
    sources = {panel["datasource"]["uid"] for panel in BOARD["panels"]}
    assert sources == {f"${{{BOARD['templating']['list'][0]['name']}}}"}
    mounted = COMPOSE["services"]["grafana"]["volumes"][0]
    assert mounted == "./deploy/grafana:/etc/grafana/provisioning:ro"
    provider = yaml.safe_load((DEPLOY / "grafana/dashboards/relance.yml").read_text())
    assert provider["providers"][0]["options"]["path"] == "/etc/grafana/provisioning/boards"


def test_panels_lie_side_by_side_and_never_upon_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_every_service_is_scraped_at_the_port_that_it_listens_at() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    found = {
        name: discovery["port"]
        for job in config["scrape_configs"]
        for discovery in job.get("dns_sd_configs", [])
        for name in discovery["names"]
    }
    listens = {
        name: int(COMPOSE["services"][name]["environment"]["RELANCE_HTTP_PORT"])
        for name in ("scheduler", "dispatcher", "bot")
    }
    assert found == listens
