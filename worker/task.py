"""One job while this process holds it: what it calls, how long it may take, how it ends."""

import asyncio
import base64
import inspect
import json
import re
import threading
import traceback
import zlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import arguments
import clock
import queues
from errors import DataError, Interruption, JobCancelled, LeaseLost, StoreUnreachable, UnsafeStore
from processes import forks
from state import connection, leases

#: Seconds between two writes of a job's progress; calls in between cost nothing.
PROGRESS_EVERY_S = 0.25

#: Fields whose presence means that RQ's own machinery has to end the job.
RQ_FIELDS = (b"success_callback_name", b"failure_callback_name", b"stopped_callback_name")

#: Fields that must be whole numbers where they are there.
NUMBERS = (b"timeout", b"result_ttl", b"failure_ttl", b"retries_left", b"attempt", b"deaths", b"rescues")
NUMBER = re.compile(rb"(-?[0-9]{1,9})?")

RESULT_TTL_S = 500

#: RQ's word for a result that JSON cannot hold.
UNSERIALIZABLE = "Unserializable return value"


class NotStarted(Exception):
    """Nothing of the job ran: it goes back into its queue, and nothing is spent."""


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
    """A job that runs. The thread that runs it writes `result` or `error`, then `done`; the courier reads them after that."""

    job: leases.Leased
    call: Call
    handed_over: float = field(default_factory=clock.monotonic)
    began: float = field(default_factory=clock.monotonic)  # infinite while it waits for its place on the loop
    result: Any = None
    error: BaseException | None = None
    trace: str = ""
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
        """Call the function in this thread; never raises."""
        token = queues.current_run.set(self)
        self.thread_id, self.native_id = threading.get_ident(), threading.get_native_id()
        self.running, generation = True, forks.generation
        try:
            self.result = self.call.func(*self.call.args, **self.call.kwargs)
            if inspect.iscoroutine(self.result):  # an async job in a process of its own
                self.result = asyncio.run(_in_this_process(self.result))
        except BaseException as exc:  # the one place that catches everything: here an error becomes an outcome
            self.fail(exc)
        if forks.generation != generation:  # a copy that the job made of this process came back
            forks.end(self.error)
        try:
            with self.lock:
                self.running = False
        except Interruption as exc:  # it came between the last line of the job and this one
            self.running = False
            self.fail(exc)
        queues.current_run.reset(token)

    async def run_coroutine(self) -> None:
        """Await the function on the event loop; raises nothing but what ends the loop itself."""
        queues.current_run.set(self)
        self.running, generation = True, forks.generation
        try:
            self.result = await self.call.func(*self.call.args, **self.call.kwargs)
        except BaseException as exc:  # as above; a cancelled task is a timeout or a stop, see interrupt
            self.fail(exc)
        if forks.generation != generation:
            forks.end(self.error)
        self.running = False

    def fail(self, exc: BaseException) -> None:
        """Keep an error with its trace, as RQ shows it."""
        if isinstance(exc, asyncio.CancelledError) and self.interrupted_by:  # how an interruption reaches a coroutine
            exc = self.interrupted_by(f"job {self.job.id}")
        self.error = exc
        self.trace = "".join(traceback.format_exception(exc))

    def progress(self, step: int, total: int | None, message: str) -> None:
        """Write how far the job is, and learn whether it must stop."""
        self._stop_if_asked()
        now = clock.monotonic()
        if now - self._told < PROGRESS_EVERY_S and step != total:
            return
        self._told = now
        text = json.dumps({"step": step, "total": total, "message": message[:500]}, ensure_ascii=False)
        try:
            with connection.errors_translated():
                holds, asked = leases.tell_progress(self.job, text)
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
    path, args, kwargs = arguments.of_job(job.fields.get(b"data", b""))
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
        isolated=spec.isolated or any(job.fields.get(name, b"0") != b"0" for name in (b"deaths", b"rescues")),
        is_coroutine=inspect.iscoroutinefunction(func),
    )


def encode_result(value: Any) -> str:
    """A result as RQ's result stream holds it; what is no JSON is replaced by a note, as RQ does."""
    if value is None:
        return ""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        text = json.dumps(UNSERIALIZABLE)
    return base64.b64encode(text.encode()).decode()


def as_json(value: Any) -> Any:
    """The value if it can be written as JSON, else RQ's note that it cannot."""
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return UNSERIALIZABLE
    return value


def encode_error(trace: str) -> str:
    """An error text as RQ's result stream holds it."""
    return base64.b64encode(zlib.compress(trace.encode("utf-8", "replace"))).decode()
