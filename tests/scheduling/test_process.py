"""The scheduler as a process: it lives, it moves delayed jobs, and two of them are one."""

import multiprocessing
import os
import signal

import pytest

import clock
import queues
import scheduler
from scheduling import loop
from state.engine import heartbeats, jobs
from state.store import connection
from tests import patience
from tests.scheduling import MINUTE, dues, every, occur, occurrences
from tests.state import NOON

fork = multiprocessing.get_context("fork")


def test_a_look_says_that_the_scheduler_lives_and_moves_delayed_jobs() -> None:
    with clock.frozen(NOON):
        job_id = queues.submit(occur, 1, delay_s=5).job_id
        clock.advance(MINUTE)
        loop.Scheduler()._look()
        assert occurrences() == [job_id] and heartbeats.last_beat("scheduler") == NOON + MINUTE


@pytest.mark.real_redis
def test_two_scheduler_processes_bring_each_occurrence_once(monkeypatch: pytest.MonkeyPatch, real_server: str) -> None:
    monkeypatch.setattr(scheduler, "table", lambda: [every(1)])

    def run() -> None:
        connection.use(connection.connect(real_server))
        os._exit(scheduler.run())

    running = [fork.Process(daemon=True, target=run) for _ in range(2)]
    for process in running:
        process.start()
    deadline = clock.monotonic() + patience.HANG_S
    while jobs.depths(["low"])["low"] < 5 and clock.monotonic() < deadline:
        clock.wait(0.05)
    for process in running:
        os.kill(process.pid or 0, signal.SIGTERM)
    for process in running:
        process.join(patience.HANG_S)
    assert [process.exitcode for process in running] == [0, 0]
    times = dues()
    assert len(times) >= 5 and times == sorted(set(times)), "each once, in order"
