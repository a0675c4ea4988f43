"""`lead score`, `explain`, `top`, `enrich`, `model`: what people see of points, and what they are told when it goes wrong."""

import json
from pathlib import Path

import pytest

import config
from state.leads import companies
from tests.commands.conftest import Run
from tests.topics.leads.scored import rule, stored
from worker import inline, supervisor

MAIL = rule('{ field = "emails", known = true }', 10, part="reachability")


def test_companies_are_scored_listed_and_explained(run: Run) -> None:
    first, second = stored(1, emails=["a@a1.example"], country="DE"), stored(2)
    assert "No company has a score yet" in run("lead", "top").stdout
    assert run("lead", "score", first, second).stdout.startswith("2 scored by the model")
    rows = json.loads(run("lead", "top", "--json").stdout)
    assert [one["id"] for one in rows] == [first, second] and rows[0]["score"] > rows[1]["score"]
    told = run("lead", "explain", first)
    assert "emails: a@a1.example" in told.stdout and "https://a.example/contact" in told.stdout and not told.stderr
    assert "not: phones known" in told.stdout
    lines = json.loads(run("lead", "explain", first, "--json").stdout)["rules"]
    phone = next(one for one in lines if one["rule"] == "phone")
    assert (phone["points"], phone["most"], phone["gain"]) == (0, 15, 7.5)
    assert f"lead score {second}` writes this one" not in run("lead", "explain", second).stderr


def test_all_companies_are_scored_by_a_job(run: Run) -> None:
    stored(1, emails=["x"])
    assert run("lead", "score").exit_code == 2 and run("lead", "score", "co_x", "--all").exit_code == 2
    made = json.loads(run("lead", "score", "--all", "--json").stdout)
    assert made["queue"] == "low"
    inline.run_until_idle()
    assert all(one.score for [*found] in companies.walk(None) for one in found)


def test_the_model_is_shown_and_what_is_wrong_with_it_is_named(run: Run, tmp_path: Path) -> None:
    shown = run("lead", "model").stdout
    assert "size we serve best" in shown and "employees from 11 to 250" in shown
    assert json.loads(run("lead", "model", "--json").stdout)["parts"]["fit"] == {"weight": 35, "full": 60}
    file, one = tmp_path / "m.toml", stored(1)
    file.write_text(MAIL.replace("emails", "mails"))
    told = run("lead", "model", "--check", file)
    assert told.exit_code == 1 and "m.toml: line 1, rule 1" in told.stderr and "did you mean emails?" in told.stderr
    with config.overridden(score_model=file):
        for words in (("score", one), ("explain", one), ("score", "--all"), ("model",)):
            assert "did you mean emails?" in run("lead", *words).stderr
    file.write_text(MAIL)
    assert run("lead", "model", "--check", file).exit_code == 0


def test_no_worker_starts_with_a_model_that_is_wrong(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((supervisor.logs, "setup"), (supervisor.streams, "forgive"), (supervisor.connection, "close")):
        monkeypatch.setattr(module, name, lambda: None)
    monkeypatch.setattr(supervisor, "Supervisor", lambda *options: pytest.fail("started"))
    with config.overridden(score_model=tmp_path / "none.toml"):
        told = run("worker")
    assert told.exit_code == 1 and "SCORE_MODEL: " in told.stderr and "correct the path, or leave it out" in told.stderr


def test_enriching_says_what_is_missing(run: Run) -> None:
    one = stored(1)
    assert "set LLM_API_KEY and LLM_MODEL" in run("lead", "enrich", one, "--llm").stderr
    assert "lead list" in run("lead", "enrich", "co_nothere").stderr
    made = json.loads(run("lead", "enrich", one, "--priority", "high", "--json").stdout)
    assert made["queue"] == "high"


@pytest.mark.parametrize("words", [("explain", "co_x"), ("score", "co_x"), ("enrich", "co_x")])
def test_a_company_that_is_not_there_is_one_line(run: Run, words: tuple[str, ...]) -> None:
    told = run("lead", *words)
    assert told.exit_code == 1 and told.stderr.count("\n") == 1 and "lead list" in told.stderr
