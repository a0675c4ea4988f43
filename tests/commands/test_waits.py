"""What a keyword or a project waits for is said, and commands that queue something say what holds it up."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import clock
import config
import models
import queues
import scheduler
from sandbox.server import Sandbox
from scheduling import loop
from state.engine import heartbeats, limits, schedule_switches
from state.store import keys
from state.tracking import halts, keywords, projects
from tests.commands.conftest import Run
from tests.state import NOON
from worker.rq import registration


@pytest.fixture(autouse=True)
def staffed(store: Any) -> Iterator[None]:
    """The clock stands still; a worker and a scheduler live."""
    with clock.frozen(NOON):
        registration.WorkerRecord(queues.QUEUES, "living", lambda job: None).register_birth()
        loop.Scheduler().register(scheduler.table())
        heartbeats.beat("scheduler")
        yield


def waits(run: Run, keyword: models.Keyword) -> list[str]:
    told: list[str] = json.loads(run("keyword", "show", keyword.id, "--json").stdout)["waits_for"]
    shown = run("keyword", "show", keyword.id).stdout
    assert all(f"waits\t{reason}\n" in shown for reason in told)
    return told


def test_a_keyword_that_is_due_waits_for_the_next_tick(run: Run, keyword: models.Keyword) -> None:
    assert waits(run, keyword) == ["It waits for the next tick, at 12:00:00 UTC."]


def test_a_keyword_that_is_not_due_waits_for_nothing(run: Run, provider: Sandbox, keyword: models.Keyword) -> None:
    run("serp", "check", keyword.id)

    assert waits(run, keyword) == []


def test_a_keyword_of_a_project_that_is_not_active_says_so(run: Run, keyword: models.Keyword) -> None:
    projects.set_active("example.com", False)

    [reason] = waits(run, keyword)
    assert "project is inactive" in reason and "project activate example.com" in reason
    assert json.loads(run("project", "show", "example.com", "--json").stdout)["waits_for"]
    assert "waits\tIt is inactive" in run("project", "show", "example.com").stdout


def test_an_archived_keyword_says_so(run: Run, keyword: models.Keyword) -> None:
    keywords.set_archived(keyword.id, True)

    assert "archived" in waits(run, keyword)[0]


def suspended(store: Any) -> None:
    store.set(keys.RQ_SUSPENDED, 1)


def halted(store: Any) -> None:
    halts.halt("sandbox", "no credits")


def no_worker(store: Any) -> None:
    registration.drop_record("living")


def no_scheduler(store: Any) -> None:
    store.delete(keys.heartbeat("scheduler"))


def tick_disabled(store: Any) -> None:
    schedule_switches.disable("schedule-enqueue-keyword-scrapes", schedule_switches.HAND)


def tick_not_armed(store: Any) -> None:
    store.zrem(keys.RQ_SCHEDULER_JOBS, "schedule-enqueue-keyword-scrapes")


def no_place(store: Any) -> None:
    limits.put("serp", 0)


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (suspended, "rq resume"),
        (halted, "no credits"),
        (no_worker, "serves the queue high"),
        (no_scheduler, "No scheduler runs"),
        (tick_disabled, "enqueue-keyword-scrapes of the schedule is disabled"),
        (tick_not_armed, "schedule enable enqueue-keyword-scrapes"),
        (no_place, "limit of the kind serp is 0"),
    ],
)
def test_a_keyword_that_is_due_says_what_holds_up_its_check(
    happens: Any, says: str, run: Run, keyword: models.Keyword, store: Any
) -> None:
    happens(store)

    assert says in waits(run, keyword)[0]
    assert says in json.loads(run("project", "show", "example.com", "--json").stdout)["waits_for"][0]


@pytest.mark.parametrize(("happens", "says"), [(suspended, "rq resume"), (no_worker, "serves the queue high")])
def test_a_keyword_whose_job_waits_says_what_holds_up_its_queue(
    happens: Any, says: str, run: Run, keyword: models.Keyword, store: Any
) -> None:
    run("serp", "batch")
    assert waits(run, keyword) == []
    happens(store)

    assert says in waits(run, keyword)[0]
    assert json.loads(run("keyword", "show", keyword.id, "--json").stdout)["processing"]["queue"] == "high"


@pytest.mark.parametrize("command", [["serp", "batch"], ["schedule", "run", "sweep"]])
@pytest.mark.parametrize(("happens", "says"), [(suspended, "rq resume"), (no_worker, "that serves the queue high")])
def test_a_command_that_queues_something_says_what_holds_it_up(
    command: list[str], happens: Any, says: str, run: Run, keyword: models.Keyword, store: Any
) -> None:
    happens(store)

    result = run(*command, "--json")

    assert "Warning: " in result.stderr and says in result.stderr and json.loads(result.stdout)
    assert result.exit_code == 0


def test_a_command_on_a_system_at_work_warns_of_nothing(run: Run, keyword: models.Keyword) -> None:
    assert run("serp", "batch").stderr == ""


# --- a page is bought only where it can be kept ---


def test_a_store_that_takes_nothing_is_found_before_a_page_is_bought(
    run: Run, provider: Sandbox, keyword: models.Keyword, tmp_path: Any
) -> None:
    (tmp_path / "data").write_text("no folder")
    with config.overridden(data_dir=tmp_path / "data"):
        result = run("serp", "check", keyword.id)

    assert (result.exit_code == 1 and "DATA_DIR" in result.stderr + result.stdout) or "objects" in result.stderr
    assert provider.requests == []
