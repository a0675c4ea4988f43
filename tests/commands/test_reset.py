"""`reset_processing_flags`: the way out when keywords hang."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import models
import queues
from jobs import serp
from state.engine import dedup
from state.store import connection
from tests.commands.conftest import Run
from topics.tracking import projects

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def held(run: Run, project: models.Project) -> dict[str, str]:
    """Text → id of two keywords that a batch enqueued."""
    run("keyword", "add", "example.com", "blue shoes", "red shoes")
    run("serp", "batch")
    return {text: projects.find_keyword(text, "example.com").id for text in ("blue shoes", "red shoes")}


def test_nothing_held_is_said(run: Run) -> None:
    assert run("reset_processing_flags").stdout == "0 being processed, 0 of them for more than 1 h.\n"


def test_without_an_option_it_shows_what_is_held_oldest_first_and_frees_nothing(run: Run, project: models.Project) -> None:
    with clock.frozen(NOON):
        run("keyword", "add", "example.com", "blue shoes")
        run("serp", "batch")
        clock.advance(timedelta(hours=2))
        run("keyword", "add", "example.com", "red shoes")
        run("serp", "batch")

        header, first, second, counts = run("reset_processing_flags").stdout.splitlines()
        found = json.loads(run("reset_processing_flags", "--json").stdout)

    blue = projects.find_keyword("blue shoes", "example.com").id
    job = found["claims"][0]["job"]
    assert header.split("\t") == ["id", "keyword", "project", "since", "job", "job_status"]
    assert first.split("\t") == [blue, "blue shoes", "example.com", "2026-01-02 12:00:00 UTC", job, "queued"]
    assert second.split("\t")[1] == "red shoes" and job.startswith(f"serp-{blue}")
    assert counts == "2 being processed, 1 of them for more than 1 h."
    assert (found["processing"], found["stuck"]) == (2, 1) and dedup.count() == 2


def test_it_says_how_the_job_is(run: Run, held: dict[str, str], store: Any) -> None:
    rows = {row["keyword"]: row for row in json.loads(run("reset_processing_flags", "--json").stdout)["claims"]}
    store.delete(f"rq:job:{rows['blue shoes']['job']}")
    queues.Job.fetch(rows["red shoes"]["job"], connection=connection.client()).set_status("started")
    dedup.take("serp", "gone-keyword", "direct-1")

    rows = {row["id"]: row["job_status"] for row in json.loads(run("reset_processing_flags", "--json").stdout)["claims"]}

    assert rows == {held["blue shoes"]: "gone", held["red shoes"]: "started", "gone-keyword": "direct call"}


def test_all_frees_everything_and_the_keywords_are_due_again(run: Run, held: dict[str, str]) -> None:
    result = run("reset_processing_flags", "--all")

    assert (result.exit_code, result.stdout) == (0, "2 freed; they are due again.\n")
    assert dedup.count() == 0
    assert json.loads(run("serp", "batch", "--json").stdout)["total"] == 2


@pytest.mark.parametrize(
    ("option", "hours", "freed"),
    [("", 0.99, 0), ("", 1.01, 2), ("--older-than 2h", 1.5, 0), ("--older-than 30m", 0.51, 2), ("--older-than 90s", 0.02, 0)],
)
def test_stuck_frees_what_is_older_than_the_threshold(
    run: Run, project: models.Project, option: str, hours: float, freed: int
) -> None:
    with clock.frozen(NOON):
        run("keyword", "add", "example.com", "blue shoes", "red shoes")
        run("serp", "batch")
        clock.advance(timedelta(hours=hours))

        result = run("reset_processing_flags", "--stuck", *option.split(), "--json")

    assert json.loads(result.stdout) == {"freed": freed} and dedup.count() == 2 - freed


def test_one_keyword_is_freed(run: Run, held: dict[str, str]) -> None:
    assert run("reset_processing_flags", "--keyword", held["red shoes"]).stdout == "1 freed; they are due again.\n"

    assert [claim.member for claim in dedup.held()] == [held["blue shoes"]]
    assert run("reset_processing_flags", "--keyword", held["red shoes"]).stdout == "0 freed; they are due again.\n"


def test_a_job_whose_claim_was_taken_away_and_given_to_another_changes_nothing(run: Run, held: dict[str, str]) -> None:
    blue = held["blue shoes"]
    late = next(claim.job_id for claim in dedup.held() if claim.member == blue)
    run("reset_processing_flags", "--all")
    run("serp", "batch")

    assert dedup.take("serp", blue, late) is not None
    assert serp.track_keyword(blue)["outcome"] == "in_progress"


def test_an_unknown_keyword_is_an_error_and_a_removed_one_that_is_held_is_freed(run: Run, held: dict[str, str]) -> None:
    assert run("reset_processing_flags", "--keyword", "nope").exit_code == 1
    run("keyword", "remove", held["red shoes"], "--yes")

    assert run("reset_processing_flags", "--keyword", held["red shoes"]).stdout == "1 freed; they are due again.\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--all", "--stuck"], "exclude each other"),
        (["--all", "--keyword", "x"], "exclude each other"),
        (["--stuck", "--keyword", "x"], "exclude each other"),
        (["--older-than", "2h"], "belongs to --stuck"),
        (["--all", "--older-than", "2h"], "belongs to --stuck"),
        (["--stuck", "--older-than", "2"], "write 90s, 30m, 2h or 1d"),
        (["--stuck", "--older-than", "-1h"], "write 90s, 30m, 2h or 1d"),
    ],
)
def test_options_that_do_not_go_together_are_refused_and_free_nothing(
    run: Run, held: dict[str, str], options: list[str], says: str
) -> None:
    result = run("reset_processing_flags", *options)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1) and says in result.stderr
    assert dedup.count() == 2


def test_a_long_list_is_cut_for_people_and_whole_as_json(run: Run, project: models.Project) -> None:
    run("keyword", "add", "example.com", *(f"keyword {number}" for number in range(60)))
    run("serp", "batch")

    shown = run("reset_processing_flags").stdout.splitlines()

    assert len(shown) == 53 and shown[-2] == "and 10 more (--json shows all)"
    assert len(json.loads(run("reset_processing_flags", "--json").stdout)["claims"]) == 60
