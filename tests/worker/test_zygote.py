"""Jobs in processes of their own: results and errors come back, limits hold, and whatever happens there stays there."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clock
import config
import errors
import queues
from state.engine import leases
from state.store import keys
from tests import patience
from tests.local.real import lives, may_run, until
from tests.worker import ended_by, value_of
from worker import execution as executions
from worker import outcomes, raised, zygote

pytestmark = pytest.mark.real_redis


@queues.job(isolated=True, retries=0)
def where(value: Any = None) -> Any:
    """Process and argument."""
    return [os.getpid(), value]


@queues.job(isolated=True, retries=0)
async def where_later() -> int:
    """A coroutine in a process of its own."""
    return os.getpid()


@queues.job(isolated=True, retries=0)
def fail(kind: str) -> None:
    """Raise the error of that name."""
    refused = errors.NetworkError("try tomorrow")
    refused.retry_after_s = 77
    raise {
        "blocked": errors.BlockedError("captcha"),
        "foreign": KeyError("x"),
        "own class": Delayed("again in a moment"),
        "own policy": refused,
        "standard library": ConnectionResetError("gone"),
    }[kind]


class Delayed(errors.TrawlError):
    """An error of the user's."""

    category, retryable, retry_after_s = "budget", True, 2


@queues.job(isolated=True, retries=0)
def die(how: str) -> None:
    """Take the process down."""
    if how == "segfault":
        ctypes.string_at(0)
    elif how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(int(how))


@queues.job(isolated=True, memory_mb=300, retries=0)
def devour(megabytes: int) -> int:
    """Ask for memory."""
    return len(bytearray(megabytes << 20))


@queues.job(isolated=True, timeout_s=1, retries=0)
def hang(folder: str, deaf: bool) -> str:
    """Wait too long; a deaf one takes no signal."""
    if deaf:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    Path(folder, "pid").write_text(str(os.getpid()))
    clock.wait(60)
    return "slept through"


@queues.job(isolated=True, retries=0)
def walk(folder: str) -> None:
    """Tell of steps until it is stopped."""
    for step in range(100_000):
        queues.progress(step)
        Path(folder, "pid").write_text(str(os.getpid()))
        clock.wait(0.01)


@queues.job(isolated=True, retries=0)
def leave_a_trace() -> bool:
    """Change what the process holds; says whether somebody did before."""
    seen = hasattr(sys, "trawl_was_here")
    sys.trawl_was_here = True  # type: ignore[attr-defined]
    return seen


@queues.job(isolated=True, retries=0)
def leave_a_daemon(folder: str) -> None:
    """Start a program that belongs to nobody, with all that is open, and go."""
    os.system(f"cd {folder} && setsid sh -c 'echo $$ > pid; exec sleep 600' &")
    while not Path(folder, "pid").exists():
        clock.wait(0.01)
    os._exit(1)


@pytest.fixture
def apart(store: Any, real_server: str) -> Iterator[zygote.Zygote]:
    with config.overridden(redis_url=real_server):
        made = zygote.Zygote()
        yield made
        made._socket.close()  # it ends with its socket
        os.waitpid(made.pid, 0)


def task(func: Any, *args: Any) -> executions.Execution:
    path = f"{func.__module__}.{func.__qualname__}"
    job = leases.Leased(f"job-{leases.token()}", "w-1-1", "default", {})
    spec = queues.spec_of(path)
    return executions.Execution(job, executions.Call(path, func, list(args), {}, spec.timeout_s, True, False))


def ran(apart: zygote.Zygote, func: Any, *args: Any) -> executions.Execution:
    one = task(func, *args)
    apart.run(one)
    return one


@pytest.mark.parametrize("value", [None, 1, "ä\U0001f600", {"a": [1.5]}, "x" * 900_000])
def test_results_come_back_from_another_process_each_time(apart: zygote.Zygote, value: Any) -> None:
    first, second = ran(apart, where, value), ran(apart, where, value)
    assert first.error is None and value_of(first)[1] == value_of(second)[1] == value
    assert len({value_of(first)[0], value_of(second)[0], os.getpid(), apart.pid}) == 4


def test_a_coroutine_runs_there_too(apart: zygote.Zygote) -> None:
    assert value_of(ran(apart, where_later)) not in (None, os.getpid())


def test_no_job_sees_what_another_one_left(apart: zygote.Zygote) -> None:
    assert [value_of(ran(apart, leave_a_trace)) for _ in range(3)] == [False] * 3


def test_errors_come_back_with_their_retry_policy_and_trace(apart: zygote.Zygote) -> None:
    ours, foreign = ran(apart, fail, "blocked"), ran(apart, fail, "foreign")
    assert ended_by(ours, errors.BlockedError) and ours.error and "BlockedError: captcha" in ours.error.trace
    assert foreign.error and foreign.error.name == "KeyError" in foreign.error.trace
    assert foreign.error.category == "system" and foreign.error.retryable


