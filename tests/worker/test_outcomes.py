"""How a run ends: which errors are tried again and when, who is told, and that no hook can change it."""

import base64
import json
import random
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import redis

import config
import errors
import queues
from state.engine import dedup, leases
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from worker import execution as executions
from worker import follow_ups, inline, outcomes, raised

told: list[outcomes.Failure] = []


@queues.job(retries=2, dedup_key="broken:{kind}")
def broken(kind: str) -> None:
    """Raise the error of that name."""
    raise KINDS[kind]


@queues.job(retries=2)
def walk() -> None:
    """Be stopped."""
    queues.progress(1, 1)


KINDS: dict[str, BaseException] = {
    "network": errors.NetworkError("down"),
    "busy": errors.ProviderBusy("429"),
    "blocked": errors.BlockedError("captcha"),
    "page": errors.ParseFailure("no results"),
    "system": errors.SystemFault("disk full"),
    "store": errors.StoreUnreachable("no Redis"),
    "foreign": ValueError("x"),
    "os": ConnectionResetError("reset"),
    "timeout": errors.JobTimeout("late"),
    "data": errors.DataError("bad"),
    "argument": errors.ArgumentError("bad"),
    "budget": errors.OutOfCredits("none"),
    "config": errors.BadToken("no"),
    "claim": errors.LostClaim("gone"),
    "poisoned": errors.Poisoned("3 times"),
}
RETRIED = ["network", "busy", "blocked", "page", "system", "store", "foreign", "os", "timeout"]
CATEGORIES = {
    "network": "network busy os",
    "blocked": "blocked",
    "data": "page data argument",
    "budget": "budget",
    "config": "config",
    "system": "system store foreign timeout claim poisoned",
}


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    told.clear()
    kept: list[Any] = [told.append]
    monkeypatch.setattr(outcomes, "_hooks", kept)
    yield kept


def leased(**fields: str) -> leases.Leased:
    return leases.Leased("id", "w-1-1", "low", {name.encode(): value.encode() for name, value in fields.items()})


def of(kind: str, **fields: str) -> leases.Settlement:
    return outcomes.of_error(leased(**fields), "some.path", KINDS[kind])


def field(job_id: str, name: str) -> str:
    return (connection.client().hget(keys.job(job_id), name) or b"").decode()


# --- who is tried again, and when -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_error_decides_whether_its_job_is_tried_again(kind: str) -> None:
    assert of(kind, retries_left="2").outcome == ("retry" if kind in RETRIED else "failed")
    assert of(kind, retries_left="0").outcome == of(kind).outcome == "failed"


@pytest.mark.parametrize("kind", KINDS)
def test_every_failure_is_recorded_with_category_message_and_attempt(kind: str) -> None:
    fields = json.loads(of(kind, attempt="1").fields)
    [category] = [name for name, kinds in CATEGORIES.items() if kind in kinds.split()]
    assert fields["error_category"] == category in errors.CATEGORIES
    assert fields["error_message"] == str(KINDS[kind]) and fields["attempt"] == 2


FIRST_WAITS_S = [("network", 60), ("busy", 15), ("blocked", 300), ("page", 600), ("foreign", 60), ("store", 5)]


@pytest.mark.parametrize(("kind", "base"), FIRST_WAITS_S)
def test_waits_grow_exponentially_with_full_jitter_up_to_an_hour(kind: str, base: float, monkeypatch: pytest.MonkeyPatch) -> None:
    highest: list[float] = []
    monkeypatch.setattr(random, "uniform", lambda low, high: highest.append(high) or low)
    waits = [outcomes.backoff_s(raised.read(KINDS[kind]), attempt) for attempt in (1, 2, 3, 9, 10**9)]
    assert highest == [min(3600, base * 2**power) for power in (0, 1, 2, 8, 40)] and set(waits) == {1}


def test_full_jitter_spreads_over_the_whole_wait() -> None:
    waits = sorted(outcomes.backoff_s(raised.read(KINDS["network"]), 1) for _ in range(500))
    assert 1 <= waits[0] < 6 and 54 < waits[-1] <= 60


