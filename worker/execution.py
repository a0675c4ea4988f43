"""One job while this process holds it: what it calls, how long it may take, how it ends."""

import asyncio
import base64
import contextvars
import inspect
import json
import re
import threading
import zlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import clock
import queues
import traces
from errors import DataError, Interruption, JobCancelled, LeaseLost, StoreUnreachable, UnsafeStore
from processes import forks
from state.engine import execution_records, leases, payload
from state.store import connection
from worker import raised, results

#: Seconds between two writes of a job's progress; calls in between cost nothing.
PROGRESS_EVERY_S = 0.25

#: Fields whose presence means that RQ's own machinery has to end the job.
RQ_FIELDS = (b"success_callback_name", b"failure_callback_name", b"stopped_callback_name")

#: Fields that must be whole numbers where they are there.
NUMBERS = (b"timeout", b"result_ttl", b"failure_ttl", b"retries_left", b"attempt", b"deaths", b"rescues")
NUMBER = re.compile(rb"(-?[0-9]{1,9})?")

#: Fields that say: this job may have taken a process down, or stopped one.
ALONE = (b"deaths", b"rescues", b"suspect")

RESULT_TTL_S = 500

#: How often an error is read anew because another one came of it.
MOST_READS = 3


@dataclass(slots=True)
class Call:
    """What a job asks for, read from its record. `spec` is what @job declared."""

    path: str
    func: Callable[..., Any]
    args: list[Any]
    kwargs: dict[str, Any]
    timeout_s: float
    isolated: bool
    is_coroutine: bool


@dataclass(slots=True, eq=False)
class Task:
    """A job that runs. The thread that runs it writes `result` (as it is stored) or `error`; the courier reads them after that.

    Both are plain data: whatever a job returned or raised is read, cut and let go in the thread of the job, within its time.
    """

    job: leases.Leased
    call: Call
    handed_over: float = field(default_factory=clock.monotonic)
    began: float = field(default_factory=clock.monotonic)  # infinite while it waits for its place on the loop
    ended: float = 0.0  # 0 = not yet
    result: str = ""
    error: raised.Raised | None = None
    running: bool = False
    written_off: bool = False
    shown: bool = False  # RQ's tools have a record of its execution
    thread_id: int = 0
    native_id: int = 0  # of the same thread, as the kernel knows it
    lost: bool = False
    stop_asked: bool = False
    stopped_by_command: bool = False
    interrupted_by: type[Interruption] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    _told: float = 0.0

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def on_loop(self) -> bool:
        """Whether it runs on the event loop, not in a thread."""
        return self.call.is_coroutine and not self.call.isolated

    @property
    def deadline(self) -> float:
        """When its time is up, by the monotonic clock; infinite while it waits for its place on the loop."""
        return self.began + self.call.timeout_s

    def run(self) -> None:
        """Call the function in this thread; never raises. A run sees no context variable that another run has set."""
        self.thread_id, self.native_id = threading.get_ident(), threading.get_native_id()
        self.running, generation = True, forks.generation
        try:
            contextvars.Context().run(self._call)
        except BaseException as exc:  # the one place that catches everything: here an error becomes an outcome
            if forks.generation != generation:
                forks.end(exc)
            self.fail(exc)
        if forks.generation != generation:  # a copy that the job made of this process came back
            forks.end(None)
        try:
            with self.lock:
                self.running = False
        except Interruption as exc:  # it came between the last line of the job and this one
            self.running = False
            self.fail(exc)

    def _call(self) -> None:
        queues.current_run.set(self)
        call = self.call
        value = call.func(*call.args, **call.kwargs)
        if inspect.iscoroutine(value):  # an async job in a process of its own, or one that looks like a plain function
            value = asyncio.run(_in_this_process(value))
        self.result = results.encode(value)
        call.args, call.kwargs = [], {}  # a job may have put anything into them

    async def run_coroutine(self) -> None:
        """Await the function on the event loop; raises nothing but what ends the loop itself."""
        queues.current_run.set(self)
        self.running, generation = True, forks.generation
        call = self.call
        try:
            self.result = results.encode(await call.func(*call.args, **call.kwargs))
            call.args, call.kwargs = [], {}
        except BaseException as exc:  # as above; a cancelled task is a timeout or a stop, see interrupt
            if forks.generation != generation:
                forks.end(exc)
            self.fail(exc)
        if forks.generation != generation:
            forks.end(None)
        self.running = False

    def fail(self, exc: BaseException) -> None:
        """Read an error, once, in the thread of the job. An interruption that comes meanwhile takes its place."""
        for _ in range(MOST_READS):
            try:
                if issubclass(type(exc), asyncio.CancelledError) and self.interrupted_by:  # how it reaches a coroutine
                    exc = self.interrupted_by(f"job {self.job.id}")
                self.result, self.error = "", raised.read(exc)
                self.call.args, self.call.kwargs = [], {}
                traces.let_go(exc)
                return
            except BaseException as other:  # an interruption, or what somebody's class raises where nothing should
                exc = other
        self.result, self.error = "", raised.Raised(traces.name_of(type(exc)), "(this error cannot be read)")

    def progress(self, step: int, total: int | None, message: str) -> None:
        """Write how far the job is, and learn whether it must stop."""
        self._stop_if_asked()
        now = clock.monotonic()
        if now - self._told < PROGRESS_EVERY_S and step != total:
            return
        self._told = now
        text = json.dumps({"step": step, "total": total, "message": message[:500]}, ensure_ascii=False)
        text = text.encode(errors="replace").decode()  # half a surrogate pair cannot be sent
        try:
            with connection.errors_translated():
                holds, asked = execution_records.write_progress(self.job, text)
        except (StoreUnreachable, UnsafeStore):  # an outage fails no job: whether it must stop it learns when Redis is back
            self._told = 2 * clock.monotonic() - now  # it may have waited for its reply: the job goes on for as long as that took
            return
        self.lost, self.stop_asked = self.lost or not holds, self.stop_asked or asked
        self._stop_if_asked()

    def cancelled(self) -> bool:
        """Whether it should stop."""
        return self.lost or self.stop_asked

    def _stop_if_asked(self) -> None:
        if self.lost:
            raise LeaseLost(f"job {self.job.id} was given to another worker")
        if self.stop_asked:
            raise JobCancelled(f"job {self.job.id} was cancelled")


