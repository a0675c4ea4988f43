"""The parent of worker processes: what it does when one ends, is killed, is recycled, or all are asked to stop."""

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import rq

import clock
import config
import errors
import queues
from state.engine import leases, rescues
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work
from tests.faults.conftest import scene as scene  # a fixture
from tests.local import real
from tests.local.real import lives, until
from worker import outcomes, process, supervisor

pytestmark = pytest.mark.real_redis


def test_options_come_from_the_command_line_and_else_from_the_settings() -> None:
    given: dict[str, Any] = {"weighted": True, "max_rss_mb": None, "prefetch": None, "burst": False}
    made = process.options(threads=None, coroutines=7, names="low, normal", max_jobs=0, **given)
    settings = config.settings()
    assert (made.queues, made.threads, made.coroutines) == (["low", "default"], settings.worker_threads, 7)
    assert (made.max_jobs, made.max_rss_mb, made.grace_s) == (0, settings.worker_max_rss_mb, settings.shutdown_timeout)
    with pytest.raises(errors.ArgumentError, match="No queue 'urgent'"):
        process.options(threads=1, coroutines=1, names="urgent", max_jobs=1, **given)


def test_worker_names_are_unique_and_fit_for_rq() -> None:
    names = {supervisor.worker_name() for _ in range(100)}
    assert len(names) == 100 and all(" " not in name and ":" not in name for name in names)


def test_a_worker_that_is_killed_is_replaced_and_its_jobs_are_back_at_once(scene: harness.Env) -> None:
    program = scene.worker(1, 4)
    ids = harness.submit(work.hold, times=4)
    until(lambda: scene.ledger.count("start") == 4)
    [worker] = program.workers()
    killed = clock.monotonic()
    os.kill(worker, signal.SIGKILL)
    until(lambda: scene.ledger.count("start") == 8)
    took_s = harness.seconds_since(killed)
    assert took_s < max(leases.LEASE_MS / 1000, patience.leeway(3)), "nobody waited for the leases to run out"
    scene.ledger.let_go()
    scene.settled(ids).verify()
    assert scene.ledger.runs() == dict.fromkeys(ids, 2) and program.said("killed by SIGKILL") == 1
    assert [one.name for one in rq.Worker.all(connection=connection.client())] != [] and len(program.workers()) == 1


def test_a_worker_is_recycled_after_so_many_jobs_and_none_is_dropped_or_run_twice(scene: harness.Env) -> None:
    """Twenty jobs are ten for one of two workers at least; the other goes on beyond ten while it would not be replaced."""
    program, ids = scene.worker(2, 5, "--max-jobs", "10"), []
    for rounds in (1, 2, 3, 4):
        ids += harness.submit(work.nap, 0.0, times=20)
        until(lambda rounds=rounds: program.said("A worker was recycled") >= rounds)
    scene.settled(ids).verify()
    assert set(scene.ledger.runs().values()) == {1} and len(scene.ledger.runs()) == len(ids)
    assert program.said("started again in") == 0, "a recycled process is no accident"


def test_burst_ends_by_itself_when_the_queues_are_empty(scene: harness.Env) -> None:
    ids = harness.submit(work.nap, 0.0, times=20, names=queues.QUEUES)
    program = scene.program("worker", "--processes", "2", "--threads", "3", "--burst")
    assert program.process.wait(patience.HANG_S) == 0
    harness.audit(ids).verify()
    assert harness.audit(ids).counts() == {"done": 20} and rq.Worker.all(connection=connection.client()) == []


def test_sigterm_ends_supervisor_and_workers_and_their_records(scene: harness.Env) -> None:
    program = scene.worker(2, 2)
    family = program.family()
    assert program.stop() == 0
    until(lambda: not any(lives(pid) for pid in family))
    assert rq.Worker.all(connection=connection.client()) == []


def test_taking_back_from_a_dead_worker_with_redis_away_is_only_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def away(dead: str = "") -> None:
        asked.append(dead)
        raise errors.StoreUnreachable("Redis is away")

    monkeypatch.setattr(rescues, "rescue", away)
    supervisor.rescue_jobs("host-1")
    assert asked == ["host-1"] and "Redis is away" in caplog.text