def test_a_retry_spends_one_and_the_last_failure_is_the_end() -> None:
    job_id = queues.submit(broken, "network").job_id
    for left in (1, 0):
        assert inline.run_until_idle() == 1
        assert field(job_id, "status") == "scheduled" and field(job_id, "retries_left") == str(left) and told == []
        connection.client().zadd(f"{keys.RQ_SCHEDULED}default", {job_id: 1})
    assert inline.run_until_idle() == 1
    assert field(job_id, "status") == "failed" and [failure.attempt for failure in told] == [3]


def test_a_retried_job_keeps_its_claim_and_a_failed_one_frees_it() -> None:
    queues.submit(broken, "network")
    queues.submit(broken, "data")
    inline.run_until_idle()
    assert [claim.member for claim in dedup.held("broken")] == ["network"]


@pytest.mark.parametrize("deaths", [0, 1, 2])
def test_crashes_are_counted_apart_from_retries_and_wait_a_second_at_least(deaths: int) -> None:
    ending = outcomes.of_error(leased(deaths=str(deaths), retries_left="1"), "path", errors.Crashed("gone"))
    if deaths < 2:
        assert ending.outcome == "retry" and ending.ttl == 1000 * 2**deaths
        assert json.loads(ending.fields)["deaths"] == deaths + 1 and "retries_left" not in json.loads(ending.fields)
    else:
        assert ending.outcome == "failed" and "3 times" in json.loads(ending.fields)["error_message"]


@pytest.mark.parametrize(("by_command", "status"), [(False, "canceled"), (True, "stopped")])
def test_a_stopped_job_is_never_tried_again_and_nobody_is_alarmed(by_command: bool, status: str) -> None:
    task = executions.Execution(leased(retries_left="2"), executions.Call("p", walk, [], {}, 9, False, False))
    task.fail(errors.JobCancelled("x"))
    task.stopped_by_command = by_command
    assert outcomes.of(task).outcome == status and not outcomes.has_hooks(outcomes.of(task))


def test_a_job_of_which_nothing_ran_goes_back_and_spends_nothing() -> None:
    task = executions.Execution(leased(retries_left="2"), executions.Call("p", walk, [], {}, 9, False, False))
    task.fail(raised.NotStarted())
    assert outcomes.of(task) == leases.Settlement(task.job, "again")


@pytest.mark.parametrize("name", ["attempt", "retries_left", "deaths", "failure_ttl"])
def test_a_broken_number_in_the_record_stops_no_ending(name: str) -> None:
    assert outcomes.of_error(leased(**{name: "x"}), "path", ValueError()).outcome == "failed"
    assert outcomes.of_error(leased(**{name: "x"}), "path", errors.Crashed("x")).outcome == "retry"


def test_what_is_stored_of_an_error_holds_no_secret_and_no_novel() -> None:
    error = errors.NetworkError("GET https://user:hunter2@example.com/ failed " + "x" * 5000)
    message = json.loads(outcomes.of_error(leased(), "path", error).fields)["error_message"]
    assert "hunter2" not in message and len(message) <= 500


@pytest.mark.parametrize(
    ("kind", "word"), [("timeout", "timed_out"), ("poisoned", "poisoned"), ("foreign", "error"), ("data", "error")]
)
def test_the_record_says_in_a_word_how_it_failed_and_the_trace_names_the_class(kind: str, word: str) -> None:
    task = executions.Execution(leased(), executions.Call("p", walk, [], {}, 9, False, False))
    task.fail(KINDS[kind])
    ending = outcomes.of(task)
    assert json.loads(ending.fields)["failure"] == word
    name = "TimedOut" if kind == "timeout" else type(KINDS[kind]).__name__
    assert name in zlib.decompress(base64.b64decode(ending.error)).decode()


def test_a_crash_is_called_one_until_it_is_poison() -> None:
    crash = errors.Crashed("gone")
    words = [json.loads(outcomes.of_error(leased(deaths=str(n)), "path", crash).fields)["failure"] for n in range(3)]
    assert words == ["crashed", "crashed", "poisoned"]


