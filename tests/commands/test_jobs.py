"""`jobs`, `history`, `stats`, `events`, `health`, `inspect`: what they print, their JSON and their exit codes."""

import itertools
import json
import socket
from typing import Any

import pytest

import clock
import errors
import queues
from state.engine import events, leases
from state.store import keys
from tests.commands.conftest import Run
from worker import inline


@queues.job(queue="low", kind="test", retries=0)
def work(what: str = "") -> str:
    """Ends as it is told."""
    queues.progress(1, 2, "half \x1b[2J")
    if what:
        raise getattr(errors, what)("told to")
    return "done"


@queues.job(kind="test", retries=1)
def talk() -> None:
    """Notes some lines, and fails."""
    for number in range(12):
        queues.note(f"noted {number} \x1b[2J")
    raise errors.NetworkError("no answer")


@pytest.fixture
def ended(store: Any) -> list[str]:
    """A job that completed, and one that failed."""
    made = [queues.submit(work, labels={"host": "a.com"}).job_id, queues.submit(work, "DataError").job_id]
    inline.run_until_idle()
    return made


def worker(store: Any) -> None:
    store.sadd(keys.RQ_WORKERS, keys.RQ_WORKER + "w1")
    store.hset(keys.RQ_WORKER + "w1", mapping={"queues": "high,default,low", "state": "idle", "birth": "x"})
    store.expire(keys.RQ_WORKER + "w1", 60)


def test_jobs_are_listed_by_state_with_a_cursor(run: Run) -> None:
    made = [queues.submit(work, str(number)).job_id for number in range(3)]
    rows = [line.split("\t") for line in run("jobs", "list").stdout.splitlines()]
    assert [row[0] for row in rows[1:]] == made and {row[1] for row in rows[1:]} == {"pending"}

    first = run("jobs", "list", "--limit", 2, "--json")
    page = json.loads(first.stdout)
    assert [job["id"] for job in page["jobs"]] == made[:2]
    more = run("jobs", "list", "--limit", 2, "--cursor", page["cursor"])
    assert made[2] in more.stdout and "--cursor" in run("jobs", "list", "--limit", 2).stderr
    assert run("jobs", "list", "--status", "failed").stdout.count("\n") == 1
    assert run("jobs", "list", "--status", "nope").exit_code == 2 and run("jobs", "list", "--cursor", "x").exit_code == 2


def test_a_job_is_shown_with_its_progress_and_no_steering_character(run: Run, ended: list[str]) -> None:
    shown = run("jobs", "show", ended[1]).stdout
    assert "failed" in shown and "told to" in shown and "1 of 2: half \\x1b[2J" in shown and "\x1b" not in shown
    assert json.loads(run("jobs", "show", ended[0], "--json").stdout)["status"] == "completed"
    assert run("jobs", "show", "nobody").exit_code == 1


def test_attempts_and_log_lines_are_shown_and_no_steering_character(run: Run) -> None:
    job_id = queues.submit(talk).job_id
    inline.run_until_idle()
    shown = run("jobs", "show", job_id)
    assert "NetworkError" in shown.stdout and "noted 11 \\x1b[2J" in shown.stdout and "\x1b" not in shown.stdout
    assert "noted 0 " not in shown.stdout and "2 earlier lines: --log" in shown.stderr
    assert "noted 0 " in run("jobs", "show", job_id, "--log").stdout
    [one] = json.loads(run("jobs", "show", job_id, "--json").stdout)["attempted"]
    assert one["how"] == "failed" and len(one["lines"]) == 12 and one["lines"][0]["level"] == "note"


def test_one_job_is_run_again_with_other_arguments(run: Run, ended: list[str]) -> None:
    made = json.loads(run("jobs", "retry", ended[0], "--arguments", '{"what": "DataError"}', "--json").stdout)[ended[0]]["job"]
    assert made not in ended
    assert json.loads(run("jobs", "show", made, "--json").stdout)["retry_of"] == ended[0]
    assert inline.run_until_idle() == 1 and "DataError" in run("jobs", "show", made).stdout
    assert run("jobs", "retry", *ended, "--arguments", "{}").exit_code == 2
    assert run("jobs", "retry", ended[0], "--arguments", "{").exit_code == 2
    assert run("jobs", "retry", ended[0], "--arguments", '{"whatever": 1}').exit_code == 2


