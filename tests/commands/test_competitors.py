"""`project competitors`, `project pin`, `project unpin`."""

import json
from datetime import timedelta

import clock
import models
from state.tracking import competitors as stored
from state.tracking import outcomes
from state.tracking.serp_summaries import Summary
from tests.commands.conftest import Run


def see(keyword: models.Keyword, sandbox: bool = False) -> None:
    day = clock.now().date()
    seen = Summary(day, (("a.test", 1), ("example.com", 2)), ours=(("https://example.com/", 2),), scanned=10, sandbox=sandbox)
    rank = models.Rank(day, models.RankState.RANKED, 10, rank=2)
    outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank, serp=seen))


def test_the_domains_are_listed_with_ours_among_them(run: Run, keyword: models.Keyword) -> None:
    see(keyword, sandbox=True)

    result = run("project", "competitors", "example.com")

    assert result.exit_code == 0 and "a.test\t0.5\t1\t" in result.stdout and "example.com\t0.5" in result.stdout
    assert "1 of 1 keyword counted" in result.stdout and "INVENTED" in result.stdout
    assert json.loads(run("project", "competitors", "example.com", "--json").stdout)["leaders"][0]["domain"] == "a.test"


def test_keyword_by_keyword_against_one_domain_and_all_pinned_ones(run: Run, keyword: models.Keyword) -> None:
    see(keyword)

    assert "b.test is pinned" in run("project", "pin", "example.com", "www.b.test").stdout
    (row,) = json.loads(run("project", "competitors", "example.com", "--keywords", "--json").stdout)
    (duel,) = json.loads(run("project", "competitors", "example.com", "--domain", "a.test", "--which", "above", "--json").stdout)

    assert (row["ours"], row["ranks"]) == (2, {"b.test": None}) and (duel["theirs"], duel["ours"], duel["who"]) == (1, 2, "they")
    assert "b.test" in run("project", "competitors", "example.com", "--keywords").stdout.splitlines()[0]
    assert (
        json.loads(run("project", "competitors", "example.com", "--domain", "a.test", "--which", "below", "--json").stdout) == []
    )


def test_pins_are_taken_away_and_wrong_ones_refused(run: Run, project: models.Project) -> None:
    run("project", "pin", "example.com", "b.test")

    assert run("project", "pin", "example.com", "co.uk").exit_code == 2
    assert run("project", "pin", "nosuch", "b.test").exit_code == 1
    assert run("project", "competitors", "nosuch").exit_code == 1
    assert run("project", "competitors", "example.com", "--keywords", "--domain", "b.test").exit_code == 2
    assert "not pinned" in run("project", "unpin", "example.com", "b.test").stdout and stored.pins("example.com") == ()
