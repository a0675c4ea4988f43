"""The processes of a worker: as process 1 they reap, killed ones are replaced, and limits that cannot be kept are refused."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import config
import errors
from state.engine import limits
from tests.faults import harness, work
from tests.local.real import environment, may_run, until
from worker import memory, process, supervisor

pytestmark = pytest.mark.real_redis

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: it gets the orphans below it, as process 1 does

#: The program as process 1 of a container without an init.
AS_INIT = f"""
import ctypes, runpy, sys
ctypes.CDLL(None).prctl({PR_SET_CHILD_SUBREAPER}, 1, 0, 0, 0)
sys.argv = sys.argv[1:]
runpy.run_module("tests.faults.kill_points", run_name="__main__")
"""


class Init(harness.Program):
    """A program that inherits what others leave behind."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str]) -> None:
        self.log = log
        with log.open("ab") as output:
            command = [sys.executable, "-u", "-c", AS_INIT, "kill_points", *argv]
            self.process = subprocess.Popen(
                command, cwd=config.ROOT, env=environment(env), stdout=output, stderr=output, process_group=0
            )


def zombies(parent: int) -> list[str]:
    """Children that nobody has reaped."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    return [row for row in told.splitlines() if row.split()[1] == str(parent) and row.split()[2].startswith("Z")]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_as_process_1_it_reaps_what_others_left_and_none_of_its_own_too_early(scene: harness.Env) -> None:
    env = {"REDIS_URL": scene.server.url, "TRAWL_TEST_LEDGER": str(scene.ledger.path), "LOG_FORMAT": "json"}
    program = Init(["worker", "--processes", "1", "--threads", "3", "--max-jobs", "5"], scene.folder / "init", env)
    scene.programs.append(program)
    program.ready(1)
    ids = harness.submit(work.nap, 0.0, times=30) + harness.submit(work.nap_apart, 0.0, times=5)
    scene.settled(ids).verify()
    [held] = harness.submit(work.hold)
    until(lambda: scene.ledger.lines("start", held))
    os.kill(scene.ledger.lines("start", held)[-1].pid, signal.SIGKILL)  # its waiting process is an orphan now
    scene.ledger.let_go()
    scene.settled([held]).verify()
    assert program.said("was killed by SIGKILL") == 1, "it learnt how its own child ended"
    until(lambda: not zombies(program.pid))
    assert program.stop(40) == 0


def test_a_limit_of_memory_below_the_size_of_a_process_is_refused_with_the_size(scene: harness.Env) -> None:
    program = scene.program("worker", "--processes", "1", "--max-rss-mb", "20")
    assert program.process.wait(60) == 1
    said = program.log.read_text()
    assert "--max-rss-mb (WORKER_MAX_RSS_MB) is 20, but a worker process takes" in said and "Traceback" not in said
    with pytest.raises(errors.ConfigError):
        supervisor.refuse_small_limit(int(memory.rss_mb()))
    supervisor.refuse_small_limit(int(memory.rss_mb()) + 500)


def test_processes_that_come_to_nothing_are_started_later_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made = supervisor.Supervisor(1, process.Options())
    [slot] = made.slots
    waits = []
    for _ in range(4):
        worker = supervisor.Worker("w", None, supervisor.Watchdog())  # type: ignore[arg-type]  # it is not asked
        worker.watchdog.announce_exit(unused=True)
        made._replace(slot, worker, 100.0)
        waits.append(slot.start_at - 100.0)
    assert waits == [0.0, 1.0, 2.0, 4.0]
    worker = supervisor.Worker("w", None, supervisor.Watchdog())  # type: ignore[arg-type]
    worker.watchdog.announce_exit(unused=False)
    made._replace(slot, worker, 100.0)
    assert slot.start_at == 100.0


def test_where_no_process_can_be_forked_the_supervisor_says_so_and_tries_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(supervisor.children, "fork", refuse)
    made = supervisor.Supervisor(1, process.Options())
    [slot] = made.slots
    waits = []
    for _ in range(3):
        made._start(slot, 100.0)
        waits.append(slot.start_at - 100.0)
    assert slot.worker is None and waits == [0.0, 1.0, 2.0]
    assert "Cannot start a worker process" in caplog.text
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & set(process.STOP_SIGNALS)


def test_burst_ends_though_jobs_are_left_whose_limit_is_0(scene: harness.Env) -> None:
    limits.put("narrow", 0)
    blocked = harness.submit(work.nap_narrow, 0.0, times=3)
    ids = harness.submit(work.nap, 0.0, times=10)
    program = scene.program("worker", "--processes", "1", "--threads", "3", "--burst")
    assert program.process.wait(60) == 0
    assert {harness.status(job) for job in ids} == {"finished"} and {harness.status(job) for job in blocked} == {"queued"}


def test_a_supervisor_that_is_killed_leaves_nothing_and_the_next_one_finishes_the_work(scene: harness.Env) -> None:
    program = scene.worker(2, 2)
    ids = harness.submit(work.hold, times=2) + harness.submit(work.hold_apart, times=2)
    until(lambda: scene.ledger.count("start") == 4)
    family = program.family()
    os.kill(program.pid, signal.SIGKILL)
    until(lambda: not any(harness.lives(pid) for pid in family))
    scene.ledger.let_go()
    scene.worker(1, 4)
    scene.settled(ids).verify()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the zygote ends it, a moment later")
def test_a_job_in_a_process_of_its_own_ends_before_anybody_can_take_it_back(scene: harness.Env) -> None:
    """Its worker is killed, and the zygote between them gets no turn: else both runs of the job would overlap."""
    program = scene.worker(1, 1)
    [job] = harness.submit(work.hold_apart)
    until(lambda: scene.ledger.lines("start", job))
    [worker], alone = program.workers(), scene.ledger.lines("start", job)[0].pid
    [zygote] = [pid for pid in harness.children(worker) if alone in harness.children(pid)]
    with subprocess.Popen(["sleep", "4321"], process_group=zygote) as relative:  # else the kernel would wake an orphaned group
        os.kill(zygote, signal.SIGSTOP)
        try:
            os.kill(worker, signal.SIGKILL)
            until(lambda: len(scene.ledger.lines("start", job)) == 2)
            assert not may_run(alone)
        finally:
            os.kill(zygote, signal.SIGCONT)
            relative.kill()
    scene.ledger.let_go()
    scene.settled([job]).verify()