def test_progress_is_shown_and_waited_for(run: Run, ended: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(run("jobs", "progress", ended[0], "--json").stdout)["progress_percentage"] == 100.0
    assert [run("jobs", "progress", one, "--wait").exit_code for one in ended] == [0, 1]
    waits = queues.submit(work).job_id
    assert run("jobs", "progress", waits).exit_code == 0
    monkeypatch.setattr(clock, "wait", lambda seconds: inline.run_until_idle())
    assert json.loads(run("jobs", "progress", waits, "--wait", "--json").stdout)["status"] == "completed"


def test_jobs_are_cancelled_and_run_again(run: Run, ended: list[str]) -> None:
    waits = queues.submit(work).job_id
    assert run("jobs", "cancel", waits).stdout == f"{waits}: cancelled\n"
    late = run("jobs", "cancel", ended[0])
    assert (late.exit_code, late.stdout) == (1, f"{ended[0]}: had ended\n")
    assert json.loads(run("jobs", "retry", ended[1], "--json").stdout) == {
        ended[1]: {"job": f"{ended[1]}-r1", "duplicate": False}
    }
    assert "was run again before" in run("jobs", "retry", ended[1]).stdout
    refused = run("jobs", "retry", ended[0])
    assert refused.exit_code == 1 and "completed" in refused.stderr and refused.stderr.count("\n") == 1


def test_a_delayed_job_is_run_now(run: Run) -> None:
    later = queues.submit(work, delay_s=3600).job_id
    assert run("jobs", "retry", later).stdout == f"{later}: runs as soon as a worker is free\n"
    assert json.loads(run("jobs", "list", "--json").stdout)["jobs"][0]["status"] == "pending"
    inline.run_until_idle()
    assert [job["id"] for job in json.loads(run("history", "--json").stdout)["jobs"]] == [later]


def test_a_cancelled_job_that_runs_is_told_from_one_that_waited(run: Run) -> None:
    job_id = queues.submit(work).job_id
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))
    assert "is asked to stop" in run("jobs", "cancel", job_id).stdout


def test_old_jobs_are_cleaned_up_after_a_question(run: Run, ended: list[str], store: Any) -> None:
    assert run("jobs", "cleanup", "--days", 0, input="n\n").exit_code == 1 and store.exists(keys.job(ended[0]))
    assert "1 completed, 1 failed" in run("jobs", "cleanup", "--days", 0, "--yes").stdout
    assert not store.exists(keys.job(ended[0])) and run("jobs", "cleanup").exit_code == 2


def test_the_history_is_filtered_and_goes_on(run: Run, ended: list[str]) -> None:
    def found(*options: object) -> list[str]:
        return [job["id"] for job in json.loads(run("history", "--json", *options).stdout)["jobs"]]

    assert found() == ended[::-1]
    assert found("--status", "failed") == found("--category", "data") == [ended[1]]
    assert found("--host", "a.com") == found("--job", ended[0]) == [ended[0]]
    assert found("--kind", "test", "--since", "1h") == ended[::-1] and found("--until", "2020-01-01") == []
    assert found("--slower-than", 60) == found("--tag", "x") == found("--project", "x") == []
    table = run("history", "--limit", 1)
    assert len(table.stdout.splitlines()) == 2 and "--cursor" in table.stderr
    assert run("history", "--status", "running").exit_code == 2 and run("history", "--since", "soon").exit_code == 2


def test_figures_are_shown(run: Run, ended: list[str]) -> None:
    shown = run("stats").stdout
    assert "1 completed" in shown and "data 1" in shown and "50.0 %" in shown
    figures = json.loads(run("stats", "--json", "--hours", 2).stdout)
    assert figures["success_rate"] == 0.5 and len(figures["history"]) == 2


def test_events_are_shown_and_followed(run: Run, ended: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run("events").stdout.splitlines()
    assert len(lines) == 2 and ended[0] in lines[0] and "failed" in lines[1] and "data" in lines[1]
    [last] = run("events", "--json", "--limit", 1).stdout.splitlines()
    assert json.loads(last)["job_id"] == ended[1]
    change = events.latest(1)
    monkeypatch.setattr(events, "follow", lambda since: itertools.chain([[], change]))
    assert run("events", "--follow", "--limit", 0).stdout.count(ended[1]) == 1


def test_health_is_a_word_and_an_exit_code(run: Run, store: Any) -> None:
    idle = run("health")
    assert (idle.exit_code, idle.stdout.splitlines()[0]) == (1, "DEGRADED") and "manage.py worker" in idle.stdout
    queues.submit(work)
    assert run("health").exit_code == 2 and json.loads(run("health", "--json").stdout)["status"] == "UNHEALTHY"
    worker(store)
    healthy = run("health")
    assert (healthy.exit_code, healthy.stdout) == (0, "HEALTHY\n")


def test_inspect_shows_workers_queues_and_what_runs(run: Run, store: Any) -> None:
    assert run("inspect", "ping").exit_code == 1
    worker(store)
    job_id = queues.submit(work).job_id
    assert "low\t1\t0\t0" in run("inspect", "queues").stdout
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1))
    assert job_id in run("inspect", "active").stdout
    assert [job["id"] for job in json.loads(run("inspect", "active", "--json").stdout)] == [job_id]
    assert run("inspect", "ping").exit_code == 0 and json.loads(run("inspect", "ping", "--json").stdout)[0]["worker"] == "w1"
    assert json.loads(run("inspect", "stats", "--json").stdout)["worker_stats"]["active_workers"] == 1
    elsewhere = run("inspect", "ping", "--here")
    assert elsewhere.exit_code == 1 and "No worker lives here" in elsewhere.stderr
    store.hset("rq:worker:w1", "hostname", socket.gethostname())
    assert run("inspect", "ping", "--here").exit_code == 0
    assert "health" in run("inspect", "stats").stdout and len(json.loads(run("inspect", "queues", "--json").stdout)) == 3
