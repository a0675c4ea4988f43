"""Workers killed in every way and at every step: nothing is lost, nothing is committed twice, recovery has a bound."""

import os
import random
import signal

import pytest

import clock
import queues
from tests.faults import harness, kill_points, work
from tests.local.real import lives, until
from worker import in_flight

pytestmark = pytest.mark.real_redis

JOBS = 1000


def test_half_of_the_workers_killed_and_half_stopped(scene: harness.Env, dice: random.Random) -> None:
    ids = harness.submit(work.nap, 0.01, times=JOBS, names=queues.QUEUES)
    program = scene.worker(4, 5, TRAWL_TEST_NO_BACKOFF="1")
    until(lambda: scene.ledger.count("end") >= JOBS // 2)
    workers = program.workers()
    dice.shuffle(workers)
    killed, stopped = workers[:2], workers[2:4]
    program.send(signal.SIGKILL, killed)
    program.send(signal.SIGTERM, stopped)
    at = clock.monotonic()
    scene.settled(ids).verify()
    print(f"all settled {harness.seconds_since(at):.1f} s after the kills")
    runs = scene.ledger.runs()
    held_by_killed = {line.job for line in scene.ledger.lines("start") if line.pid in killed}
    again = {job for job, count in runs.items() if count > 1}
    assert again <= held_by_killed
    held_at_once = 5 + round(5 * in_flight.AHEAD)  # and as many that ended, while their outcomes are on the way
    assert len(again) <= len(killed) * 2 * held_at_once
    assert set(ids) == set(runs)
    for job in again:  # the first run never counted
        assert harness.record(job)["settled"] == scene.ledger.lines("start", job)[-1].execution


@pytest.mark.parametrize("names", [(queues.DEFAULT,), queues.QUEUES], ids=["one queue", "three queues"])
@pytest.mark.parametrize("step", kill_points.STEPS)
def test_killed_at_each_step(scene: harness.Env, step: str, names: tuple[str, ...]) -> None:
    ids = harness.submit(work.nap_with_retry, 0.02, times=30, names=names)
    program = scene.worker(2, 3, "--queues", ",".join(names), step=step)
    scene.settled(ids).verify()
    assert not (scene.folder / "fuse").exists()
    assert program.said("was killed by SIGKILL") == 1
    runs = scene.ledger.runs()
    killed_in_hand = [job for job in ids if harness.record(job).get("rescues")]
    assert len(killed_in_hand) <= 2 * 3, program.log.read_text()  # it may die in the middle of an exchange: old and new ones
    assert {job for job, count in runs.items() if count > 1} <= set(killed_in_hand)
    for job in ids:
        assert harness.record(job)["status"] == "finished"
        assert harness.record(job)["retries_left"] == "1"
    assert not scene.ledger.lines("failure")


@pytest.mark.parametrize("heir", ["an idle worker", "a worker started later"])
def test_job_of_a_worker_killed_with_its_supervisor_runs_again(scene: harness.Env, heir: str) -> None:
    [job] = harness.submit(work.hold)
    first = scene.worker(1)
    until(lambda: scene.ledger.count("start"))
    if heir == "an idle worker":
        scene.worker(1)
    at = clock.monotonic()
    first.close()
    if heir != "an idle worker":
        scene.worker(1)
    until(lambda: scene.ledger.count("start") == 2)
    print(f"second run {harness.seconds_since(at):.1f} s after the kill")
    scene.ledger.let_go()
    scene.settled([job]).verify()
    assert harness.status(job) == "finished"
    assert harness.record(job)["rescues"] == "1"
    assert not scene.ledger.lines("failure")


def test_dead_child_of_an_isolated_job_is_a_crash_and_its_backoff_grows(scene: harness.Env) -> None:
    [job] = harness.submit(work.nap_apart, 30.0)
    scene.worker(1)
    deaths = []
    for number in range(3):
        lines = until(lambda n=number: (found := scene.ledger.lines("start"))[n:] and found)
        os.kill(lines[-1].pid, signal.SIGKILL)
        deaths.append(clock.monotonic())
        if number < 2:
            until(lambda n=number: harness.record(job).get("deaths") == str(n + 1))
            assert "its process ended in the middle of it" in harness.record(job)["error_message"]
    until(lambda: harness.status(job) == "failed")
    assert "rescues" not in harness.record(job), "its worker lived on"
    starts = [line.at for line in scene.ledger.lines("start")]
    assert starts[1] - deaths[0] >= 1
    assert starts[2] - deaths[1] >= 2
    assert scene.programs[0].stop() == 0  # hooks are told to the end
    assert len(scene.ledger.lines("failure")) == 1
    harness.audit([job]).verify()


@pytest.mark.parametrize("isolated", [False, True], ids=["in a thread", "in a process"])
def test_workers_and_their_children_end_with_the_supervisor(scene: harness.Env, isolated: bool) -> None:
    [job] = harness.submit(work.hold_apart if isolated else work.hold)
    program = scene.worker(2)
    until(lambda: scene.ledger.count("start"))
    family = program.family()
    assert len(family) >= 5  # supervisor, two workers, two zygotes
    os.kill(program.pid, signal.SIGKILL)
    program.process.wait()
    until(lambda: not any(lives(pid) for pid in family))
    assert not scene.ledger.lines("end", job)


@pytest.mark.parametrize("isolated", [False, True], ids=["in a thread", "in a process"])
def test_child_ends_with_its_worker(scene: harness.Env, isolated: bool) -> None:
    [job] = harness.submit(work.hold_apart if isolated else work.hold)
    program = scene.worker(1)
    until(lambda: scene.ledger.count("start"))
    family = program.family()[1:]
    os.kill(program.workers()[0], signal.SIGKILL)
    until(lambda: not any(lives(pid) for pid in family))
    scene.ledger.let_go()
    scene.settled([job]).verify()
    assert scene.ledger.runs()[job] == 2
    assert len(scene.ledger.lines("end", job)) == 1


@pytest.mark.parametrize("victim", ["supervisor", "worker", "group", "waiting process", "its own process"])
def test_programs_of_an_isolated_job_end_with_whoever_ran_it(scene: harness.Env, victim: str) -> None:
    program = scene.worker(1, 2)
    [job] = harness.submit(work.run_program_apart)
    until(lambda: len(scene.programs_of_jobs()) >= 3)
    started, [worker] = scene.programs_of_jobs(), program.workers()
    [waiting] = harness.children(worker)
    [line] = scene.ledger.lines("start", job)
    victims = {"supervisor": program.pid, "worker": worker, "waiting process": waiting, "its own process": line.pid}
    if victim == "group":  # what a supervisor does to a worker that is stuck
        os.killpg(worker, signal.SIGKILL)
    else:
        os.kill(victims[victim], signal.SIGKILL)
    until(lambda: not any(lives(pid) for pid in [*started, line.pid]))
