"""The threads that run jobs, and beside them the event loop for coroutines. They only run jobs; the consumer does the rest."""

import ctypes
import math
import os
import queue
import select
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import clock
from errors import Interruption
from processes import descendants
from worker.coroutine_pool import CoroutinePool
from worker.execution import Execution


class Pool:
    """`size` threads and at most `coroutines` coroutines. Executions that ended are in `done`.

    The consumer waits for file descriptors, so threads wake it through a pipe (the self-pipe trick,
    https://cr.yp.to/docs/selfpipe.html): `wake_reader` becomes readable when an execution ends.
    """

    def __init__(self, size: int, coroutines: int, run_isolated: Callable[[Execution], None]) -> None:
        self.size, self.coroutines = size, coroutines
        self.done: deque[Execution] = deque()
        self.wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)
        os.set_blocking(self.wake_reader, False)
        self.waiting = False  # whether the consumer waits
        self._run_isolated = run_isolated
        self._inbox: queue.SimpleQueue[Execution] = queue.SimpleQueue()
        self.coroutine_pool = CoroutinePool(coroutines, self._ended)
        for _ in range(size):
            self._start_thread()

    def submit(self, execution: Execution) -> None:
        """Run an execution as soon as a thread or coroutine is free for it."""
        execution.began = math.inf
        if execution.on_loop:
            self.coroutine_pool.submit(execution)
        else:
            self._inbox.put(execution)

    def withdraw(self) -> list[Execution]:
        """Take back what has not begun: for threads, then for coroutines, the last one of each first."""
        on_threads = []
        with suppress(queue.Empty):
            while True:
                on_threads.append(self._inbox.get_nowait())
        return [*reversed(on_threads), *self.coroutine_pool.withdraw()]

    def interrupt(self, execution: Execution, reason: type[Interruption]) -> None:
        """Raise `reason` inside a running execution, at its next line of Python."""
        execution.interrupted_by = reason
        if self.coroutine_pool.cancel(execution):
            return
        with execution.lock:
            if execution.running:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(execution.thread_id), ctypes.py_object(reason))

    def write_off(self, execution: Execution) -> None:
        """Replace a thread that is stuck for good, and kill the programs that its job waits for."""
        execution.written_off = True
        self._start_thread()
        if execution.native_id:
            descendants.end_of_thread(execution.native_id, since=execution.began)

    def wait(self, fd: int | None, within_s: float) -> bool:
        """Wait until an execution ends, `fd` is readable or the time is up. Returns whether `fd` is readable."""
        poll = select.poll()  # not select(): a process may hold more than 1,024 files
        for descriptor in [self.wake_reader] if fd is None else [self.wake_reader, fd]:
            poll.register(descriptor, select.POLLIN)
        self.waiting = True
        try:
            ready = [] if self.done else poll.poll(math.ceil(within_s * 1000))  # an execution may have ended before `waiting`
        finally:
            self.waiting = False
        readable = [descriptor for descriptor, _ in ready]
        if self.wake_reader in readable:
            self.drain()
        return fd in readable

    def wake_up(self) -> None:
        """Wake the consumer, if it waits."""
        if self.waiting:
            with suppress(BlockingIOError):  # a full pipe wakes it as well
                os.write(self._wake_writer, b".")

    def drain(self) -> None:
        """Empty the wake pipe."""
        with suppress(BlockingIOError):
            while os.read(self.wake_reader, 4096):
                pass

    def _start_thread(self) -> None:
        threading.Thread(target=self._work, name="job", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                execution = self._inbox.get()
                self._run(execution)
                if execution.written_off:  # a replacement took over long ago
                    return
                self._ended(execution)
            except Interruption:  # meant for a job that ended a moment ago
                continue

    def _run(self, execution: Execution) -> None:
        if not execution.begin():
            return
        try:
            (self._run_isolated if execution.call.isolated else Execution.run)(execution)
        except Exception as exc:  # a defect of the worker itself: the job fails with it, the thread goes on
            execution.fail(exc)

    def _ended(self, execution: Execution) -> None:
        execution.ended = clock.monotonic()
        self.done.append(execution)
        self.wake_up()
