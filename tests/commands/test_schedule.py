"""`schedule`: what is shown, and what is done by hand."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
import scheduler
from scheduling import loop
from state.engine import schedule_switches
from state.store import connection, keys
from tests.commands.conftest import Run
from tests.scheduling import by_cron, every, occurrences, registered
from tests.state import NOON
from worker import inline

MINUTE = timedelta(minutes=1)
START = int(NOON.timestamp())


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def listed(run: Run) -> dict[str, dict[str, Any]]:
    result = run("schedule", "list", "--json")
    rows = json.loads(result.stdout)
    assert result.exit_code == (1 if any(row["broken"] for row in rows) else 0)
    return {row["name"]: row for row in rows}


def test_an_entry_is_shown_with_its_rules_its_runs_and_what_it_missed(run: Run) -> None:
    mine = registered(every(60, overlap="skip"), by_cron("0 9 * * *", "daily", zone="Asia/Kolkata"))
    mine.enqueue_jobs()
    clock.advance(10.5 * MINUTE)
    inline.run_until_idle()
    mine.enqueue_jobs()

    seen = listed(run)["often"]

    assert {name: seen[name] for name in ("when", "queue", "missed_rule", "overlap", "missed", "skipped", "late", "state")} == {
        "when": "every 60 s", "queue": "low", "missed_rule": "one", "overlap": "skip", "missed": 9, "skipped": 0, "late": 0,
        "state": "queued",
    }  # fmt: skip
    assert seen["last_run"] == (NOON + 10 * MINUTE).isoformat() and seen["next_run"] == (NOON + 11 * MINUTE).isoformat()
    assert seen["last_job"] == f"schedule-often-{START + 600}" and seen["last_job_status"] == "queued"
    daily = listed(run)["daily"]
    assert (daily["when"], daily["last_run"], daily["next_run"]) == ("0 9 * * * Asia/Kolkata", None, "2026-03-02T03:30:00+00:00")
    shown = run("schedule", "list").stdout.splitlines()
    assert shown[0].split("\t")[:3] == ["name", "when", "queue"]
    assert shown[1].startswith("often\tevery 60 s\tlow\tone\tskip\t2026-03-01")


def test_the_list_is_a_table_in_a_terminal(run: Run, terminal: None) -> None:
    registered(*scheduler.table())
    shown = run("schedule", "list").stdout
    assert all(row.name in shown for row in scheduler.table()) and "0 0 1 * * UTC" in shown


def test_what_the_last_occurrence_does_is_shown(run: Run, store: Any) -> None:
    registered(every(60)).enqueue_jobs()
    [job] = occurrences()
    for status, shown in {"queued": "queued", "started": "running", "scheduled": "retrying", "finished": "on"}.items():
        store.hset(keys.job(job), "status", status)
        assert listed(run)["often"]["state"] == shown


def test_a_broken_entry_is_shown_as_broken_with_the_reason(run: Run, store: Any) -> None:
    registered(every(60), every(60, "odd"), every(60, "gone"), every(60, "damaged"))
    store.hset(keys.job("schedule-odd"), "data", '["os.system", null, [], {}]')
    store.delete(keys.job("schedule-gone"))
    store.delete(keys.job("schedule-damaged"))
    store.set(keys.job("schedule-damaged"), "x")
    store.zadd(keys.RQ_SCHEDULER_JOBS, {b"\xff": 5})

    seen = listed(run)

    assert {name: row["state"] for name, row in seen.items()} == {
        "often": "on", "odd": "broken", "gone": "broken", "damaged": "broken", "\ufffd": "broken",
    }  # fmt: skip
    assert "'os.system' is not a job of this version" in seen["odd"]["broken"] and "hash is gone" in seen["gone"]["broken"]
    told = run("schedule", "list")
    assert told.exit_code == 1 and "odd is broken: 'os.system'" in told.stderr
    ok, says = next((row["ok"], row["says"]) for row in json.loads(run("check", "--json").stdout) if row["check"] == "schedule")
    assert not ok and "is broken" in says


def test_disable_and_enable_say_what_they_did(run: Run) -> None:
    mine = registered(every(60))
    assert run("schedule", "disable", "often").stdout == "often is disabled.\n"
    assert run("schedule", "disable", "often").stdout == "often was disabled already.\n"
    mine.enqueue_jobs()
    seen = listed(run)["often"]
    assert occurrences() == [] and seen["state"] == "disabled" and seen["next_run"] is None and seen["when"] == "every 60 s"
    clock.advance(5 * MINUTE)
    assert run("schedule", "enable", "often").stdout == "often is enabled.\n"
    assert run("schedule", "enable", "often").stdout == "often was enabled already.\n"
    mine.enqueue_jobs()
    assert occurrences() == [f"schedule-often-{START + 300}"], "the last of those it missed"


def test_a_row_that_left_the_table_is_shown_and_cannot_be_enabled(run: Run, store: Any) -> None:
    registered(every(60), every(60, "other"))
    registered(every(60))
    store.hset(keys.job("schedule-other"), "data", '["jobs.gone.for_ever", null, [], {}]')

    assert listed(run)["other"]["state"] == "removed"
    result = run("schedule", "enable", "other")
    assert result.exit_code == 2 and "left the table of this version: add its row" in result.stderr


@pytest.mark.parametrize("verb", ["run", "enable", "disable"])
def test_an_unknown_name_is_named(run: Run, verb: str) -> None:
    result = run("schedule", verb, "nothing")
    assert result.exit_code == 1 and "No entry 'nothing' in the schedule: see `python manage.py schedule list`." in result.stderr


def test_run_queues_it_now_and_leaves_its_next_run_alone(run: Run) -> None:
    mine = registered(every(60, overlap="skip"))
    mine.enqueue_jobs()
    inline.run_until_idle()
    clock.advance(MINUTE / 2)

    said = run("schedule", "run", "often").stdout

    [job] = occurrences()
    assert said == f"Queued as {job}.\n" and job.startswith("schedule-often-by-hand-")
    assert listed(run)["often"]["next_run"] == (NOON + MINUTE).isoformat()
    inline.run_until_idle()
    result = json.loads(json.dumps(loop.queues.Job.fetch(job, connection=connection.client()).return_value()))
    assert result == START + 30, "its due time is now"


def test_run_obeys_the_rule_about_overlap(run: Run) -> None:
    mine = registered(every(60, overlap="skip"))
    mine.enqueue_jobs()
    [earlier] = occurrences()
    refused = run("schedule", "run", "often")
    assert refused.exit_code == 1 and f"an earlier run is not over ({earlier})" in refused.stderr
    assert json.loads(run("schedule", "run", "often", "--json").stdout) == {"outcome": "overlaps", "job": earlier}
    assert occurrences() == [earlier]
    inline.run_until_idle()
    assert json.loads(run("schedule", "run", "often", "--json").stdout)["outcome"] == "queued"
    clock.advance(MINUTE)
    mine.enqueue_jobs()
    assert len(occurrences()) == 1, "and the scheduled one waits for it"


def test_run_works_while_it_is_disabled(run: Run) -> None:
    registered(every(60))
    schedule_switches.disable("schedule-often", schedule_switches.HAND)
    assert run("schedule", "run", "often").exit_code == 0
    assert len(occurrences()) == 1 and listed(run)["often"]["state"] == "disabled"


def test_a_broken_entry_cannot_be_run(run: Run, store: Any) -> None:
    registered(every(60))
    store.hset(keys.job("schedule-often"), "meta", "[]")
    result = run("schedule", "run", "often")
    assert result.exit_code == 2 and "cannot be run by hand: its meta is no JSON object" in result.stderr


def test_listing_changes_nothing(run: Run, store: Any) -> None:
    registered(every(60), every(60, "gone"))
    store.delete(keys.job("schedule-gone"))
    before = {key: store.dump(key) for key in store.scan_iter()}
    run("schedule", "list"), run("schedule", "list", "--json"), run("check")
    assert {key: store.dump(key) for key in store.scan_iter()} == before


def test_status_tells_what_was_missed_in_the_last_hour(run: Run) -> None:
    mine = registered(every(60))
    clock.advance(5 * MINUTE + MINUTE * 0.75)
    mine.enqueue_jobs()
    assert "schedule in the last hour\t5 missed, 1 late" in run("status").stdout


def test_check_tells_the_schedule_and_whether_anybody_runs_it(run: Run) -> None:
    def said() -> str:
        return next(row["says"] for row in json.loads(run("check", "--json").stdout) if row["check"] == "schedule")

    assert said().startswith("enqueue-keyword-scrapes every 60 s, ") and said().endswith("; no scheduler runs")
    loop.heartbeats.beat(loop.HEARTBEAT)
    assert said().endswith("; a scheduler runs")


def test_disable_takes_a_reason_and_a_time(run: Run) -> None:
    registered(every(300))
    says = run("schedule", "disable", "often", "--reason", "moving house", "--for", "2h", "--by", "ada").stdout
    assert says.startswith("often is disabled; it is enabled again by itself at ") and says.endswith(" UTC.\n")
    [row] = json.loads(run("schedule", "list", "--json").stdout)
    assert (row["off_reason"], row["off_by"], row["state"]) == ("moving house", "ada", "disabled") and row["off_until"]
    refused = run("schedule", "disable", "often", "--for", "2h")
    assert refused.exit_code and "--reason says why" in refused.stderr


def test_runs_are_shown_with_how_they_ended(run: Run) -> None:
    registered(every(300))
    run("schedule", "run", "often")
    [told] = json.loads(run("schedule", "runs", "often", "--json").stdout)
    assert (told["state"], told["by_hand"]) == ("pending", True)
    assert "pending" in run("schedule", "runs", "often").stdout
    assert run("schedule", "runs", "nothing").exit_code == 1
