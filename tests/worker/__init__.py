"""What the tests of worker processes share: forks that run a worker, and a ledger outside Redis that counts what was done."""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clock
from state.store import connection
from tests import patience
from worker import execution as executions
from worker import results

fork = multiprocessing.get_context("fork")

#: Processes of the test that runs; what is left of them is killed at its end (conftest.py).
started: "list[multiprocessing.context.ForkProcess]" = []


class Ledger:
    """Lines in a file, each written in one piece; no process and no Redis can take one back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def write(self, *words: object) -> None:
        """Add a line."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, (" ".join(map(str, words)) + "\n").encode())
        finally:
            os.close(descriptor)

    def lines(self) -> list[list[str]]:
        """All lines, split into words."""
        return [line.split() for line in self.path.read_text().splitlines()]

    def count(self, first: str) -> Counter[str]:
        """How often each second word was written behind `first`."""
        return Counter(words[1] for words in self.lines() if words[0] == first)


def wait_until(condition: Callable[[], object], what: str, patience_s: float = patience.HANG_S) -> None:
    """Look until it holds; fail with `what` where it does not become so."""
    deadline = clock.monotonic() + patience_s
    while not condition():
        assert clock.monotonic() < deadline, f"not within {patience_s} s: {what}"
        clock.wait(0.02)


def start(target: Callable[[], object]) -> "multiprocessing.context.ForkProcess":
    """Run `target` in a copy of this process with a connection of its own, in a group of its own."""

    def run() -> None:
        os.setpgid(0, 0)
        connection.client().connection_pool.reset()
        code = target()
        os._exit(code if isinstance(code, int) else 0)

    process = fork.Process(daemon=True, target=run)
    process.start()
    started.append(process)
    return process


def kill(process: "multiprocessing.context.ForkProcess", signum: int = signal.SIGKILL) -> int | None:
    """Signal a process we started and wait for its end; its exit code."""
    if process.pid and process.is_alive():
        os.kill(process.pid, signum)
    process.join(patience.HANG_S)
    return process.exitcode


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ended_by(task: executions.Execution, kind: type[BaseException]) -> bool:
    """Whether a task ended with an error of that class of ours."""
    return task.error is not None and task.error.is_a(kind)


def value_of(task: executions.Execution) -> Any:
    """What a task returned."""
    return results.decode(task.result)
