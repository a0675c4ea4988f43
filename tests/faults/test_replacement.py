"""A worker process that must be replaced is replaced first: no job waits for the longest one of the old process."""

import os
import signal

import pytest

from tests.faults import harness, work
from tests.local.real import lives, until
from topics.operations import workers

pytestmark = pytest.mark.real_redis


def pids_of(scene: harness.Env, ids: list[str]) -> set[int]:
    """The processes that these jobs began in."""
    return {line.pid for job in ids for line in scene.ledger.lines("start", job)}


def test_others_go_on_in_the_next_process_while_the_old_one_ends_its_long_job(scene: harness.Env) -> None:
    program = scene.worker(1, 4, "--max-jobs", "20")
    [long] = harness.submit(work.hold)
    until(lambda: scene.ledger.count("start") == 1)
    ids = harness.submit(work.nap, 0.0, times=100)
    until(lambda: scene.ledger.count("end") == len(ids))
    assert harness.status(long) == "started", "nobody waited for it"
    old, *_ = pids_of(scene, [long])
    assert lives(old) and len(pids_of(scene, ids)) > 1
    scene.ledger.let_go()
    scene.settled([long, *ids]).verify()
    until(lambda: not lives(old))
    assert set(scene.ledger.runs().values()) == {1}
    assert program.said("was killed") == 0 and program.said("started again in") == 0
    assert program.stop() == 0


def test_a_process_with_a_stuck_thread_is_replaced_while_its_other_jobs_go_on(scene: harness.Env) -> None:
    program = scene.worker(1, 2)
    [long], [stuck] = harness.submit(work.hold), harness.submit(work.receive)
    until(lambda: harness.status(stuck) == "failed")
    until(lambda: program.said("Ready to process jobs") == 2)
    ids = harness.submit(work.nap, 0.0, times=5)
    until(lambda: scene.ledger.lines("end", ids[-1]))
    assert harness.status(long) == "started"
    scene.ledger.let_go()
    scene.settled([long, stuck, *ids]).verify()
    assert program.stop() == 0


def test_as_many_old_processes_as_there_are_places_and_no_more(scene: harness.Env) -> None:
    """Each takes two jobs that hold: two end in the background, the next one keeps its place."""
    program = scene.worker(2, 2, "--max-jobs", "2")
    ids = harness.submit(work.hold, times=20)
    until(lambda: scene.ledger.count("start") == 8)
    until(lambda: len(program.workers()) == 4)
    assert scene.ledger.count("start") == 8
    scene.ledger.let_go()
    scene.settled(ids).verify()
    assert set(scene.ledger.runs().values()) == {1}
    until(lambda: len(program.workers()) == 2)


def test_a_process_that_nobody_would_replace_goes_on_beyond_its_number_of_jobs(scene: harness.Env) -> None:
    """One long job in the old process and one in the next: neither keeps the others waiting."""
    program = scene.worker(1, 4, "--max-jobs", "20")
    harness.submit(work.hold)
    until(lambda: scene.ledger.count("start") == 1)
    harness.submit(work.nap, 0.0, times=30)
    until(lambda: scene.ledger.count("end") == 30)
    [second] = harness.submit(work.hold)
    until(lambda: len(scene.ledger.lines("start", second)) == 1)
    harness.submit(work.nap, 0.0, times=100)
    until(lambda: scene.ledger.count("end") == 130)
    assert len(program.workers()) == 2
    scene.ledger.let_go()
    until(lambda: scene.ledger.count("end") == 132)
    until(lambda: len(program.workers()) == 1)
    assert set(scene.ledger.runs().values()) == {1} and program.stop() == 0


def test_sigterm_ends_old_processes_too_and_their_jobs_are_put_back(scene: harness.Env) -> None:
    program = scene.worker(1, 2, "--max-jobs", "2", SHUTDOWN_TIMEOUT="0.5")
    ids = harness.submit(work.hold, times=3)
    until(lambda: scene.ledger.count("start") == 3)
    family = program.family()
    assert program.stop(60) == 0
    until(lambda: not any(lives(pid) for pid in family))
    found = harness.audit(ids)
    found.verify()
    assert found.counts() == {"queued": 3}


def test_an_old_process_that_is_killed_is_taken_back_from(scene: harness.Env) -> None:
    program = scene.worker(1, 2, "--max-jobs", "2")
    ids = harness.submit(work.hold, times=2)
    until(lambda: scene.ledger.count("start") == 2)
    until(lambda: program.said("Ready to process jobs") == 2)
    [old] = pids_of(scene, ids)
    os.kill(old, signal.SIGKILL)
    until(lambda: scene.ledger.count("start") == 4)
    scene.ledger.let_go()
    scene.settled(ids).verify()
    assert program.said("A recycled worker was killed by SIGKILL") == 1


@pytest.mark.parametrize("options", [["--max-jobs", "7"], ["--processes", "2", "--max-jobs", "30"], []])
def test_burst_ends_when_the_queues_are_empty_and_not_before(scene: harness.Env, options: list[str]) -> None:
    """However often its processes are replaced: by default, after 1000 jobs."""
    ids = harness.submit(work.nap, 0.0, times=60 if options else 1100)
    program = scene.program("worker", "--processes", "1", "--threads", "4", "--burst", *options)
    assert program.process.wait(120) == 0
    found = harness.audit(ids)
    found.verify()
    assert found.counts() == {"done": len(ids)}


def test_burst_goes_on_behind_a_process_with_a_stuck_thread(scene: harness.Env) -> None:
    [stuck] = harness.submit(work.receive)
    ids = harness.submit(work.nap, 0.2, times=60)
    program = scene.program("worker", "--processes", "1", "--threads", "1", "--burst")
    assert program.process.wait(120) == 0
    harness.audit([stuck, *ids]).verify()
    assert harness.status(stuck) == "failed" and {harness.status(job) for job in ids} == {"finished"}


def test_sigusr1_lets_running_jobs_end_and_takes_no_more(scene: harness.Env) -> None:
    program = scene.worker(2, 2, SHUTDOWN_TIMEOUT="1")
    running = [*harness.submit(work.hold), *harness.submit(work.hold_apart)]
    until(lambda: scene.ledger.count("start") == len(running))
    program.send(signal.SIGUSR1)  # to all of them, as a service manager does
    until(lambda: program.said("Asked to take no more jobs"))
    until(lambda: all(worker["draining"] for worker in workers.living()))
    waiting = harness.submit(work.nap, 0.0, times=5)
    scene.ledger.let_go()
    until(lambda: not program.workers())
    assert [harness.status(job) for job in running] == ["finished", "finished"]
    assert {harness.status(job) for job in waiting} == {"queued"} and set(scene.ledger.runs().values()) == {1}
    assert program.process.poll() is None, "whoever keeps it running must not start it again"
    assert program.stop() == 0


def test_sigusr1_to_one_worker_replaces_that_one(scene: harness.Env) -> None:
    program = scene.worker(1, 2)
    until(lambda: program.said("Ready to process jobs"))
    [old] = program.workers()
    program.send(signal.SIGUSR1, [old])
    until(lambda: program.said("Ready to process jobs") == 2 and not lives(old))
    ids = harness.submit(work.nap, 0.0, times=5)
    scene.settled(ids).verify()
    assert program.said("was killed") == 0 and program.stop() == 0
