"""What a job forks gets the default signals, ends when it is told to, and never goes on with the work of its worker."""

import signal

import pytest
import rq.serializers

import queues
from state.store import connection
from tests.faults import copies, harness, work
from tests.local.real import lives, until

pytestmark = pytest.mark.real_redis

WHERE = {"thread": copies.copy, "process": copies.copy_apart, "loop": copies.copy_on_loop}


def result(job: str) -> str:
    """Its result as text."""
    return str(queues.Job.fetch(job, connection=connection.client(), serializer=rq.serializers.JSONSerializer).return_value())


def masks(text: str) -> list[int]:
    """The masks in lines of /proc/<pid>/status."""
    return [int(line.split()[1], 16) for line in text.splitlines()]


@pytest.mark.parametrize("where", WHERE)
def test_children_of_jobs_have_the_default_signals_and_end_when_they_are_terminated(scene: harness.Env, where: str) -> None:
    program = scene.worker(1, len(copies.WAYS))
    ids = {way: harness.submit(WHERE[where], way)[0] for way in copies.WAYS}
    scene.settled(ids.values()).verify(), {way: harness.status(job) for way, job in ids.items()}
    results = {way: result(job) for way, job in ids.items()}
    for way in ("fork", "spawn"):
        assert results[way] == str(-signal.SIGTERM), way
    # Python's fork server may fail to hear how its child ended, on a busy machine: then it says 255
    assert results["forkserver"] in (str(-signal.SIGTERM), "255")
    assert results["os.fork"] == results["pty.fork"] == "{}", results
    for way in ("program", "preexec_fn"):
        blocked, ignored = masks(results[way])
        assert not blocked, way
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGCHLD):
            assert not ignored >> (signum - 1) & 1, (way, signum)
    assert results["pool"] == "True"
    assert program.said("was killed") == 0 and scene.ledger.runs() == dict.fromkeys(ids.values(), 1)


@pytest.mark.parametrize(
    ("job", "how", "code"),
    [
        (copies.leave, "exit", 7),
        (copies.leave, "raise", 1),
        (copies.leave, "return", 0),
        (copies.leave_apart, "exit", 7),
        (copies.leave_apart, "return", 0),
        (copies.leave_on_loop, "raise", 1),
        (copies.leave_on_loop, "return", 0),
        (copies.leave_on_loop, "await", 1),
    ],
)
def test_a_copy_that_comes_out_of_its_job_ends_and_the_worker_goes_on(
    scene: harness.Env, job: object, how: str, code: int
) -> None:
    program = scene.worker(1, 2)
    [worker] = program.workers()
    [forked] = harness.submit(job, how)
    others = harness.submit(work.nap, 0.0, times=5) + harness.submit(work.nap_on_loop, 0.0, times=5)
    scene.settled([forked, *others]).verify()
    until(lambda: scene.ledger.lines(f"left:{code}", forked))
    assert harness.status(forked) == "finished"
    assert {line.pid for line in scene.ledger.lines("start")} == {worker}, "no copy took a job"
    assert program.workers() == [worker] and lives(worker)
    assert program.stop() == 0