def test_a_failure_hook_runs_beside_the_supervisor_and_may_hang(
    store: Any, real_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poisoned job is settled by whoever takes it back; the supervisor forks, so it starts no thread for its hooks."""

    def hook(failure: outcomes.Failure) -> None:
        (tmp_path / "told").write_text(f"{os.getpid()} {failure.category} {failure.message}")
        clock.wait(60)

    def is_given_up() -> bool:  # a lease may run out first: then it takes one death more
        leases.exchange("dead", [], leases.LeaseRequest(1, queues.QUEUES, 1))
        store.delete(keys.last_request("dead"))
        supervisor.rescue_jobs("dead")
        return harness.status(job_id) == "failed"

    monkeypatch.setattr(outcomes, "_hooks", [hook])
    job_id = queues.submit(work.nap, 0.0).job_id
    with config.overridden(redis_url=real_server):
        until(is_given_up)
        until(lambda: (tmp_path / "told").exists() and (tmp_path / "told").read_text())
        told = (tmp_path / "told").read_text().split(maxsplit=1)
        assert int(told[0]) != os.getpid() and re.search(r"its worker died 1\d times", told[1])
        for child in supervisor._followers:
            child.kill()
            until(lambda: child.poll() is not None)  # noqa: B023 (called in this turn)
        supervisor._followers.clear()


#: `manage.py worker` with failure hooks that take their process down, raise and hang.
BAD_HOOKS = """
import ctypes, time
from worker import outcomes, process, supervisor
from tests.faults import work

@outcomes.on_failure
def raises(failure):
    raise RuntimeError("hook")

@outcomes.on_failure
def worst(failure):
    work.note("hook", failure.job_id)
    time.sleep(120) if {how!r} == "hang" else ctypes.string_at(0)

raise SystemExit(supervisor.run(1, process.Options(threads=3, grace_s=1)))
"""


@pytest.mark.parametrize("how", ["hang", "segfault"])
def test_whatever_a_hook_does_the_outcome_stands_and_the_others_run(scene: harness.Env, how: str, tmp_path: Path) -> None:
    env = {"REDIS_URL": scene.server.url, "TRAWL_TEST_LEDGER": str(scene.ledger.path)}
    with real.program(BAD_HOOKS.format(how=how), tmp_path / "log", **env) as program:
        [bad] = harness.submit(work.devour)
        until(lambda: scene.ledger.lines("hook", bad))
        others = harness.submit(work.nap, 0.0, times=10)
        scene.settled([bad, *others]).verify()
        assert harness.status(bad) == "failed" and len(harness.results(bad)) == 1
        assert len(scene.ledger.lines("hook", bad)) == 1, "it is told once, whatever came of it"
        program.terminate()
        assert program.wait(patience.HANG_S) == 0


#: `manage.py worker` with a failure hook that takes a while.
SLOW_HOOK = """
from worker import outcomes, process, supervisor
from tests.faults import work

@outcomes.on_failure
def slow(failure):
    work.note("hook", failure.job_id)
    work.clock.wait(2)
    work.note("told", failure.job_id)

raise SystemExit(supervisor.run(1, process.Options(threads=3, grace_s=1)))
"""


def test_at_its_end_the_supervisor_waits_for_the_hooks_it_started(scene: harness.Env, tmp_path: Path) -> None:
    env = {"REDIS_URL": scene.server.url, "TRAWL_TEST_LEDGER": str(scene.ledger.path)}
    with real.program(SLOW_HOOK, tmp_path / "log", **env) as program:
        [job] = harness.submit(work.nap, 60.0)
        connection.client().hset(keys.job(job), "rescues", rescues.POISON_RESCUES - 1)
        until(lambda: scene.ledger.lines("start", job))
        os.kill(harness.children(program.pid, without="parent_death.py watch")[0], signal.SIGKILL)
        until(lambda: scene.ledger.lines("hook", job))
        program.terminate()
        assert program.wait(patience.HANG_S) == 0
        assert scene.ledger.lines("told", job), "it was told to the end"
