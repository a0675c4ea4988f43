"""Redis killed or hanging: time limits, the grace at SIGTERM and the end of each process hold all the same."""

import os
import signal
from pathlib import Path

import pytest

import clock
from tests.faults import harness, work
from tests.local.real import lives, until

pytestmark = pytest.mark.real_redis

#: Far less than the replies a worker waits for, one after the other, while Redis hangs: 10 s and three more tries.
SOON_S = 20.0
GRACE_S = 1.0

AWAY = pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])


def come_back(scene: harness.Env, how: signal.Signals) -> None:
    """Redis is there again."""
    if how == signal.SIGKILL:
        scene.server.start()
    else:
        scene.server.send(signal.SIGCONT)


@AWAY
def test_a_job_is_ended_at_its_limit(scene: harness.Env, how: signal.Signals) -> None:
    program = scene.worker(1, 4)
    funcs = (work.watch_the_limit, work.watch_the_limit_apart, work.watch_the_limit_on_loop)
    ids = [harness.submit(func)[0] for func in funcs]
    until(lambda: scene.ledger.count("start") == len(ids))
    scene.server.send(how)
    try:
        until(lambda: scene.ledger.count("limit") == len(ids), SOON_S)
    finally:
        come_back(scene, how)
    started = {line.job: line.at for line in scene.ledger.lines("start")}
    for line in scene.ledger.lines("limit"):
        assert line.at - started[line.job] >= work.LIMIT_S - 0.5
    scene.settled(ids).verify()
    assert {harness.status(job) for job in ids} == {"failed"}
    assert program.said("was killed") == 0


@AWAY
def test_a_thread_that_hears_nothing_is_written_off(scene: harness.Env, how: signal.Signals) -> None:
    program = scene.worker(1, 2)
    [job] = harness.submit(work.run_program_deaf)
    until(lambda: scene.programs_of_jobs())
    scene.server.send(how)
    try:
        until(lambda: not scene.programs_of_jobs(), SOON_S)
    finally:
        come_back(scene, how)
    scene.settled([job]).verify()
    assert "written off" in harness.record(job)["error_message"]
    assert program.said("was killed") == 0


@AWAY
@pytest.mark.parametrize("busy", [True, False], ids=["busy", "idle"])
def test_a_worker_stops_within_its_grace(scene: harness.Env, how: signal.Signals, busy: bool) -> None:
    program = scene.worker(2, 3, SHUTDOWN_TIMEOUT=str(GRACE_S))
    ids = [job for func in (work.hold, work.hold_apart) if busy for job in harness.submit(func)]
    until(lambda: scene.ledger.count("start") == len(ids))
    scene.server.send(how)
    until(lambda: how == signal.SIGSTOP or program.said("Trying again"))
    harness.passed(2)  # by now each process waits for a reply
    family = program.family()
    began = clock.monotonic()
    assert program.stop(SOON_S) == 0
    print(f"stopped after {harness.seconds_since(began):.1f} s")
    assert program.said("was killed") == 0
    until(lambda: not any(lives(pid) for pid in family))
    come_back(scene, how)
    scene.worker(1, 3)
    scene.ledger.let_go()
    scene.settled(ids).verify()


@AWAY
def test_a_scheduler_stops_soon(scene: harness.Env, how: signal.Signals) -> None:
    program = scene.program("scheduler")
    until(lambda: program.said("Scheduler is up"))
    scene.server.send(how)
    harness.passed(2)
    assert program.stop(SOON_S) == 0
    come_back(scene, how)
    assert program.said("Traceback") == 0


def asks(pid: int) -> bool:
    """Whether a program has a connection: Python is up by then, and takes Ctrl-C in its own way."""
    try:
        return any(os.readlink(link).startswith("socket:") for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # a file was closed meanwhile
        return False


@AWAY
def test_a_command_obeys_ctrl_c(scene: harness.Env, how: signal.Signals) -> None:
    scene.server.send(how)
    program = scene.program("status")
    if how == signal.SIGSTOP:
        until(lambda: asks(program.process.pid))
        program.process.send_signal(signal.SIGINT)
    interrupted = (130, -signal.SIGINT)  # the second where Python ends itself by the signal: to a shell they are the same
    assert program.process.wait(SOON_S) in (interrupted if how == signal.SIGSTOP else (1,))
    assert program.said("Traceback") == 0
    come_back(scene, how)
    assert program.said("Traceback") == 0


def test_the_supervisor_ends_and_replaces_workers_while_redis_hangs(scene: harness.Env) -> None:
    """One worker is killed while Redis hangs: to take back what it held waits for Redis, the supervisor does not."""
    program = scene.worker(2, 2, SHUTDOWN_TIMEOUT=str(GRACE_S))
    ids = harness.submit(work.hold, times=4)
    until(lambda: scene.ledger.count("start") == 4)
    scene.server.send(signal.SIGSTOP)
    program.send(signal.SIGKILL, program.workers()[:1])
    until(lambda: program.said("it is started again"))
    began = clock.monotonic()
    assert program.stop(SOON_S) == 0
    print(f"stopped after {harness.seconds_since(began):.1f} s")
    scene.server.send(signal.SIGCONT)
    scene.worker(1, 4)
    scene.ledger.let_go()
    scene.settled(ids).verify()
