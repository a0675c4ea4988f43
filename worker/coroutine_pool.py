"""The event loop of a process and its places: each runs one coroutine after the other, and as many run as there are places."""

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

import clock
import traces
from processes import forks
from worker import execution as executions

log = logging.getLogger("trawl.worker")


#: asyncio has as many threads as cores and 4 more for all that asks to_thread or a name server: here each place has one, and some
#: are left for what jobs leave behind. A thread is started when it is needed.
SPARE_THREADS = 32


class SharedLoop(asyncio.SelectorEventLoop):
    """The loop of all async jobs: none of them may end it, or what belongs to all on it, as it would end a loop of its own."""

    def stop(self) -> None:
        """For a copy of this process only."""
        log.warning("A job called stop() of the event loop of all async jobs: ignored. To end a job, return or raise in it")

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """The threads are everybody's."""

    async def shutdown_asyncgens(self) -> None:
        """The generators of all jobs."""


class Places:
    """At most `most` coroutines run at a time; `waiting` are those that wait for a place; `ended` is called on the loop."""

    def __init__(self, most: int, ended: Callable[[executions.Task], object]) -> None:
        self.most = most
        self.waiting: deque[executions.Task] = deque()
        self._ended = ended
        self._loop: SharedLoop | None = None
        self._places: set[asyncio.Task[None]] = set()
        self._running: dict[executions.Task, asyncio.Task[None]] = {}  # what runs → its place
        self._begun = 0  # in this round of the loop

    def submit(self, task: executions.Task) -> None:
        """Run a task as soon as a place is free; the loop starts with the first."""
        self.waiting.append(task)
        loop = self._loop or self._start()
        if self.any_free():  # else a place goes on with it, and the loop need not be woken
            loop.call_soon_threadsafe(self._fill)

    def any_free(self) -> bool:
        """Whether a coroutine could begin now."""
        return len(self._places) < self.most

    def withdraw(self) -> list[executions.Task]:
        """Take back what waits, the last one first."""
        found = []
        with suppress(IndexError):  # the loop takes from the other end
            while True:
                found.append(self.waiting.pop())
        return found

    def cancel(self, task: executions.Task) -> bool:
        """Cancel a task; False where it does not run on the loop."""
        if self._loop is None or task not in self._running:
            return False
        self._loop.call_soon_threadsafe(self._cancel, task)
        return True

    def _start(self) -> SharedLoop:
        self._loop = SharedLoop()
        self._loop.set_default_executor(ThreadPoolExecutor(self.most + SPARE_THREADS, "coroutines"))
        _loops.add(self._loop)
        threading.Thread(target=_run, args=(self._loop,), name="coroutines", daemon=True).start()
        return self._loop

    # --- on the loop ---

    def _fill(self) -> None:
        """Give what waits its places, as far as there are any."""
        assert self._loop is not None
        for _ in range(min(len(self.waiting), self.most - len(self._places))):
            place = self._loop.create_task(self._work_at_place())
            asyncio.tasks._unregister_task(place)  # a job that cancels asyncio.all_tasks() means its own, not its neighbours
            self._places.add(place)

    async def _work_at_place(self) -> None:
        """Run what waits, one after the other. The next one begins in the very step in which one ended: a round of the loop later
        it would have to wait for all that became ready meanwhile, and jobs would come in waves."""
        place = asyncio.current_task()
        assert self._loop is not None and place is not None
        while task := self._next():
            self._begun += 1
            if self._begun == 1:
                self._loop.call_soon(self._begin_round)
            await self._run_at(place, task)
            while self._begun >= self.most:  # jobs that wait for nothing must not keep the others from their turn
                await asyncio.sleep(0)
        self._places.discard(place)
        self._fill()  # what was submitted since we looked: whoever did counted on us

    async def _run_at(self, place: "asyncio.Task[None]", task: executions.Task) -> None:
        self._running[task] = place
        task.began = clock.monotonic()
        if task.interrupted_by:  # while it waited
            task.fail(asyncio.CancelledError())
        else:
            await _InContext(task.run_coroutine())
        del self._running[task]
        while place.cancelling():  # what was meant for this job is over with it
            place.uncancel()
        self._ended(task)

    def _next(self) -> executions.Task | None:
        try:
            return self.waiting.popleft()
        except IndexError:
            return None

    def _begin_round(self) -> None:
        self._begun = 0

    def _cancel(self, task: executions.Task) -> None:
        """Cancel what a place awaits, if that still is this task."""
        place = self._running.get(task)
        if place is not None:
            place.cancel()


def _run(loop: SharedLoop) -> None:
    """Run the loop for good."""
    generation = forks.generation
    while True:
        try:
            loop.run_forever()
        except BaseException as exc:  # asyncio lets SystemExit and KeyboardInterrupt of any task or callback through
            log.warning("%s in a task or callback of an async job: the others go on", traces.name_of(type(exc)))
        finally:
            if forks.generation != generation:  # a copy that a coroutine made of this process waited for something on our loop
                os._exit(1)


def _stop_in_copy() -> None:
    """A copy shares the loop's files with us: it must neither wait on them nor run our other coroutines."""
    for loop in list(_loops):
        getattr(loop, "_ready", deque()).clear()  # asyncio has no public way
        super(SharedLoop, loop).stop()


_loops: "weakref.WeakSet[SharedLoop]" = weakref.WeakSet()
os.register_at_fork(after_in_child=_stop_in_copy)


class _InContext(Generator[Any, Any, None]):
    """Awaits a coroutine in a context of its own: the next job at the same place sees nothing that it has set."""

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
