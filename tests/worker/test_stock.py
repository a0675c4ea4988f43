"""The worker as a process: what it takes cannot be lost, what it runs ends with it, and a claim ends with its job."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import rq.exceptions

import clock
import queues
from errors import DataError, NetworkError
from jobs import serp
from state import activity, claims, connection, history, jobs, keys, keywords
from tests import fakes
from tests.state import audit, queued, tracked
from tests.worker import Ledger, is_alive, kill, start, wait_until
from worker import rescue, stock

ledger: Ledger


@pytest.fixture(autouse=True)
def new_ledger(tmp_path: Path) -> None:
    global ledger
    ledger = Ledger(tmp_path / "ledger")


@queues.job(timeout_s=60, dedup_key="work:{name}")
def work(name: str, wait_s: float = 0) -> str:
    """Say that it began, wait, say that it is done."""
    ledger.write("began", name, os.getpid())
    clock.wait(wait_s)
    ledger.write("done", name)
    return name


@queues.job(retries=2, dedup_key="flaky:{name}")
def flaky(name: str, error: str) -> None:
    """Fail in one of two ways."""
    ledger.write("began", name, claims.count("flaky"))
    raise NetworkError("try again") if error == "network" else DataError("never")


def burst() -> int:
    """A worker that ends when the queues are empty."""
    return stock.run_one(burst=True)


# --- in this process ------------------------------------------------------------------------------------------------


def test_jobs_are_moved_and_never_popped(monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = queues.submit(work, "a").job_id
    served = [stock.Queue(name, connection=connection.client()) for name in queues.QUEUES]
    job, queue = stock.Queue.dequeue_any(
        served, None, connection.client(), job_class=queues.Job, serializer=queues.rq.serializers.JSONSerializer
    )
    assert (job.id, queue.name) == (job_id, "default")
    assert connection.client().lrange(f"{keys.queue('default')}:intermediate", 0, -1) == [job_id.encode()]


def test_an_idle_worker_gives_up_in_time_and_one_that_may_not_wait_at_once() -> None:
    served = [stock.Queue(name, connection=connection.client()) for name in queues.QUEUES]
    assert stock.Queue.dequeue_any(served, None, connection.client()) is None
    before = clock.monotonic()
    with pytest.raises(rq.exceptions.DequeueTimeout):
        stock.Queue.dequeue_any(served, 1, connection.client())
    assert 1 <= clock.monotonic() - before < 5


def test_a_queued_id_without_a_job_is_passed_over() -> None:
    connection.client().rpush(keys.queue("default"), "nobody")
    queues.submit(work, "a")
    stock.run_until_idle()
    assert ledger.count("done") == {"a": 1}


def test_an_error_that_a_retry_may_help_is_retried_and_keeps_its_claim_meanwhile() -> None:
    queues.submit(flaky, "a", "network")
    stock.run_until_idle()
    assert [words[2] for words in ledger.lines()] == ["1", "1", "1"], "three runs, each under the claim"
    assert claims.count("flaky") == 0


def test_an_error_that_a_retry_cannot_help_is_not_retried() -> None:
    queues.submit(flaky, "a", "data")
    stock.run_until_idle()
    assert ledger.count("began") == {"a": 1} and claims.count("flaky") == 0


def test_a_claim_taken_over_by_another_job_is_not_freed_by_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first = queues.submit(work, "a")
    claims.release("work", "a", first.job_id)
    second = queues.submit(work, "a", queue="low")
    stock.Worker(["default"])
    stock.InProcessWorker(["default"]).work(burst=True, logging_level=None)
    assert [claim.job_id for claim in claims.held("work")] == [second.job_id]


# --- as processes, on a real server ---------------------------------------------------------------------------------


@pytest.mark.real_redis
def test_a_worker_process_runs_what_waits_and_ends() -> None:
    submissions = queues.submit_many([(work, f"n{number}") for number in range(5)])
    process = start(burst)
    process.join(40)
    assert process.exitcode == 0 and ledger.count("done") == {f"n{number}": 1 for number in range(5)}
    assert queues.Job.fetch(submissions[0].job_id, connection=connection.client()).return_value() == "n0"
    assert claims.count("work") == 0


@pytest.mark.real_redis
def test_a_worker_killed_right_after_it_took_a_job_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    queues.submit(work, "a")

    def dying() -> int:
        monkeypatch.setattr(stock.Queue, "_fetch_dequeued_job", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        return burst()

    process = start(dying)
    process.join(40)
    assert process.exitcode == -signal.SIGKILL and jobs.depths(["default"])["default"] == 0
    assert rescue.rescue() == 1
    start(burst).join(40)
    assert ledger.count("done") == {"a": 1}


@pytest.mark.real_redis
def test_a_worker_killed_in_the_middle_takes_its_horse_along_and_the_job_runs_again() -> None:
    queues.submit(work, "a", 30)
    process = start(burst)
    wait_until(lambda: ledger.count("began"), "the job began")
    horse = int(ledger.lines()[0][2])
    kill(process)
    wait_until(lambda: not is_alive(horse), "the work horse ended with its worker", 10)
    assert rescue.rescue() == 1 and rescue.rescue() == 0
    [job_id] = [raw.decode() for raw in connection.client().lrange(keys.queue("default"), 0, -1)]
    connection.client().hset(keys.job(job_id), "data", queues.to_json(["tests.worker.test_stock.work", None, ["a"], {}], "data"))
    start(burst).join(40)
    assert ledger.count("began") == {"a": 2} and ledger.count("done") == {"a": 1}
    assert claims.count("work") == 0


@pytest.mark.real_redis
def test_a_work_horse_killed_alone_fails_its_job_and_frees_the_claim() -> None:
    job_id = queues.submit(work, "a", 30).job_id
    process = start(burst)
    wait_until(lambda: ledger.count("began"), "the job began")
    os.kill(int(ledger.lines()[0][2]), signal.SIGKILL)
    process.join(40)
    assert process.exitcode == 0
    assert queues.Job.fetch(job_id, connection=connection.client()).get_status() == "failed" and claims.count("work") == 0


@pytest.mark.real_redis
def test_a_polite_stop_lets_the_job_in_hand_finish() -> None:
    queues.submit(work, "a", 1)
    queues.submit(work, "b")
    process = start(stock.run_one)
    wait_until(lambda: ledger.count("began"), "the job began")
    assert kill(process, signal.SIGTERM) == 0
    assert ledger.count("done") == {"a": 1} and jobs.depths(["default"])["default"] == 1


@pytest.mark.real_redis
def test_a_job_over_its_time_limit_is_ended_and_the_worker_goes_on() -> None:
    job_id = queues.submit(work, "slow", 30).job_id
    connection.client().hset(keys.job(job_id), "timeout", 1)
    queues.submit(work, "next")
    start(burst).join(40)
    result = queues.Job.fetch(job_id, connection=connection.client()).latest_result()
    assert result and "JobTimeoutException" in (result.exc_string or "")
    assert ledger.count("done") == {"next": 1} and claims.count("work") == 0


@pytest.mark.real_redis
def test_checks_survive_workers_killed_at_random_moments_and_are_committed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = tracked(24)

    def answering(text: str, start_at: int) -> bytes:
        ledger.write("fetched", text.replace(" ", "-"), os.getppid())
        clock.wait(0.02)
        return fakes.serp(fakes.others(10))

    fakes.use(monkeypatch, answering)
    killed: set[str] = set()
    for round_ in range(60):
        serp.enqueue_batch()
        fetched = len(ledger.lines())
        process = start(burst)
        if round_ < 6:
            wait_until(lambda fetched=fetched: len(ledger.lines()) >= fetched + 2, "it fetches")  # type: ignore[misc]
            killed.add(str(process.pid))
            kill(process)
        else:
            process.join(40)
        rescue.rescue()
        if activity.counted("scraped") >= 24 and not queued():
            break
    audit()
    assert activity.counted("scraped") == 24, "each was committed exactly once"
    assert all(len(history.of(word)) == 1 and keywords.get(word).scraped_at for word in ids) and claims.count() == 0
    runs = ledger.count("fetched")
    assert len(runs) == 24
    twice = {name for name, times in runs.items() if times > 1}
    by_killed = {words[1] for words in ledger.lines() if words[2] in killed}
    assert twice <= by_killed, "only what a killed worker had in hand was fetched a second time"
    assert max(runs.values()) <= 1 + len(killed)


def test_the_worker_registers_so_that_rqs_tools_see_it(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(Ledger, "write", lambda self, *words: seen.append(queues.rq.Worker.all(connection=store)))
    queues.submit(work, "a")
    stock.run_until_idle()
    assert [worker.queue_names() for worker in seen[0]] == [list(queues.QUEUES)]
