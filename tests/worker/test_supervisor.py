"""The parent of the workers: it keeps them running, brings back what dead ones held, and stops them politely."""

import os
import signal
from pathlib import Path

import pytest

import clock
import queues
from errors import UnsafeStore
from state import claims, connection, jobs
from tests.worker import Ledger, is_alive, kill, start, wait_until
from worker import supervisor

ledger: Ledger


@pytest.fixture(autouse=True)
def new_ledger(tmp_path: Path) -> None:
    global ledger
    ledger = Ledger(tmp_path / "ledger")


@queues.job(timeout_s=60, dedup_key="supervised:{name}")
def work(name: str, wait_s: float = 0) -> None:
    """Say that it began, wait, say that it is done."""
    ledger.write("began", name, os.getpid(), os.getppid())
    clock.wait(wait_s)
    ledger.write("done", name)


def test_a_server_that_may_lose_jobs_is_refused_before_any_worker_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "check", lambda: ["maxmemory-policy is allkeys-lru: ..."])
    monkeypatch.setattr(supervisor.Supervisor, "run", lambda self: pytest.fail("it started workers"))
    with pytest.raises(UnsafeStore):
        supervisor.run(1)


@pytest.mark.real_redis
def test_with_burst_it_ends_when_everything_is_done() -> None:
    queues.submit_many([(work, f"n{number}") for number in range(12)])
    process = start(lambda: supervisor.run(3, burst=True))
    process.join(40)
    assert process.exitcode == 0 and ledger.count("done") == {f"n{number}": 1 for number in range(12)}


@pytest.mark.real_redis
def test_a_worker_killed_is_replaced_and_its_job_runs_again_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "RESCUE_S", 0.5)
    process = start(lambda: supervisor.run(2))
    queues.submit(work, "long", 1.5)
    wait_until(lambda: ledger.count("began"), "the job began")
    os.kill(int(ledger.lines()[0][3]), signal.SIGKILL)
    queues.submit_many([(work, f"n{number}") for number in range(10)])
    wait_until(lambda: ledger.count("done")["long"], "the job of the killed worker is done")
    wait_until(lambda: len(ledger.count("done")) == 11, "the others are done")
    wait_until(lambda: claims.count("supervised") == 0, "all claims are freed")
    assert kill(process, signal.SIGTERM) == 0
    assert ledger.count("done") == {"long": 1, **{f"n{number}": 1 for number in range(10)}}
    assert ledger.count("began")["long"] == 2


@pytest.mark.real_redis
def test_killed_itself_it_leaves_no_process_behind() -> None:
    process = start(lambda: supervisor.run(2))
    queues.submit(work, "long", 30)
    wait_until(lambda: ledger.count("began"), "the job began")
    horse, worker = (int(word) for word in ledger.lines()[0][2:])
    kill(process)
    wait_until(lambda: not is_alive(worker) and not is_alive(horse), "worker and work horse ended", 10)


@pytest.mark.real_redis
def test_a_delayed_job_comes_without_any_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "RESCUE_S", 0.2)
    queues.submit(work, "later", delay_s=1)
    process = start(lambda: supervisor.run(1))
    wait_until(lambda: ledger.count("done")["later"], "the delayed job ran")
    assert kill(process, signal.SIGTERM) == 0 and jobs.depths(["default"])["default"] == 0


def test_redis_going_away_does_not_end_it(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def gone() -> int:
        raise connection.redis.ConnectionError("gone")

    monkeypatch.setattr(supervisor.rescue, "rescue", gone)
    supervisor.Supervisor(1, burst=False)._tidy()
    assert "does not answer" in caplog.text


def test_a_worker_that_keeps_dying_is_started_again_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = supervisor.Supervisor(1, burst=False)
    waits = []
    for number in range(7):
        now = 1000.0 * number
        parent.children[0] = supervisor.processes.Child("worker 1", 1, lambda: 1, started_at=now)
        parent._look(now)
        waits.append(parent.start_at.pop(0) - now)
    assert waits == [1, 3, 7, 15, 30, 30, 30]
