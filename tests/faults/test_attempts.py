"""Attempts and what jobs log are kept, whatever becomes of the job, its process and its worker."""

import os
import signal

import pytest

import queues
from state.store import connection, keys
from tests.faults import harness, talk
from tests.local.real import until
from topics.operations import attempts, jobs
from topics.operations.attempts import Attempt

pytestmark = pytest.mark.real_redis

WAYS = [talk.say, talk.say_on_loop, talk.say_apart]

#: What each of these jobs says first.
LINES = ["begins {} token=***", "noted, password=***", "the last line"]


def of(job_id: str) -> list[Attempt]:
    return attempts.of(jobs.get_job_status(job_id))


def texts(attempt: Attempt) -> list[str]:
    return [line.text for line in attempt.lines]


@pytest.mark.parametrize("func", WAYS)
def test_lines_are_kept_of_one_that_fails_and_of_one_that_succeeds(scene: harness.Env, func: object) -> None:
    failed, good, many = (queues.submit(func, how).job_id for how in ("fail", "well", "chatter"))  # type: ignore[arg-type]
    scene.worker(1, TRAWL_TEST_NO_BACKOFF="1")
    scene.settled([failed, good, many]).verify()
    first, second = of(failed)
    for one in (first, second):
        assert (one.how, one.error_class, one.category) == ("failed", "Asked", "system")
        assert one.message == "failed as asked, token=***" and "talk.py" in one.trace and "xyz789" not in one.trace
        assert texts(one) == [line.format("fail") for line in LINES]
        assert one.began and one.ended and one.began <= one.ended and one.worker
    assert first.retry_in_s is not None and second.retry_in_s is None
    assert first.ended and second.began and first.ended <= second.began
    [one] = of(good)
    assert one.how == "completed" and texts(one) == [line.format("well") for line in LINES]
    [one] = of(many)
    kept = texts(one)
    assert len(kept) <= 201 and sum(map(len, kept)) <= 16_100
    assert kept[0].endswith("earlier lines are not kept") and kept[-1].startswith("line 4999 ")
    assert 0 < connection.client().ttl(keys.attempts(good)) <= 500


@pytest.mark.parametrize("func", WAYS)
def test_lines_of_a_job_that_runs_are_seen_and_stay_when_its_worker_is_killed(scene: harness.Env, func: object) -> None:
    job_id = queues.submit(func, "hold").job_id  # type: ignore[arg-type]
    program = scene.worker(1)
    until(lambda: (found := of(job_id)) and found[-1].how == "running" and len(found[-1].lines) == 3)
    [one] = of(job_id)
    assert texts(one) == [line.format("hold") for line in LINES] and one.began
    began = one.began
    program.close()
    scene.ledger.let_go()
    scene.worker(1)
    scene.settled([job_id]).verify()
    crashed, second = of(job_id)
    assert (crashed.how, crashed.error_class) == ("crashed", "WorkerDied") and crashed.began == began
    assert texts(crashed) == texts(second) == [line.format("hold") for line in LINES]
    assert second.how == "completed" and connection.client().get(keys.lines(job_id)) is None


@pytest.mark.parametrize("how", ["kill", "segfault"])
def test_the_last_words_of_a_process_that_dies_are_kept(scene: harness.Env, how: str) -> None:
    job_id = queues.submit(talk.say_apart, how).job_id
    scene.worker(1)
    until(lambda: (found := of(job_id)) and found[0].how != "running")
    first = of(job_id)[0]
    assert (first.how, first.error_class) == ("crashed", "Crashed") and texts(first) == [line.format(how) for line in LINES]


def test_a_job_that_is_put_back_at_the_end_of_its_worker_leaves_its_lines(scene: harness.Env) -> None:
    job_id = queues.submit(talk.say, "hold").job_id
    program = scene.worker(1, SHUTDOWN_TIMEOUT="1")
    until(lambda: scene.ledger.count("start"))
    until(lambda: of(job_id)[-1].lines)
    assert program.stop() == 0
    [one] = of(job_id)
    assert one.how == "put back" and texts(one) == [line.format("hold") for line in LINES]


def test_a_text_without_end_holds_up_nobody_and_one_that_raises_harms_nothing(scene: harness.Env) -> None:
    endless, raising = queues.submit(talk.log_endless).job_id, queues.submit(talk.log_raising).job_id
    others = [queues.submit(talk.say, "well").job_id for _ in range(20)]
    program = scene.worker(1)
    scene.settled([endless, raising, *others])
    assert program.workers()
    assert [one.how for one in of(endless)] == ["timed out"]
    assert of(others[-1])[0].how == of(raising)[0].how == "completed"


def test_stopping_a_worker_in_the_middle_of_a_line_leaves_the_job_whole(scene: harness.Env) -> None:
    """A worker that stands still does not hold up the process of an isolated job that logs a lot."""
    job_id = queues.submit(talk.say_apart, "chatter").job_id
    program = scene.worker(1)
    [worker] = program.workers()
    until(lambda: scene.ledger.count("start"))
    os.kill(worker, signal.SIGSTOP)
    until(lambda: scene.ledger.count("end"))
    os.kill(worker, signal.SIGCONT)
    scene.settled([job_id])
    assert of(job_id)[-1].how == "completed"