async def _in_this_process(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Await it; a copy that it made of this process ends when it comes back."""
    generation = forks.generation
    try:
        result = await coroutine
    except BaseException as exc:
        if forks.generation != generation:
            forks.end(exc)
        raise
    if forks.generation != generation:
        forks.end(None)
    return result


def read(job: leases.Leased) -> Call:
    """What a job asks for. Raises DataError for a record that is none of RQ's, ArgumentError for a name nobody registered."""
    path, args, kwargs = payload.of_job(job.fields.get(b"data", b""))
    func = queues.function(path)
    spec = queues.spec_of(path)
    timeout = job.fields.get(b"timeout", b"")
    for name in RQ_FIELDS:
        if job.fields.get(name):
            queues.function(job.fields[name].decode(errors="replace"))  # a callback must be registered like any job
    for name in NUMBERS:
        if name in job.fields and not NUMBER.fullmatch(job.fields[name]):
            raise DataError(f"its {name.decode()} is no number: {job.fields[name][:40]!r}")
    return Call(
        path,
        func,
        args,
        kwargs,
        timeout_s=float(timeout) if timeout not in (b"", b"-1") else float(spec.timeout_s),
        isolated=spec.isolated or any(job.fields.get(name, b"0") != b"0" for name in ALONE),
        is_coroutine=inspect.iscoroutinefunction(func),
    )


def encode_error(trace: str) -> str:
    """An error text as RQ's result stream holds it: its head and its tail."""
    trace = traces.shortened(trace, traces.TRACE)
    return base64.b64encode(zlib.compress(trace.encode("utf-8", "replace"))).decode()
