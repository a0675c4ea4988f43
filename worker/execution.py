"""One execution of a job: what it calls, how long it may take, how it ends."""

import asyncio
import base64
import contextvars
import functools
import inspect
import logging
import re
import threading
import zlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import clock
import logs
import queues
import traces
from errors import DataError, Interruption, JobCancelled, LeaseLost, StoreUnreachable, UnsafeStore
from processes import forks
from state.engine import execution_records, leases, payload
from state.store import connection
from worker import job_lines, raised, results, rollout, told

log = logging.getLogger("trawl.worker")

#: Seconds between two writes of a job's progress; calls in between cost nothing.
PROGRESS_EVERY_S = 0.25

#: Fields that name a callback.
CALLBACK_FIELDS = (b"success_callback_name", b"failure_callback_name", b"stopped_callback_name")

#: Fields that must be whole numbers, if the job has them.
NUMBER_FIELDS = (b"timeout", b"result_ttl", b"failure_ttl", b"retries_left", b"attempt", b"deaths", b"rescues")
NUMBER = re.compile(rb"(-?[0-9]{1,9})?")

#: Numbers that most records hold: a look in a set is quicker than a pattern.
USUAL_NUMBERS = frozenset(b"%d" % number for number in (0, 1, 2, 3, 180, 500, 900, 3600, 86_400, 604_800))

#: If one of these fields is not 0, the job may have killed or blocked a process. It then runs alone in one.
ISOLATING_FIELDS = (b"deaths", b"rescues", b"suspect")

#: Most records have none of these: then they are not looked at one by one.
SELDOM_FIELDS = frozenset({*CALLBACK_FIELDS, *NUMBER_FIELDS, *ISOLATING_FIELDS} - {b"timeout", b"failure_ttl", b"retries_left"})

RESULT_TTL_S = 500

#: Reading an error may raise another one, which is read instead: so many times at most.
MAX_READS = 3


@dataclass(slots=True)
class Call:
    """What a job calls, read from its record."""

    path: str
    func: Callable[..., Any]
    args: list[Any]
    kwargs: dict[str, Any]
    timeout_s: float
    isolated: bool
    is_coroutine: bool


@dataclass(slots=True, eq=False)
class Execution:
    """One run of a job under one lease. Its thread writes `result` (as it is stored) or `error`; the consumer reads them later.

    Both are plain data. Whatever a job returned or raised is read, cut and released in the job's thread, within its time limit.
    """

    job: leases.Leased
    call: Call
    submitted: float = field(default_factory=clock.monotonic)
    began: float = field(init=False)  # infinite while it waits for a thread or coroutine
    ended: float = 0.0  # 0 = not yet
    result: str = ""
    error: raised.Raised | None = None
    running: bool = False
    lines: job_lines.Lines | None = None  # what it logged
    written_off: bool = False
    recorded: bool = False  # RQ's tools have a record of it
    may_be_recorded: bool = False  # they were sent one, and perhaps no answer came
    thread_id: int = 0
    native_id: int = 0  # the kernel's id of the same thread
    lost: bool = False  # its lease
    stop_asked: bool = False
    stop_by: float = 0.0  # when it is interrupted, by the monotonic clock; 0 = nobody looked yet (worker/cancelled.py)
    stopped_by_command: bool = False
    interrupted_by: type[Interruption] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    proven_until: float = field(init=False)  # until then (of clock.boottime()) its lease certainly holds
    _progress_at: float = 0.0  # of the last write, by the monotonic clock

    def __post_init__(self) -> None:
        self.began, self.proven_until = self.submitted, self.job.proven_until

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def owner(self) -> str:
        """Who owns the job; "" = nobody."""
        return self.job.fields.get(b"owner", b"").decode(errors="replace")

    @property
    def on_loop(self) -> bool:
        """Whether it runs on the event loop, not in a thread."""
        return self.call.is_coroutine and not self.call.isolated

    @property
    def deadline(self) -> float:
        """The end of its time limit, by the monotonic clock; infinite until it begins."""
        return self.began + self.call.timeout_s

    def begin(self) -> bool:
        """Note that it begins. False where it must not: it was interrupted before, or its lease may have run out."""
        self.began = clock.monotonic()
        if self.interrupted_by:
            self.fail(self.interrupted_by(f"job {self.job.id}"))
        elif clock.boottime() > self.proven_until:
            log.warning("Not begun: this worker stood still, and the lease may have run out", extra={"job": self.job.id})
            self.fail(raised.NotStarted())
        return self.error is None

    def run(self) -> None:
        """Call the function in this thread; never raises. An execution sees no context variable that another one has set."""
        self.thread_id, self.native_id = _thread_ids()
        self.running, generation = True, forks.generation
        try:
            contextvars.Context().run(self._call)
        except BaseException as exc:  # the one place that catches everything: an error becomes an outcome
            if forks.generation != generation:
                forks.end(exc)
            self.fail(exc)
        if forks.generation != generation:  # the job forked this process, and the copy came back
            forks.end(None)
        try:
            with self.lock:
                self.running = False
        except Interruption as exc:  # it arrived after the last line of the job
            self.running = False
            self.fail(exc)

    def _call(self) -> None:
        _enter(self)
        value = _called(self)
        if inspect.iscoroutine(value):  # an isolated async job, or a plain function that returns a coroutine
            value = asyncio.run(_in_this_process(value))
        self.result = results.encode(value)
        self.call.args, self.call.kwargs = [], {}  # a job may have put anything into them: release it here

    async def run_coroutine(self) -> None:
        """Await the function on the event loop; raises only what ends the loop itself."""
        _enter(self)
        self.running, generation = True, forks.generation
        call = self.call
        try:
            self.result = results.encode(await call.func(*call.args, **call.kwargs))
            call.args, call.kwargs = [], {}
        except BaseException as exc:  # as above; a CancelledError is a timeout or a stop, see Pool.interrupt
            if forks.generation != generation:
                forks.end(exc)
            self.fail(rollout.of_call(exc, self.job, call.path))
        if forks.generation != generation:
            forks.end(None)
        self.running = False

    def fail(self, exc: BaseException) -> None:
        """Read an error once, in the thread of the job. An interruption that arrives meanwhile takes its place."""
        for _ in range(MAX_READS):
            try:
                if issubclass(type(exc), asyncio.CancelledError) and self.interrupted_by:  # of a coroutine
                    exc = self.interrupted_by(f"job {self.job.id}")
                self.result, self.error = "", raised.read(exc)
                self.call.args, self.call.kwargs = [], {}
                traces.let_go(exc)
                return
            except BaseException as other:  # an interruption, or an error that the class of the error raises
                exc = other
        self.result, self.error = "", raised.Raised(traces.name_of(type(exc)), "(this error cannot be read)")

    def progress(self, step: int, total: int | None, message: str, details: Mapping[str, Any] | None = None) -> None:
        """Write how far the job is. Raises LeaseLost or JobCancelled if it must stop, and ArgumentError."""
        self._stop_if_asked()
        now = clock.monotonic()
        if now - self._progress_at < PROGRESS_EVERY_S and step != total:
            return
        self._progress_at = now
        text = told.text(step, total, message, details)
        try:
            with connection.errors_translated():
                holds, asked = execution_records.write_progress(self.job, text)
        except (StoreUnreachable, UnsafeStore):  # an outage fails no job: the job learns later whether it must stop
            self._progress_at = 2 * clock.monotonic() - now  # the job now goes on for as long as it waited here
            return
        self.lost, self.stop_asked = self.lost or not holds, self.stop_asked or asked
        self._stop_if_asked()

    def logged(self) -> job_lines.Lines:
        """What it has logged; lines are added to it."""
        self.lines = self.lines or job_lines.Lines()
        return self.lines

    def cancelled(self) -> bool:
        """Whether the job should stop."""
        return self.lost or self.stop_asked

    def _stop_if_asked(self) -> None:
        if self.lost:
            raise LeaseLost(f"job {self.job.id} was given to another worker")
        if self.stop_asked:
            raise JobCancelled(f"job {self.job.id} was cancelled")


