"""Jobs that take their process down: alone from the second time on, dead after the third, and never another job with them."""

import os
import signal

import pytest

from state.engine import leases, rescues
from tests.faults import harness, work
from tests.local.real import until

pytestmark = pytest.mark.real_redis

KILLERS = (work.segfault, work.exit_0, work.exit_1)

#: Kills of its worker that an innocent job lives through; more than what poisons a job that dies by itself.
KILLS = 5


def test_poison_is_dead_after_three_deaths_and_the_others_flow(scene: harness.Env) -> None:
    poison = [harness.submit(func)[0] for func in KILLERS]
    others = harness.submit(work.nap, 0.02, times=100)
    program = scene.worker(2, 5)
    scene.settled(poison + others).verify()
    runs = scene.ledger.runs()
    for job in poison:
        assert runs[job] <= 1 + leases.POISON_DEATHS  # the first takes a worker down, the others run alone
        record = harness.record(job)
        assert (record["status"], record["deaths"]) == ("failed", str(leases.POISON_DEATHS - 1))
        assert f"{leases.POISON_DEATHS} times" in record["error_message"]
    assert all(harness.status(job) == "finished" for job in others)
    assert program.stop() == 0  # hooks are told to the end
    assert sorted(line.job for line in scene.ledger.lines("failure")) == sorted(poison)
    assert program.said("was killed by") + program.said("ended with exit code") <= len(KILLERS)  # alone from then on


def test_job_that_wants_too_much_memory_fails_with_the_reason(scene: harness.Env) -> None:
    [job] = harness.submit(work.devour)
    [other] = harness.submit(work.nap, 0.5)
    program = scene.worker(1)
    scene.settled([job, other]).verify()
    assert harness.status(job) == "failed"
    assert "MemoryError" in harness.record(job)["error_message"]
    assert harness.status(other) == "finished"
    assert program.stop() == 0
    assert len(scene.ledger.lines("failure", job)) == 1


def test_innocent_long_job_is_not_given_up_however_often_its_worker_is_killed(scene: harness.Env) -> None:
    """First in a thread, then alone in a process: that the whole worker is killed is not its doing."""
    [innocent] = harness.submit(work.hold)
    program = scene.worker(1, 5, TRAWL_TEST_NO_BACKOFF="1")
    for number in range(1, KILLS + 1):
        until(lambda n=number: scene.ledger.runs()[innocent] == n)
        os.kill(program.workers()[0], signal.SIGKILL)
    until(lambda: scene.ledger.runs()[innocent] == KILLS + 1)
    scene.ledger.let_go()
    scene.settled([innocent]).verify()
    record = harness.record(innocent)
    assert (record["status"], record["rescues"], record.get("deaths", "0")) == ("finished", str(KILLS), "0")
    assert scene.ledger.runs()[innocent] == KILLS + 1
    assert not scene.ledger.lines("failure")


def test_job_that_takes_its_whole_worker_down_is_stopped_in_the_end(scene: harness.Env) -> None:
    """Alone in a process it still reaches its worker: then rescues, which count apart, give it up."""
    [killer] = harness.submit(work.kill_worker)
    others = harness.submit(work.nap, 0.0, times=20)
    program = scene.worker(1, 5, TRAWL_TEST_NO_BACKOFF="1")
    scene.settled([killer, *others]).verify()
    assert harness.status(killer) == "failed"
    assert f"its worker died {rescues.POISON_RESCUES} times" in harness.record(killer)["error_message"]
    assert scene.ledger.runs()[killer] <= rescues.POISON_RESCUES + 1  # once, a death before its start was noted spends none
    assert all(harness.status(job) == "finished" for job in others)
    assert program.stop() == 0
    assert len(scene.ledger.lines("failure", killer)) == 1


def test_worker_whose_waiting_process_was_killed_is_replaced(scene: harness.Env) -> None:
    program = scene.worker(1)
    [worker] = program.workers()
    [zygote] = harness.children(worker)
    os.kill(zygote, signal.SIGKILL)
    ids = harness.submit(work.nap_apart, 0.01, times=5)
    scene.settled(ids).verify()
    assert all(harness.status(job) == "finished" for job in ids)
    assert scene.ledger.runs() == dict.fromkeys(ids, 1)
    assert not any("deaths" in harness.record(job) for job in ids)


def test_job_of_its_own_process_learns_how_a_program_of_its_own_ended(scene: harness.Env) -> None:
    [job] = harness.submit(work.run_false)
    scene.worker(1)
    scene.settled([job]).verify()
    assert harness.record(job)["status"] == "finished"
    assert harness.results(job)[-1]["return_value"] == "MQ=="  # 1, as JSON in base64