@pytest.mark.parametrize(("slow_s", "levels"), [(0.0, ["INFO", "INFO"]), (60.0, ["DEBUG", "DEBUG"])])
def test_each_job_leaves_a_line_when_it_comes_and_one_when_it_ends(
    slow_s: float, levels: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "trawl.job")
    with config.overridden(log_slow_job_s=slow_s):
        job_id = queues.submit(walk).job_id
        inline.run_until_idle()
    lines = [record for record in caplog.records if record.name == "trawl.job"]
    assert [record.levelname for record in lines] == levels
    assert [record.getMessage().split(":")[0] for record in lines] == ["Job received", "Job completed"]
    told = vars(lines[1])
    assert (told["job"], told["function"], told["queue"]) == (job_id, "tests.worker.test_outcomes.walk", "default")
    assert told["kind"] == "test_outcomes" and told["ms"] >= 0 and told["waited_ms"] >= 0


def test_a_job_that_failed_is_told_with_its_time_whatever_the_level(caplog: pytest.LogCaptureFixture) -> None:
    queues.submit(broken, "data")
    inline.run_until_idle()
    [line] = [vars(record) for record in caplog.records if record.getMessage().startswith("Job failed")]
    assert line["ms"] >= 0 and line["kind"] == "test_outcomes" and line["queue"] == "default"


def test_a_message_that_no_json_holds_is_stored_all_the_same() -> None:
    task = executions.Execution(leased(), executions.Call("p", walk, [], {}, 9, False, False))
    task.fail(ValueError("\ud800"))
    assert json.loads(outcomes.of(task).fields)["error_message"] == "?"


# --- hooks ----------------------------------------------------------------------------------------------------------


def test_a_failure_is_told_once_after_it_was_stored(hooks: list[Any]) -> None:
    seen: list[str] = []
    hooks.append(lambda failure: seen.append(field(failure.job_id, "status")))
    job_id = queues.submit(broken, "data").job_id
    inline.run_until_idle()
    [failure] = told
    assert seen == ["failed"] and (failure.job_id, failure.category, failure.message) == (job_id, "data", "bad")
    assert failure.function == "tests.worker.test_outcomes.broken('data')" and failure.worker.startswith("inline")


def test_a_success_and_a_retry_are_no_failure() -> None:
    queues.submit(walk)
    queues.submit(broken, "network")
    inline.run_until_idle()
    assert told == []


def test_a_hook_that_raises_changes_nothing_and_the_others_are_told(hooks: list[Any]) -> None:
    def raises(failure: outcomes.Failure) -> None:
        raise RuntimeError("hook")

    hooks.insert(0, raises)
    job_id = queues.submit(broken, "data").job_id
    assert inline.run_until_idle() == 1
    assert field(job_id, "status") == "failed" and len(told) == 1


def test_an_outcome_that_was_refused_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    queues.submit(broken, "data")
    real = outcomes.of

    def too_late(task: executions.Execution) -> leases.Settlement:
        connection.client().delete(keys.LEASES)
        return real(task)

    monkeypatch.setattr(outcomes, "of", too_late)
    inline.run_until_idle()
    assert told == []


# --- what follows, beside the consumer -------------------------------------------------------------------------------


def test_work_that_hangs_holds_up_what_follows_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_ups, "HANG_S", 0.05)
    executor, release, done = follow_ups.SerialExecutor("test"), threading.Event(), []
    executor.put(lambda: release.wait(patience.HANG_S))
    executor.put(lambda: done.append(1))
    until(lambda: executor.start_threads() or done)
    assert not executor.is_idle()
    release.set()
    until(executor.is_idle)


def test_work_is_done_in_order_by_one_thread_and_none_is_lost() -> None:
    executor, done = follow_ups.SerialExecutor("test"), []
    for number in range(2000):
        executor.put(lambda number=number: done.append(number))
    until(executor.is_idle)
    assert done == list(range(2000))


@pytest.mark.parametrize("error", [ValueError("x"), redis.ConnectionError("x"), errors.DataError("x")])
def test_work_that_breaks_is_logged_and_the_next_is_done(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    def breaks() -> None:
        raise error

    executor, done = follow_ups.SerialExecutor("test"), []
    executor.put(lambda: follow_ups.safely(breaks, "job"))
    executor.put(breaks)
    executor.put(lambda: done.append(1))
    until(lambda: done and executor.is_idle())
    assert "brok" in caplog.text or "Redis" in caplog.text
