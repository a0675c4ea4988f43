"""The event loop of a worker process, and the runners on it. Each runner awaits one coroutine after another.

An asyncio.Semaphore would do, but jobs would come in waves: a waiter begins only after everything that became ready before it. A
runner begins the next coroutine in the very step in which the last one ended.
"""

import asyncio
import contextvars
import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import traces
from processes import forks
from worker.execution import Execution

log = logging.getLogger("trawl.worker")


#: Threads of the loop for asyncio.to_thread and for name look-ups: one for each runner, and these for what jobs leave behind.
#: asyncio's own default is the number of cores and 4. A thread is started when it is needed.
SPARE_THREADS = 32


class SharedLoop(asyncio.SelectorEventLoop):
    """The event loop of all async jobs. A job cannot stop it, nor shut down what belongs to all jobs."""

    def stop(self) -> None:
        """Ignored; only a copy of this process stops its loop."""
        log.warning("A job called stop() of the event loop of all async jobs: ignored. To end a job, return or raise in it")

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Ignored: all jobs use these threads."""

    async def shutdown_asyncgens(self) -> None:
        """Ignored: these generators belong to all jobs."""


class CoroutinePool:
    """At most `size` coroutines run at a time; the others wait in `waiting`. `ended` is called on the loop."""

    def __init__(self, size: int, ended: Callable[[Execution], object]) -> None:
        self.size = size
        self.waiting: deque[Execution] = deque()
        self._ended = ended
        self._loop: SharedLoop | None = None
        self._runners: set[asyncio.Task[None]] = set()
        self._running: dict[Execution, asyncio.Task[None]] = {}  # execution → its runner
        self._begun = 0  # executions, in this iteration of the loop

    def submit(self, execution: Execution) -> None:
        """Run an execution as soon as a runner is free. The first call starts the loop."""
        self.waiting.append(execution)
        loop = self._loop or self._start_loop()
        if self.has_room():  # otherwise a runner goes on with it, and the loop need not be woken
            loop.call_soon_threadsafe(self._start_runners)

    def has_room(self) -> bool:
        """Whether a coroutine could begin now."""
        return len(self._runners) < self.size

    def withdraw(self) -> list[Execution]:
        """Take back what waits, the last one first."""
        found = []
        with suppress(IndexError):  # the loop takes from the other end
            while True:
                found.append(self.waiting.pop())
        return found

    def cancel(self, execution: Execution) -> bool:
        """Cancel an execution; False if it does not run on the loop."""
        if self._loop is None or execution not in self._running:
            return False
        self._loop.call_soon_threadsafe(self._cancel, execution)
        return True

    def _start_loop(self) -> SharedLoop:
        self._loop = SharedLoop()
        self._loop.set_default_executor(ThreadPoolExecutor(self.size + SPARE_THREADS, "coroutines"))
        _loops.add(self._loop)
        threading.Thread(target=_run, args=(self._loop,), name="coroutines", daemon=True).start()
        return self._loop

    # --- on the loop ---

    def _start_runners(self) -> None:
        """Start as many runners as there are executions waiting, up to `size`."""
        assert self._loop is not None
        for _ in range(min(len(self.waiting), self.size - len(self._runners))):
            runner = self._loop.create_task(self._work())
            asyncio.tasks._unregister_task(runner)  # a job that cancels asyncio.all_tasks() means its own tasks
            self._runners.add(runner)

    async def _work(self) -> None:
        """Run what waits, one after the other."""
        runner = asyncio.current_task()
        assert self._loop is not None and runner is not None
        while execution := self._next():
            self._begun += 1
            if self._begun == 1:
                self._loop.call_soon(self._reset_begun)
            await self._run(runner, execution)
            while self._begun >= self.size:  # coroutines that await nothing must leave the others their turn
                await asyncio.sleep(0)
        self._runners.discard(runner)
        self._start_runners()  # an execution that was submitted meanwhile counted on this runner

    async def _run(self, runner: "asyncio.Task[None]", execution: Execution) -> None:
        self._running[execution] = runner
        if execution.begin():
            await _InContext(execution.run_coroutine())
        del self._running[execution]
        while runner.cancelling():  # a cancel that was meant for this execution ends with it
            runner.uncancel()
        self._ended(execution)

    def _next(self) -> Execution | None:
        try:
            return self.waiting.popleft()
        except IndexError:
            return None

    def _reset_begun(self) -> None:
        self._begun = 0

    def _cancel(self, execution: Execution) -> None:
        """Cancel what the runner awaits, if that still is this execution."""
        runner = self._running.get(execution)
        if runner is not None:
            runner.cancel()


def _run(loop: SharedLoop) -> None:
    """Run the loop for good."""
    generation = forks.generation
    while True:
        try:
            loop.run_forever()
        except BaseException as exc:  # asyncio lets SystemExit and KeyboardInterrupt of any task or callback through
            log.warning("%s in a task or callback of an async job: the others go on", traces.name_of(type(exc)))
        finally:
            if forks.generation != generation:  # a coroutine forked this process, and the copy waited for this loop
                os._exit(1)


def _stop_in_copy() -> None:
    """Stop the loop in a forked copy, which shares the loop's files: it must not wait on them, nor run other coroutines."""
    for loop in list(_loops):
        getattr(loop, "_ready", deque()).clear()  # asyncio has no public way
        super(SharedLoop, loop).stop()


_loops: "weakref.WeakSet[SharedLoop]" = weakref.WeakSet()
os.register_at_fork(after_in_child=_stop_in_copy)


class _InContext(Generator[Any, Any, None]):
    """Awaits a coroutine in a context of its own: the runner's next execution sees no context variable of this one."""

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self._run = contextvars.Context().run

    def __await__(self) -> Generator[Any, Any, None]:
        return self

    def __next__(self) -> Any:
        return self._run(self._coroutine.send, None)

    def send(self, value: Any) -> Any:
        return self._run(self._coroutine.send, value)

    def throw(self, *error: Any) -> Any:
        return self._run(self._coroutine.throw, *error)
