"""The Grafana dashboard and the alert rules: every metric they ask for exists, and their files are well formed."""

import json
import re
import shutil
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import manage
from tests.test_docs import commands as commands_of
from tests.web.metrics import promtool
from tests.web.metrics.reading import names, scrape

FOLDER = Path(__file__).resolve().parents[3] / "examples" / "monitoring"
DASHBOARD = json.loads((FOLDER / "grafana.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel.get("targets", [])]
EXPRESSIONS += [one["expr"] for one in DASHBOARD["annotations"]["list"]]
ALERTS = (FOLDER / "alerts.yml").read_text()

METRIC = re.compile(r"\b(?:trawl|process|python)_[a-z_]+\b")


def test_every_metric_of_the_dashboard_and_of_the_alerts_exists(client: FlaskClient) -> None:
    known = names(scrape(client))
    asked = {name for expression in EXPRESSIONS for name in METRIC.findall(expression)} | set(METRIC.findall(ALERTS))
    assert asked and asked <= known | {"trawl_redis_memory_bytes", "trawl_redis_memory_max_bytes"}, "a fake server has no memory"


def test_every_metric_of_ours_is_on_the_dashboard(client: FlaskClient) -> None:
    asked = {name for expression in EXPRESSIONS for name in METRIC.findall(expression)}
    assert {name for name in names(scrape(client)) if name.startswith("trawl_")} <= asked


def test_every_value_of_a_label_that_is_asked_for_exists(client: FlaskClient) -> None:
    found = {(key, value) for family in scrape(client).values() for one in family.samples for key, value in one.labels.items()}
    for expression in [*EXPRESSIONS, ALERTS]:
        for key, operator, value in re.findall(
            r'\b(queue|state|kind|outcome|category|wrong|part|status)(=~|=|!=)"([^"]+)"', expression
        ):
            assert all((key, one) in found for one in (value.split("|") if operator == "=~" else [value])), (key, value)


def test_the_panels_have_a_place_a_source_and_words() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for one, other in combinations([panel["gridPos"] for panel in PANELS], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)
    for panel in PANELS:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 and panel["title"]
        if panel["type"] != "row":
            assert panel["description"] and panel["targets"] and panel["datasource"]["uid"] == "${datasource}"


def test_promtool_takes_the_alerts_and_every_expression(tmp_path: Path) -> None:
    wrapped = [
        {"record": f"x:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, expression in enumerate(EXPRESSIONS)
    ]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": wrapped}]}))
    for path in (FOLDER / "alerts.yml", tmp_path / "panels.yml"):
        code, said = promtool.run("check", "rules", str(path))
        assert code == 0, said
    shutil.copytree(FOLDER, tmp_path / "monitoring")
    (tmp_path / "monitoring" / "trawl.key").write_text("x")
    code, said = promtool.run("check", "config", str(tmp_path / "monitoring" / "prometheus.yml"))
    assert code == 0, said


def test_the_alerts_come_when_they_should(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "alerts.yml", tmp_path)
    shutil.copy(Path(__file__).parent / "alerts_test.yml", tmp_path)
    code, said = promtool.run("test", "rules", str(tmp_path / "alerts_test.yml"))
    assert code == 0, said


def test_every_alert_says_what_mends_it_and_its_command_exists() -> None:
    alerts = ALERTS.split("- alert: ")[1:]
    assert all("summary:" in one and "fix:" in one and "severity:" in one and "expr:" in one for one in alerts)
    known = commands_of(manage.cli)
    used = re.findall(r"python manage\.py ([a-z]+(?: [a-z]+)?)", ALERTS)
    assert used and not [name for name in used if name not in known and name.split()[0] not in known]


@pytest.mark.parametrize("folder", ["alerts.yml", "prometheus.yml", "compose.yml"])
def test_no_example_listens_beyond_this_machine(folder: str) -> None:
    assert "0.0.0.0" not in (FOLDER / folder).read_text()
