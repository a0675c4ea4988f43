"""SIGTERM in every form: what can end in the grace ends, the rest is put back and nothing is spent."""

import os
import random
import signal

import pytest

import clock
import queues
from tests import patience
from tests.faults import harness, kill_points, work
from tests.faults.callers import a_steady_load
from tests.local.real import lives, until

pytestmark = pytest.mark.real_redis

RESTARTS = [20, pytest.param(60, marks=pytest.mark.long)]

#: What jobs in hand get, and what giving them back and ending takes beside it.
GRACE_S, LEEWAY_S = 1, 2


def once(program: harness.Program) -> None:
    """SIGTERM to the supervisor."""
    program.process.terminate()


def twice(program: harness.Program) -> None:
    """A second one while it stops, to the supervisor and to its workers."""
    at = clock.monotonic()
    program.process.terminate()
    until(lambda: program.said("Requeued unfinished jobs") or harness.seconds_since(at) > 0.3)
    program.send(signal.SIGTERM, [program.pid, *program.workers()])


def group(program: harness.Program) -> None:
    """SIGTERM to the whole group, as `docker stop` and Ctrl-C do."""
    os.killpg(program.pid, signal.SIGTERM)


def hang_up(program: harness.Program) -> None:
    """SIGHUP to the whole group, as from a terminal that is closed."""
    os.killpg(program.pid, signal.SIGHUP)


@pytest.mark.parametrize("ask", [once, twice, group, hang_up])
def test_short_jobs_end_before_the_worker_does(scene: harness.Env, ask: object) -> None:
    funcs = (work.nap, work.nap_apart, work.nap_on_loop)
    ids = [job for func in funcs for job in harness.submit(func, 1.0)]
    program = scene.worker(1, SHUTDOWN_TIMEOUT="60")
    until(lambda: scene.ledger.count("start") == len(ids))
    waiting = harness.submit(work.nap, 0.0, times=3)
    until(lambda: scene.ledger.count("end") >= len(waiting))
    ask(program)  # type: ignore[operator]
    assert program.process.wait(patience.HANG_S) == 0
    found = harness.audit(ids)
    found.verify()
    assert found.counts() == {"done": len(ids)}
    assert set(scene.ledger.runs().values()) == {1}


@pytest.mark.parametrize("ask", [once, twice, group])
def test_long_jobs_are_put_back_and_nothing_is_spent(scene: harness.Env, ask: object) -> None:
    funcs = (work.nap_with_retry, work.nap_apart, work.nap_on_loop, work.compute_long)
    ids = [job for func in funcs for job in harness.submit(func, 60.0)]
    program = scene.worker(1, SHUTDOWN_TIMEOUT=str(GRACE_S))
    until(lambda: scene.ledger.count("start") == len(ids))
    family = program.family()
    at = clock.monotonic()
    ask(program)  # type: ignore[operator]
    assert program.process.wait(patience.HANG_S) == 0
    took_s = harness.seconds_since(at)
    print(f"stopped after {took_s:.1f} s")
    assert took_s <= GRACE_S + patience.leeway(LEEWAY_S)
    until(lambda: not any(lives(pid) for pid in family))
    found = harness.audit(ids)
    found.verify()
    assert found.counts() == {"queued": len(ids)}
    for job in ids:
        record = harness.record(job)
        assert record["status"] == "queued"
        assert record.get("retries_left", "1") == "1"
        assert not {"deaths", "rescues", "attempt"} & record.keys()
    assert harness.results(ids[0]) == []


@pytest.mark.parametrize("names", [(queues.DEFAULT,), queues.QUEUES], ids=["one queue", "three queues"])
@pytest.mark.parametrize("restarts", RESTARTS)
def test_rolling_restarts_under_load(scene: harness.Env, dice: random.Random, names: tuple[str, ...], restarts: int) -> None:
    program = scene.worker(3, 5, "--queues", ",".join(names), TRAWL_TEST_NO_BACKOFF="1")
    slowest_s = 0.0
    with a_steady_load(names) as ids:
        for number in range(restarts):
            workers = until(program.workers)
            victim = dice.choice(workers)
            at = clock.monotonic()
            os.kill(victim, signal.SIGTERM)
            until(lambda pid=victim: not lives(pid))
            slowest_s = max(slowest_s, harness.seconds_since(at))
            if number % 3 == 2:
                program.ready(number)
    found = scene.settled(ids)
    found.verify()
    print(f"{len(ids)} jobs, slowest stop {slowest_s:.2f} s")
    assert found.counts() == {"done": len(ids)}
    assert scene.ledger.runs() == dict.fromkeys(ids, 1)
    assert program.said("killed by SIGKILL") == 0  # one that was asked before it was ready ends by the signal itself


@pytest.mark.parametrize("step", kill_points.STEPS)
def test_asked_to_stop_at_each_step(scene: harness.Env, step: str) -> None:
    """Where RQ's worker loses a job for ever: between taking it and starting it (test_stock.py)."""
    ids = harness.submit(work.nap_with_retry, 0.02, times=30, names=queues.QUEUES)
    program = scene.worker(2, 3, step=step, TRAWL_TEST_SIGNAL=str(int(signal.SIGTERM)))
    scene.settled(ids).verify()
    assert not (scene.folder / "fuse").exists()
    until(lambda: program.said("started again in") == 1)  # it was replaced
    assert program.said("was killed") == 0
    assert scene.ledger.runs() == dict.fromkeys(ids, 1)
    assert {harness.record(job)["retries_left"] for job in ids} == {"1"}


def test_a_process_is_replaced_after_its_jobs_and_none_is_dropped(scene: harness.Env) -> None:
    """While as many processes end as there are slots, the others stay: so how many jobs eight replacements take is open."""
    program = scene.worker(2, 5, "--max-jobs", "10")
    ids: list[str] = []

    def replaced_often() -> bool:
        ids.extend(harness.submit(work.nap, 0.005, times=20))
        scene.settled(ids).verify()
        return program.said("A worker was recycled") >= 8

    until(replaced_often)
    assert scene.ledger.runs() == dict.fromkeys(ids, 1)
    assert program.said("was killed") == 0
