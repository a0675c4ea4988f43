"""The threads that run jobs, and the event loop that runs coroutines. They only run: everything else is the courier's."""

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
from worker import coroutine_pool
from worker import execution as executions

Run = Callable[[executions.Task], None]


class Pool:
    """`size` threads and at most `coroutines` coroutines; ended tasks are in `done`, and `bell` is readable when one is added."""

    def __init__(self, size: int, coroutines: int, run_isolated: Run) -> None:
        self.size, self.coroutines = size, coroutines
        self.done: deque[executions.Task] = deque()
        self.bell, self._striker = os.pipe()
        os.set_blocking(self._striker, False)
        os.set_blocking(self.bell, False)
        self.listening = False
        self._run_isolated = run_isolated
        self._inbox: queue.SimpleQueue[executions.Task] = queue.SimpleQueue()
        self.places = coroutine_pool.Places(coroutines, self._ended)
        for _ in range(size):
            self._start_thread()

    def submit(self, task: executions.Task) -> None:
        """Run a task as soon as a thread, or a place on the loop, is free."""
        task.began = math.inf
        if task.on_loop:
            self.places.submit(task)
        else:
            self._inbox.put(task)

    def withdraw(self) -> list[executions.Task]:
        """Take back what waits, the last one of each sort first."""
        on_threads = []
        with suppress(queue.Empty):
            while True:
                on_threads.append(self._inbox.get_nowait())
        return [*reversed(on_threads), *self.places.withdraw()]

    def interrupt(self, task: executions.Task, reason: type[Interruption]) -> None:
        """Raise `reason` inside a running task, at its next line of Python."""
        task.interrupted_by = reason
        if self.places.cancel(task):
            return
        with task.lock:
            if task.running:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(task.thread_id), ctypes.py_object(reason))

    def write_off(self, task: executions.Task) -> None:
        """A task's thread is stuck for good: another one takes its place, and programs that the task waits for are ended."""
        task.written_off = True
        self._start_thread()
        if task.native_id:
            descendants.end_of_thread(task.native_id, since=task.began)

    def listen(self, ear: int | None, within_s: float) -> bool:
        """Wait until a task ended, `ear` (a file descriptor) is readable or time is up; says whether `ear` is."""
        waits = select.poll()  # not select(): a process may hold more than 1,024 files
        for number in [self.bell] if ear is None else [self.bell, ear]:
            waits.register(number, select.POLLIN)
        self.listening = True
        try:
            heard = [] if self.done else waits.poll(math.ceil(within_s * 1000))  # something ended before we listened
        finally:
            self.listening = False
        numbers = [number for number, _ in heard]
        if self.bell in numbers:
            self.hush()
        return ear in numbers

    def strike(self) -> None:
        """Wake the courier, if it waits."""
        if self.listening:
            with suppress(BlockingIOError):  # it is full: it wakes anyway
                os.write(self._striker, b".")

    def hush(self) -> None:
        """The courier heard the bell."""
        with suppress(BlockingIOError):
            while os.read(self.bell, 4096):
                pass

    def _start_thread(self) -> None:
        threading.Thread(target=self._work, name="job", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                task = self._inbox.get()
                self._run(task)
                if task.written_off:  # a replacement took over long ago
                    return
                self._ended(task)
            except Interruption:  # meant for a job that ended a moment ago
                continue

    def _run(self, task: executions.Task) -> None:
        task.began = clock.monotonic()
        if task.interrupted_by:  # while it waited
            task.fail(task.interrupted_by(f"job {task.job.id}"))
            return
        try:
            (self._run_isolated if task.call.isolated else executions.Task.run)(task)
        except Exception as exc:  # a defect of ours: the job fails with it, the thread goes on
            task.fail(exc)

    def _ended(self, task: executions.Task) -> None:
        task.ended = clock.monotonic()
        self.done.append(task)
        self.strike()
