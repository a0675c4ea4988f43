"""`failures` and `jobs bulk`: what they print, what they ask, and what they begin."""

import json

import pytest

import queues
from models import JobStatus
from tests.commands.conftest import Run
from tests.commands.test_jobs import work
from topics.operations import jobs
from worker import inline


@pytest.fixture
def failed() -> list[str]:
    """Two jobs that failed."""
    ids = [queues.submit(work, "DataError", labels={"host": "a.com"}).job_id for _ in range(2)]
    inline.run_until_idle()
    return ids


def test_failures_are_listed_muted_and_run_again(run: Run, failed: list[str]) -> None:
    row = run("failures", "list").stdout.splitlines()[1].split("\t")
    assert row[1:4] == ["2", "2", "2"] and row[-1] == "told to"
    assert json.loads(run("failures", "list", "--json").stdout)["failures"][0]["id"] == row[0]
    assert "Muted until" in run("failures", "mute", row[0], "--for", "2d", "--note", "known").stdout
    assert run("failures", "list").stdout.count("\n") == 1
    assert "known" in run("failures", "list", "--muted", "--json").stdout
    assert run("failures", "unmute", row[0]).exit_code == 0 and run("failures", "list").stdout.count("\n") == 2
    assert run("failures", "retry", row[0], "--yes").exit_code == 0
    inline.run_until_idle()
    assert all(jobs.find(f"{one}-r1") for one in failed)
    assert run("failures", "mute", "nobody").exit_code == 1 and run("failures", "mute", row[0], "--for", "0s").exit_code == 2


def test_jobs_are_listed_by_what_is_known_of_them(run: Run, failed: list[str]) -> None:
    queues.submit(work)

    def ids(*options: str) -> list[str]:
        return [line.split("\t")[0] for line in run("jobs", "list", *options).stdout.splitlines()[1:]]

    assert ids("--host", "a.com") == failed[::-1] == ids("--text", "TOLD TO") == ids("--since", "2h", "--status", "failed")
    fingerprint = run("failures", "list").stdout.splitlines()[1].split("\t")[0]
    assert ids("--fingerprint", fingerprint) == failed[::-1] and ids("--host", "b.com") == []
    assert ids("--text", failed[0]) == failed[:1] and len(ids("--kind", "test")) == 3
    page = json.loads(run("jobs", "list", "--kind", "test", "--limit", 2, "--json").stdout)
    assert len(page["jobs"]) == 2 and len(ids("--kind", "test", "--cursor", page["cursor"])) == 1


def test_a_bulk_action_counts_asks_and_begins(run: Run, failed: list[str]) -> None:
    assert run("jobs", "bulk", "retry", "--host", "b.com").exit_code == 1
    refused = run("jobs", "bulk", "retry", "--host", "a.com")
    assert refused.exit_code != 0 and "Run again 2 jobs?" in refused.stderr
    told = json.loads(run("jobs", "bulk", "retry", "--host", "a.com", "--yes", "--json").stdout)
    assert told["number"] == 2 and told["is_exact"]
    inline.run_until_idle()
    assert jobs.get_job_status(told["job"]).status is JobStatus.COMPLETED and all(jobs.find(f"{one}-r1") for one in failed)


def test_a_bulk_action_is_done_here_where_no_worker_would_do_it(run: Run, failed: list[str]) -> None:
    hinted = run("jobs", "bulk", "retry", "--yes")
    assert hinted.exit_code == 0 and "No worker runs" in hinted.stderr and "--here" in hinted.stderr
    assert run("jobs", "bulk", "retry", "--here", "--yes").stdout.startswith("2 of 2 jobs run again.")
    assert {jobs.get_job_status(f"{one}-r1").status for one in failed} == {JobStatus.PENDING}
    assert run("pause", "queue:high", "--reason", "bad jobs").exit_code == 0
    told = json.loads(run("jobs", "bulk", "cancel", "--kind", "test", "--here", "--yes", "--json").stdout)
    assert (told["matched"], told["done"]) == (2, 2)
    assert {jobs.get_job_status(f"{one}-r1").status for one in failed} == {JobStatus.CANCELLED}


def test_a_bulk_action_names_what_is_wrong(run: Run) -> None:
    for wrong in (
        ("burn",),
        ("move",),
        ("move", "--to", "huge"),
        ("retry", "--status", "completed"),
        ("retry", "--status", "odd"),
    ):
        assert run("jobs", "bulk", *wrong, "--yes").exit_code == 2
