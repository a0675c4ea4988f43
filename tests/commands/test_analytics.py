"""`analytics`: a report as tables and as a file, and the query of any figure asked again."""

import json
from pathlib import Path

from tests.commands.conftest import Run
from tests.topics.analytics import companies
from worker import inline


def test_from_a_report_to_one_of_its_figures(run: Run, tmp_path: Path) -> None:
    companies.stored(companies.some(30))
    made = json.loads(run("analytics", "report", "--json").stdout)
    assert "no report" in run("analytics", "show", made["id"]).stderr.lower()
    inline.run_until_idle()
    shown = run("analytics", "show", made["id"]).stdout
    assert shown.startswith("Overview: ") and "\nGaps: Missing, read before" in shown and "\\nGaps" not in shown
    told = json.loads(run("analytics", "show", made["id"], "--json").stdout)
    figure = told["sections"][1]["lines"][0]["figures"]["count"]
    again = run("analytics", "analyze", "--query", figure["query"], "--json")
    assert json.loads(again.stdout)["value"] == figure["value"]
    assert run("analytics", "analyze", "--query", figure["query"]).stdout.strip() == str(figure["value"])
    file = tmp_path / "report.html"
    assert run("analytics", "show", made["id"], "--to", str(file)).exit_code == 0
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("analytics", "show", made["id"], "--format", "csv").stdout.startswith("\ufeffsection,row")
    assert "by" in run("analytics", "analyze", "--query", "count by industry by country").stderr
    compared = run("analytics", "report", "--type", "comparison", "--compare", "tag", "vip", "vip")
    assert compared.exit_code == 2 and "two different" in compared.stderr


def test_a_value_that_facts_spell_otherwise_is_said(run: Run) -> None:
    run("lead", "add", "--name", "Acme", "--country", "Germany")
    told = run("analytics", "analyze", "--query", 'count where country = "Germany"')
    assert told.stdout == "0\n" and 'Facts write DE for "Germany": country = "DE" finds them.' in told.stderr
    assert json.loads(run("analytics", "analyze", "--query", 'count where country = "Germany"', "--json").stdout)["hints"]
    exact = run("analytics", "analyze", "--query", 'count where country = "de"')
    assert exact.stdout == "1\n" and exact.stderr == ""
