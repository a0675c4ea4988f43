"""Jobs for fault tests that make copies of their process, and that print. Imported by the worker programs, as `work` is."""

import asyncio
import concurrent.futures
import ctypes
import io
import logging
import logging.config
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import queues
from tests.faults import work

#: Far longer than any test waits: a child that is deaf to SIGTERM shows.
LONG_S = 300

HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGCHLD, signal.SIGHUP)


def signals() -> dict[str, str]:
    """Signals that are not at their default here, and what is blocked."""
    found = {signum.name: repr(signal.getsignal(signum)) for signum in HANDLED if signal.getsignal(signum) is not signal.SIG_DFL}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return {**found, **{f"blocked {signum}": "" for signum in blocked}}


def ended_by_terminate(method: str) -> int | None:
    """Start a process that sleeps, terminate it, and wait for it; its exit code."""
    process = multiprocessing.get_context(method).Process(target=time.sleep, args=(LONG_S,))  # type: ignore[attr-defined]
    process.start()
    process.terminate()
    process.join()
    return int(process.exitcode)


def in_a_fork(target: Callable[[], Any], fork: Callable[[], Any] = os.fork) -> str:
    """What `target` gives in a forked child, as text."""
    ours, theirs = os.pipe()
    forked = fork()
    pid = forked if isinstance(forked, int) else forked[0]
    if pid == 0:
        os.write(theirs, repr(target()).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as told:
        text = told.read()
    os.waitpid(pid, 0)
    return text


def seen_by_a_program(*, preexec: bool) -> str:
    """Signals that a program ignores or blocks which a job starts, beyond those that this system ignores for all."""

    def nothing() -> None:
        pass

    done = subprocess.run(
        ["grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"],
        preexec_fn=nothing if preexec else None,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def ended_by_pool() -> str:
    """A pool that is terminated while its processes work."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map_async(time.sleep, [LONG_S, LONG_S])
        pool.terminate()
        pool.join()
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
        return str(executor.submit(os.getpid).result() != os.getpid())


WAYS: dict[str, Callable[[], Any]] = {
    "fork": lambda: ended_by_terminate("fork"),
    "spawn": lambda: ended_by_terminate("spawn"),
    "forkserver": lambda: ended_by_terminate("forkserver"),
    "os.fork": lambda: in_a_fork(signals),
    "pty.fork": lambda: in_a_fork(signals, os.forkpty),
    "program": lambda: seen_by_a_program(preexec=False),
    "preexec_fn": lambda: seen_by_a_program(preexec=True),
    "pool": ended_by_pool,
}


@queues.job(timeout_s=60, retries=0)
def copy(way: str) -> str:
    """Make a copy in this way, in a thread."""
    with work.noted():
        return str(WAYS[way]())


@queues.job(timeout_s=60, isolated=True, retries=0)
def copy_apart(way: str) -> str:
    """The same in a process of its own."""
    with work.noted():
        return str(WAYS[way]())


@queues.job(timeout_s=60, retries=0)
async def copy_on_loop(way: str) -> str:
    """The same on the event loop."""
    with work.noted():
        return str(WAYS[way]())


def _leave(how: str) -> None:
    pid = os.fork()
    if pid:
        work.note(f"left:{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}", work.me()[0])
    elif how == "exit":
        sys.exit(7)
    elif how == "raise":
        raise ValueError("in the copy")


@queues.job(timeout_s=60, retries=0)
def leave(how: str) -> int:
    """Let a copy of this process come out of this function."""
    _leave(how)
    return os.getpid()


@queues.job(timeout_s=60, isolated=True, retries=0)
def leave_apart(how: str) -> int:
    """The same in a process of its own."""
    _leave(how)
    return os.getpid()


@queues.job(timeout_s=60, retries=0)
async def leave_on_loop(how: str) -> int:
    """The same on the event loop; `await`: the copy waits there for what our loop has to bring."""
    _leave(how) if how != "await" else await _wait_in_copy()
    return os.getpid()


async def _wait_in_copy() -> None:
    pid = os.fork()
    if pid == 0:
        await asyncio.sleep(LONG_S)
    work.note(f"left:{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}", work.me()[0])


# --- output ---


@queues.job()
def say(words: str) -> str:
    """Print in a thread."""
    print(words)
    print(words, file=sys.stderr)
    return words


@queues.job(isolated=True)
def say_apart(words: str, then: str = "") -> str:
    """Print in a process of its own; then crash, if asked to."""
    print(words)
    print(f"{words} half", end="")
    if then == "crash":
        ctypes.string_at(0)
    return words


@queues.job()
def say_much(megabytes: int) -> None:
    """Print more than any pipe holds."""
    with work.noted():
        for _ in range(megabytes * 16):
            print("x" * 65535)


@queues.job(timeout_s=20, retries=0)
def read_the_terminal() -> int:
    """Read what is typed, as ffmpeg and ssh do; how much there was."""
    return len(subprocess.run(["/bin/sh", "-c", "cat; cat < /dev/tty"], stdout=subprocess.PIPE, check=False).stdout)


@queues.job(timeout_s=20, retries=0, isolated=True)
def read_the_terminal_apart() -> int:
    """The same from a process of its own."""
    return read_the_terminal()


@queues.job(timeout_s=20, retries=0)
def take_the_output_away(how: str) -> None:
    """Close the streams of this process, or silence its loggers, as libraries do."""
    if how == "close":
        sys.stdout.close()
        sys.stderr.close()
    elif how == "replace":
        sys.stderr = io.StringIO()
        sys.stderr.close()
        logging.getLogger("trawl.test").warning("%d", "no number")
    elif how == "basicConfig":
        logging.basicConfig(level=logging.DEBUG, force=True)
    elif how == "disable":
        logging.disable(logging.CRITICAL)
    else:
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": True})


@queues.job(timeout_s=20, retries=0)
def tell(words: str) -> None:
    """Log a line, and fail."""
    logging.getLogger("some.library").warning(words)
    raise ValueError(words)


@queues.job(timeout_s=20, retries=0)
async def tell_on_loop(words: str) -> None:
    """The same on the event loop."""
    tell(words)