def _enter(execution: Execution) -> None:
    """Make the execution known to what runs in its context."""
    queues.current_run.set(execution)
    logs.bind_from_here(job=execution.job.id)


def _called(execution: Execution) -> Any:
    call = execution.call
    try:
        return call.func(*call.args, **call.kwargs)
    except TypeError as exc:
        error = rollout.of_call(exc, execution.job, call.path)
        if error is exc:
            raise
        raise error from None


def _thread_ids() -> tuple[int, int]:
    """Python's and the kernel's id of this thread. The thread knows both: the kernel need not be asked."""
    thread = threading.current_thread()
    return thread.ident or 0, thread.native_id or 0


async def _in_this_process(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Await it. If it forks this process, the copy ends here."""
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
    """What a job calls. Raises DataError for a record that is not RQ's, ArgumentError for a function that is not registered."""
    fields = job.fields
    path, args, kwargs = payload.of_job(fields.get(b"data", b""))
    func, spec = queues.function(path), queues.spec_of(path)
    timeout, isolated = fields.get(b"timeout", b""), spec.isolated
    if not USUAL_NUMBERS.issuperset((timeout, fields.get(b"failure_ttl", b"0"), fields.get(b"retries_left", b"0"))):
        _check_numbers(fields)
    if not SELDOM_FIELDS.isdisjoint(fields):
        _check_numbers(fields)
        _check_callbacks(fields)
        isolated = isolated or not {fields.get(name, b"0") for name in ISOLATING_FIELDS} <= {b"0"}
    timeout_s = float(timeout) if timeout not in (b"", b"-1") else float(spec.timeout_s)
    return Call(path, func, args, kwargs, timeout_s, isolated, _is_coroutine_function(func))


def _check_callbacks(fields: Mapping[bytes, bytes]) -> None:
    for name in CALLBACK_FIELDS:
        if fields.get(name):
            queues.function(fields[name].decode(errors="replace"))  # a callback must be registered like any job


def _check_numbers(fields: Mapping[bytes, bytes]) -> None:
    for name in NUMBER_FIELDS:
        number = fields.get(name, b"0")
        if number not in USUAL_NUMBERS and not NUMBER.fullmatch(number):
            raise DataError(f"its {name.decode()} is not a number: {number[:40]!r}")


#: Asked for every job, of the few functions there are.
_is_coroutine_function = functools.cache(inspect.iscoroutinefunction)


def encode_error(trace: str) -> str:
    """The head and the tail of an error text, as RQ's result stream holds them."""
    trace = traces.shortened(trace, traces.TRACE)
    return base64.b64encode(zlib.compress(trace.encode("utf-8", "replace"))).decode()