@pytest.mark.parametrize(
    ("kind", "category", "base_s"),
    [("own class", "budget", 2), ("own policy", "network", 77), ("standard library", "network", 60)],
)
def test_what_a_retry_goes_by_crosses_the_border_too(apart: zygote.Zygote, kind: str, category: str, base_s: float) -> None:
    error = ran(apart, fail, kind).error
    assert error and (error.category, error.retry_after_s, error.retryable) == (category, base_s, True)


@pytest.mark.parametrize("how", ["segfault", "kill", "0", "1"])
def test_a_process_that_ends_in_the_middle_is_a_crash_and_the_next_job_runs(apart: zygote.Zygote, how: str) -> None:
    one = ran(apart, die, how)
    assert ended_by(one, errors.Crashed) and outcomes.of(one).outcome == "retry"
    assert ran(apart, where).error is None


def test_a_daemon_that_a_job_left_does_not_keep_the_worker_waiting(apart: zygote.Zygote, tmp_path: Path) -> None:
    assert ended_by(ran(apart, leave_a_daemon, str(tmp_path)), errors.Crashed)
    daemon = int(until(lambda: (tmp_path / "pid").read_text()))
    assert lives(daemon), "it is still there, and we did not wait for it"
    os.kill(daemon, signal.SIGKILL)


def test_more_memory_than_allowed_is_an_error_and_less_is_none(apart: zygote.Zygote) -> None:
    assert value_of(ran(apart, devour, 10)) == 10 << 20
    assert "MemoryError" in str(ran(apart, devour, 2000).error)


@pytest.mark.parametrize("deaf", [False, True])
def test_a_job_past_its_time_is_ended_and_its_process_is_gone(apart: zygote.Zygote, deaf: bool, tmp_path: Path) -> None:
    started = clock.monotonic()
    one = ran(apart, hang, str(tmp_path), deaf)
    assert ended_by(one, errors.JobTimeout) and clock.monotonic() - started < patience.leeway(1 + zygote.KILL_AFTER_S + 1)
    until(lambda: not lives(int((tmp_path / "pid").read_text())))


def test_a_job_past_its_time_is_told_before_it_is_killed_though_the_consumer_noticed_first(
    apart: zygote.Zygote, tmp_path: Path
) -> None:
    one = task(hang, str(tmp_path), False)
    one.interrupted_by = errors.JobTimeout  # the consumer's watch
    apart.run(one)
    assert ended_by(one, errors.JobTimeout) and one.error and "in hang" in one.error.trace, "the job itself was interrupted"


@pytest.mark.parametrize(("mark", "error"), [("stop_asked", errors.JobCancelled), ("lost", errors.LeaseLost)])
def test_a_stopped_job_and_one_that_lost_its_lease_are_killed(
    apart: zygote.Zygote, tmp_path: Path, mark: str, error: type[BaseException]
) -> None:
    one = task(hang, str(tmp_path), True)
    one.call.timeout_s = 50
    thread = threading.Thread(target=apart.run, args=(one,))
    thread.start()
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    setattr(one, mark, True)
    thread.join(patience.HANG_S)
    assert not thread.is_alive() and ended_by(one, error)
    until(lambda: not lives(int((tmp_path / "pid").read_text())))


def test_progress_of_an_isolated_job_reaches_redis_and_stops_it(apart: zygote.Zygote, tmp_path: Path, store: Any) -> None:
    one = task(walk, str(tmp_path))
    store.hset(keys.job(one.job.id), "status", "started")
    store.zadd(keys.LEASES, {one.job.lease: 2e12})
    thread = threading.Thread(target=apart.run, args=(one,))
    thread.start()
    until(lambda: store.hexists(keys.job(one.job.id), "progress"))
    store.hset(keys.job(one.job.id), "cancel", 1)
    thread.join(patience.HANG_S)
    assert not thread.is_alive() and ended_by(one, errors.JobCancelled)


def test_without_the_waiting_process_jobs_go_back_unspent_and_the_worker_is_replaced(
    apart: zygote.Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals: list[int] = []
    os.kill(apart.pid, signal.SIGKILL)
    until(lambda: not lives(apart.pid))
    monkeypatch.setattr(zygote.os, "kill", lambda pid, signum: signals.append(signum))
    one = ran(apart, where)
    monkeypatch.undo()
    assert ended_by(one, raised.NotStarted) and signals == [signal.SIGTERM]
    assert outcomes.of(one).outcome == "again"


def test_nothing_begins_there_under_a_lease_that_may_have_run_out_since_it_was_sent(
    apart: zygote.Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = task(where)
    one.proven_until = clock.boottime() - 0.001
    apart.run(one)
    assert ended_by(one, raised.NotStarted) and outcomes.of(one) == outcomes.requeued(one.job)


def test_at_the_end_of_the_grace_its_process_is_gone_before_the_job_goes_back(apart: zygote.Zygote, tmp_path: Path) -> None:
    one = task(hang, str(tmp_path), False)
    one.call.timeout_s = 600
    thread = threading.Thread(target=apart.run, args=(one,))
    thread.start()
    pid = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    one.interrupted_by = errors.PutBack
    thread.join(patience.HANG_S)
    assert not may_run(pid) and outcomes.of(one) == outcomes.requeued(one.job)
