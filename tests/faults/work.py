"""Jobs for fault tests. Each notes its start and end in a ledger outside Redis, so that runs are counted and not believed.

Imported by the worker programs of `harness`, never by the product. The ledger is the file TRAWL_TEST_LEDGER names.
"""

import asyncio
import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import clock
import errors
import queues
from tests import patience
from worker import outcomes

TIMEOUT_S = 2

#: A program that runs for longer than any test.
PROGRAM = "sleep 4321"
MEMORY_MB = 400

NESTED = "(a+)+$"
#: A match that takes the regular expression engine, which is C and holds the interpreter, some hours.
AGES = "a" * 45 + "b"


def note(what: str, job_id: str, execution: str = "-") -> None:
    """Append one line to the ledger: what, job, execution, process, monotonic seconds."""
    line = f"{what} {job_id} {execution} {os.getpid()} {clock.monotonic():.4f}\n"
    ledger = os.open(os.environ["TRAWL_TEST_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(ledger, line.encode())
    finally:
        os.close(ledger)


def me() -> tuple[str, str]:
    """Job and execution this code runs in, under our engine or under RQ's worker."""
    run = queues.current_run.get()
    if run is not None:
        return run.job_id, getattr(run, "job").execution  # noqa: B009 (the protocol for jobs does not have it)
    import rq

    job = rq.get_current_job(job_class=queues.Job)
    return (job.id if job else "-"), "stock"


@contextmanager
def noted() -> Iterator[None]:
    """Note start and end of a run; a run that does not reach its end has none."""
    job_id, execution = me()
    note("start", job_id, execution)
    yield
    note("end", job_id, execution)


@outcomes.on_failure
def note_failure(failure: outcomes.Failure) -> None:
    """The failure hook of these tests."""
    note("failure", failure.job_id, failure.category)


@queues.job(retries=0)
def fail(number: int) -> None:
    """Fails for good; its message names a number, as those of pages do."""
    with noted():
        raise errors.DataError(f"page {number} is empty")


@queues.job(retries=0)
def nap(seconds: float) -> str:
    """Wait; the result says which process did."""
    with noted():
        clock.wait(seconds)
    return str(os.getpid())


@queues.job(retries=1)
def nap_with_retry(seconds: float) -> str:
    """The same, with a retry to spend."""
    with noted():
        clock.wait(seconds)
    return str(os.getpid())


@queues.job(retries=1)
def hold() -> str:
    """Wait until the test lets it go (`Ledger.let_go`): no matter how long a busy machine takes to do something to it."""
    with noted():
        wait_for_the_test()
    return str(os.getpid())


@queues.job(isolated=True, retries=0)
def hold_apart() -> str:
    """The same in a process of its own."""
    with noted():
        wait_for_the_test()
    return str(os.getpid())


def wait_for_the_test() -> None:
    """Return when there is a file `<ledger>.go`, or after some minutes."""
    for _ in range(int(patience.HANG_S) * 50):
        if os.path.exists(os.environ["TRAWL_TEST_LEDGER"] + ".go"):
            return
        clock.wait(0.02)


@queues.job()
def small() -> None:
    """Nothing, noted by one line."""
    note("small", me()[0])


@queues.job(retries=0)
def submit_many_small(count: int) -> None:
    """Submit so many of these, one at a time."""
    for number in range(count):
        queues.submit(small)
        queues.progress(number + 1, count)


@queues.job(kind="narrow", retries=0)
def nap_narrow(seconds: float) -> str:
    """The same, of a kind that tests limit."""
    with noted():
        clock.wait(seconds)
    return str(os.getpid())


@queues.job(isolated=True, retries=0)
def nap_apart(seconds: float) -> str:
    """The same in a process of its own."""
    with noted():
        clock.wait(seconds)
    return str(os.getpid())


@queues.job(retries=0)
async def nap_on_loop(seconds: float) -> str:
    """The same on the event loop."""
    with noted():
        await asyncio.sleep(seconds)
    return str(os.getpid())


@queues.job(retries=0)
def walk(steps: int, step_s: float) -> int:
    """Tell of every step."""
    with noted():
        for step in range(steps):
            queues.progress(step, steps, f"{os.getpid()}")
            clock.wait(step_s)
    return os.getpid()


@queues.job(retries=0)
def compute_long(seconds: float) -> None:
    """A C call that cannot be interrupted."""
    with noted():
        ctypes.CDLL(None).sleep(int(seconds))


class Hiccup(errors.NetworkError):
    """Passes by itself."""

    retry_after_s = 2


@queues.job(retries=1)
def fail_once() -> str:
    """Fail, and succeed when tried again."""
    with noted():
        job_id, execution = me()
        if _runs_of(job_id) < 2:
            raise Hiccup("try again")
    return execution


def _runs_of(job_id: str) -> int:
    with open(os.environ["TRAWL_TEST_LEDGER"]) as lines:
        return sum(line.startswith(f"start {job_id} ") for line in lines)


# --- jobs that do not end in time ---


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def receive() -> None:
    """Wait for bytes that never come."""
    with noted():
        ours, theirs = socket.socketpair()
        with theirs:
            ours.recv(1)


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def sleep_long() -> None:
    """One long sleep."""
    with noted():
        clock.wait(40)


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def sleep_short_naps() -> None:
    """Many short sleeps."""
    with noted():
        while True:
            clock.wait(0.05)


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def spin() -> None:
    """A loop without end."""
    with noted():
        while True:
            pass


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def swallow() -> None:
    """Catches every Exception there is, again and again."""
    with noted():
        while True:
            try:
                clock.wait(0.05)
            except Exception:  # what is tested
                continue


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def compute() -> None:
    """A C call that lets other threads run, and cannot be interrupted."""
    with noted():
        ctypes.CDLL(None).sleep(40)


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def match() -> None:
    """A C call that holds the interpreter: no other thread of its process runs."""
    with noted():
        re.match(NESTED, AGES)


@queues.job(timeout_s=TIMEOUT_S, retries=0)
def run_program() -> None:
    """Wait for a program, and for one that it started."""
    with noted():
        subprocess.run(["/bin/sh", "-c", f"{PROGRAM} & wait"], check=True)


@queues.job(timeout_s=TIMEOUT_S, isolated=True, retries=0)
def run_program_apart(then: str = "wait") -> None:
    """The same from a process of its own, which then waits deaf to all it is told, crashes, or ends as if all were well."""
    with noted():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        subprocess.Popen(["/bin/sh", "-c", f"{PROGRAM} & wait"])
        os.system(f"{PROGRAM} &")  # keeps what we have open, too
        if then == "crash":
            ctypes.string_at(0)
        elif then == "wait":
            ctypes.CDLL(None).sleep(40)


@queues.job(timeout_s=TIMEOUT_S, isolated=True, retries=0)
def run_program_detached(then: str) -> None:
    """A program in a session of its own, as browsers are started: wait beside it, deaf or not, or end and leave it."""
    with noted():
        subprocess.Popen(["/bin/sh", "-c", f"{PROGRAM} & wait"], start_new_session=True)
        if then == "deaf":
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        if then != "end":
            while True:
                clock.wait(0.05)


@queues.job(timeout_s=TIMEOUT_S, retries=0)
async def wait_on_loop() -> None:
    """A coroutine that waits too long."""
    with noted():
        await asyncio.sleep(40)


@queues.job(timeout_s=TIMEOUT_S, isolated=True, retries=0)
def compute_apart() -> None:
    """A C call without end in a process of its own."""
    with noted():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        ctypes.CDLL(None).sleep(40)


#: Longer than it takes a test to take Redis away.
LIMIT_S = 5


@queues.job(timeout_s=LIMIT_S, retries=0)
def watch_the_limit() -> None:
    """Loop until the limit, and note when it came."""
    with noted():
        try:
            while True:
                clock.wait(0.02)
        except errors.JobTimeout:
            note("limit", me()[0])
            raise


@queues.job(timeout_s=LIMIT_S, isolated=True, retries=0)
def watch_the_limit_apart() -> None:
    """The same in a process of its own."""
    watch_the_limit()


@queues.job(timeout_s=LIMIT_S, retries=0)
async def watch_the_limit_on_loop() -> None:
    """The same on the event loop."""
    with noted():
        try:
            await asyncio.sleep(300)
        except asyncio.CancelledError:
            note("limit", me()[0])
            raise


@queues.job(timeout_s=LIMIT_S, retries=0)
def run_program_deaf() -> None:
    """Wait for a program, in a call that nothing can interrupt."""
    with noted():
        subprocess.run(["/bin/sh", "-c", f"{PROGRAM} & wait"], check=True)


# --- jobs that take their process down ---


@queues.job(retries=0)
def segfault() -> None:
    """Read from address 0."""
    with noted():
        ctypes.string_at(0)


@queues.job(retries=0)
def exit_0() -> None:
    """Leave the process as if all were well."""
    with noted():
        os._exit(0)


@queues.job(retries=0)
def exit_1() -> None:
    """Leave the process."""
    with noted():
        os._exit(1)


@queues.job(retries=0)
def kill_worker() -> None:
    """kill -9 to the worker process, from a thread of it or from a process of its own, two forks below it."""
    with noted():
        alone = getattr(queues.current_run.get(), "call").isolated  # noqa: B009 (the protocol for jobs does not have it)
        os.kill(_parent_of(os.getppid()) if alone else os.getpid(), signal.SIGKILL)
        clock.wait(60)


def _parent_of(pid: int) -> int:
    told = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(told)


@queues.job(isolated=True, memory_mb=MEMORY_MB, retries=0)
def devour() -> int:
    """Ask for more memory than the job may have."""
    with noted():
        return len(bytearray(4 * MEMORY_MB << 20))


@queues.job(isolated=True, retries=0)
def run_false() -> int:
    """Run a program that fails; its exit code."""
    with noted():
        return subprocess.run([sys.executable, "-c", "raise SystemExit(1)"], check=False).returncode


# --- jobs that need more of the program than their own lines ---


@queues.job()
def walk_and_submit() -> str:
    """Tell of progress and submit another job."""
    with noted():
        queues.progress(1, 1, "there")
        return queues.submit(nap, 0.0).job_id


@queues.job(isolated=True)
def walk_and_submit_apart() -> str:
    """The same in a process of its own."""
    return walk_and_submit()


@queues.job()
async def walk_and_submit_on_loop() -> str:
    """The same on the event loop."""
    return walk_and_submit()


@queues.job(retries=0)
def fail_late() -> None:
    """Fail with a trace."""
    with noted():
        raise ValueError("ä name that needs idna: " + "bücher.example".encode("idna").decode())


@queues.job(kind="look", retries=0)
def look_at(keyword_id: str) -> None:
    """A check that takes a moment and finds nothing; noted by one line."""
    clock.wait(0.01)
    note("look", keyword_id)
