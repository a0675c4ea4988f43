"""Jobs that do not end in time: each is over at most 5 s after its limit, and the worker takes the next job."""

from collections.abc import Callable

import pytest

import clock
from tests import patience
from tests.faults import harness, work
from tests.local.real import lives, until

pytestmark = pytest.mark.real_redis

GRACE_S = 5.0
LEEWAY_S = 1.0  # between the end in Redis and our seeing it
EARLY_S = 0.2  # its time runs from when it was handed to its thread, a little before its own first line

#: Jobs that the limit itself ends, and those whose thread is written off.
SOFT = (work.sleep_short_naps, work.spin, work.swallow, work.wait_on_loop, work.run_program)
HARD = (work.receive, work.sleep_long, work.compute)


def over_at(job: str) -> float:
    """When the job was over, by our clock."""
    until(lambda: harness.status(job) == "failed")
    return clock.monotonic()


def test_every_kind_of_job_is_over_in_time_and_the_worker_takes_the_next(scene: harness.Env) -> None:
    funcs: list[Callable[..., object]] = [*SOFT, *HARD, work.compute_apart]
    ids = {func.__name__: harness.submit(func)[0] for func in funcs}
    program = scene.worker(1, len(funcs))
    until(lambda: scene.ledger.count("start") == len(ids))
    until(lambda: scene.programs_of_jobs())
    [worker] = program.workers()
    started = {line.job: line.at for line in scene.ledger.lines("start")}
    took = {name: over_at(job) - started[job] for name, job in ids.items()}  # in the order in which they end
    print(" ".join(f"{name} {seconds:.1f}" for name, seconds in took.items()))
    latest_s = work.TIMEOUT_S + GRACE_S + patience.leeway(LEEWAY_S)
    for name, seconds in took.items():
        assert work.TIMEOUT_S - EARLY_S <= seconds <= latest_s, name
    for name, job in ids.items():
        last = harness.results(job)[-1]
        assert last["type"] == "2", name
        record = harness.record(job)
        assert record["error_category"] == "system", name
        assert f"did not end within {work.TIMEOUT_S} s" in record["error_message"], name
    assert not scene.ledger.lines("end")
    assert program.log.read_text().count("was killed") == 0
    following = harness.submit(work.nap, 0.0, times=5)
    scene.settled(following).verify()
    until(lambda: not lives(worker))  # written-off threads: it is replaced
    assert program.said("A worker was recycled") == 1
    assert not scene.programs_of_jobs()
    assert program.stop() == 0  # hooks are told to the end
    assert sorted(line.job for line in scene.ledger.lines("failure")) == sorted(ids.values())
    harness.audit([*ids.values(), *following]).verify()


def test_match_that_holds_the_interpreter_does_not_take_the_other_jobs_with_it(scene: harness.Env) -> None:
    """No thread of its process runs any more: it is killed, and the job runs alone in a process, which is killed in time too."""
    [job] = harness.submit(work.match)
    program = scene.worker(2, 2)
    until(lambda: scene.ledger.count("start"))
    ids = harness.submit(work.nap, 0.01, times=10)
    over_at(job)
    scene.settled(ids).verify()
    assert "did not end within" in harness.record(job)["error_message"]
    assert program.said("No thread of a worker runs any more") and program.said("was killed by SIGKILL") == 1
    assert not lives(scene.ledger.lines("start", job)[0].pid)
    until(lambda: len(program.workers()) == 2)
    harness.audit([job, *ids]).verify()


@pytest.mark.parametrize("job", [work.run_program, work.run_program_apart], ids=["in a thread", "in a process"])
def test_programs_of_a_job_that_ran_out_of_time_end_with_it_though_other_jobs_go_on(
    scene: harness.Env, job: Callable[..., object]
) -> None:
    program = scene.worker(1, 3)
    [long] = harness.submit(work.nap, 30.0)
    [late] = harness.submit(job)
    until(lambda: scene.programs_of_jobs())
    over_at(late)
    until(lambda: not scene.programs_of_jobs())
    assert harness.status(long) == "started" and scene.ledger.runs()[long] == 1
    assert program.said("was killed") == 0


@pytest.mark.parametrize("then", ["end", "wait", "deaf"])
def test_programs_with_a_session_of_their_own_end_with_the_process_of_their_job(scene: harness.Env, then: str) -> None:
    scene.worker(1, 3)
    [job] = harness.submit(work.run_program_detached, then)
    until(lambda: scene.ledger.lines("start", job))
    until(lambda: harness.status(job) in ("finished", "failed"))
    until(lambda: not scene.programs_of_jobs())
    assert harness.status(job) == ("finished" if then == "end" else "failed")


@pytest.mark.parametrize("then", ["crash", "end"])
def test_programs_that_a_process_of_its_own_left_behind_end_with_it(scene: harness.Env, then: str) -> None:
    scene.worker(1, 3)
    [job] = harness.submit(work.run_program_apart, then)
    until(lambda: scene.ledger.lines("start", job))
    until(lambda: harness.status(job) in ("scheduled", "finished"))
    until(lambda: not scene.programs_of_jobs())
    assert harness.status(job) == ("scheduled" if then == "crash" else "finished")
