"""The three queues, what a job is, and how one is submitted.

    @job(queue="high", kind="serp", timeout_s=300)
    def track_keyword(keyword_id: str) -> str: ...

    submission = queues.submit(serp.track_keyword, "4k2j…")

`@job` registers the function under its dotted path and returns it unchanged. Only registered functions ever run: a name in Redis
that is not registered is refused, never imported. A file put into `jobs/` is found by itself.
"""

import importlib
import inspect
import math
import pkgutil
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, ParamSpec, Protocol, TypeVar

import rq
import rq.job
import rq.serializers

import arguments
import models
from errors import ArgumentError, ConfigError, Conflict, DataError, NotFound
from state import claims, connection, jobs, stops

HIGH, DEFAULT, LOW = "high", "default", "low"

#: In the order in which workers serve them.
QUEUES = (HIGH, DEFAULT, LOW)

MAX_DELAY_S = 366 * 86400
MAX_RETRIES = 3  # also the default

#: RQ splits its own keys at `:`.
JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")

KIND = re.compile(r"[A-Za-z0-9_-]{1,40}")

P = ParamSpec("P")
R = TypeVar("R")

_specs: dict[str, models.JobSpec] = {}
_functions: dict[str, Callable[..., Any]] = {}


def job(
    *,
    queue: str = DEFAULT,
    kind: str | None = None,
    timeout_s: int = 180,
    retries: int = MAX_RETRIES,
    dedup_key: str | None = None,
    isolated: bool = False,
    memory_mb: int = 0,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function as a job; it is returned unchanged and can be called like any other.

    `queue`: high, default or low. `kind`: what status, limits and pauses speak of (default: the module's name). `timeout_s`:
    seconds one run may take. `retries`: runs after a failure that may pass, 0 to 3; the class of the error decides.
    `dedup_key`: a format string over the arguments, e.g. "serp:{keyword_id}": while a job holds that key, another submit returns
    its id instead of a second job, whatever arguments it does not name are, and whatever function holds it. `isolated`: run each
    call in a process of its own (browsers, untrusted code), with at most `memory_mb` more than it begins with (0 = no limit).
    """
    if timeout_s <= 0 or not 0 <= retries <= MAX_RETRIES:
        raise ArgumentError(f"@job needs timeout_s > 0 and retries from 0 to {MAX_RETRIES}, not {timeout_s} and {retries}.")

    def register(func: Callable[P, R]) -> Callable[P, R]:
        path = arguments.path_of(func)
        topic = kind or func.__module__.rpartition(".")[2]
        if not KIND.fullmatch(topic):
            raise ArgumentError(f"{path}: the kind {topic!r:.60} must be up to 40 letters, digits, - and _.")
        _specs[path] = models.JobSpec(path, named(queue), topic, timeout_s, retries, dedup_key, isolated, memory_mb)
        _functions[path] = func
        return func

    return register


def named(queue: str) -> str:
    """The queue a word means; `normal` is read as default. Raises ArgumentError."""
    name = DEFAULT if queue == "normal" else queue
    if name not in QUEUES:
        raise ArgumentError(f"No queue {queue!r}: there are {', '.join(QUEUES)}.")
    return name


def load_jobs() -> None:
    """Import every file of `jobs/`, so that its jobs are registered."""
    import jobs as folder

    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"jobs.{module.name}")


def function(path: str) -> Callable[..., Any]:
    """The registered function of that dotted path. Raises ArgumentError for any other name; imports nothing but `jobs/`."""
    if path not in _functions:
        load_jobs()
    if path not in _functions:
        raise ArgumentError(f"{path!r} is not a job of this version: only functions under @queues.job in jobs/ run.")
    return _functions[path]


def spec_of(func: Callable[..., Any] | str) -> models.JobSpec:
    """What `@job` declared of a function or its path. Raises ArgumentError where it is no job."""
    path = func if isinstance(func, str) else f"{getattr(func, '__module__', '')}.{getattr(func, '__qualname__', repr(func))}"
    if path not in _specs:
        function(path)
    return _specs[path]


def coroutine_functions() -> list[str]:
    """Dotted paths of the registered jobs that are `async def`."""
    return [path for path, func in _functions.items() if inspect.iscoroutinefunction(func)]


def kinds() -> dict[str, str]:
    """Dotted paths of the registered jobs, and of which kind each is."""
    return {path: spec.kind for path, spec in _specs.items()}


def submit(
    func: Callable[..., Any],
    *args: Any,
    dedup_key: str | None = None,
    queue: str | None = None,
    delay_s: float = 0,
    meta: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> models.Submission:
    """Put one call of a job in its queue; returns the job's id, or that of the job that already does this work.

    The answer's `warnings` say what keeps it from starting: workers suspended, none for its queue, fetching halted, a limit of 0.

    `dedup_key` (default: the job's own) names the work; given here it stands for this very call, and Conflict is raised while
    another function or other arguments hold it. `delay_s` seconds to wait; `meta` is kept with the job. Raises ArgumentError for
    a function that is no job and for arguments that JSON would change or refuse, before Redis is touched.
    """
    call = models.Call(func, args, kwargs, dedup_key, queue, delay_s, dict(meta) if meta else {})
    new = prepare(call)
    with connection.errors_translated():
        [holder], notes = jobs.submit([new])
        if holder and _is_other(call, holder):
            raise Conflict(_about(dedup_key, holder.id, [None]), [None])
    return _submission(call, new, holder, notes)


def submit_many(calls: Iterable[models.Call | tuple[Any, ...]]) -> list[models.Submission]:
    """Submit several calls, 500 a round trip; a tuple `(func, *args)` is a call without options.

    Every call is checked before the first is written. Returns one submission a call, in order. Raises ArgumentError, and
    StoreUnreachable where Redis does not answer: submit again then, with a dedup key nothing is queued twice. Conflict is raised
    after all other calls were submitted: its `submissions` are what would have been returned, with None for each that was not.
    """
    asked = [call if isinstance(call, models.Call) else models.Call(call[0], tuple(call[1:])) for call in calls]
    ready = [prepare(call) for call in asked]
    with connection.errors_translated():
        holders, notes = jobs.submit(ready)
        others = {number for number, holder in enumerate(holders) if holder and _is_other(asked[number], holder)}
    submissions = [_submission(*one, notes) for one in zip(asked, ready, holders, strict=True)]
    if others:
        told = [None if number in others else submission for number, submission in enumerate(submissions)]
        raise Conflict(_about(asked[min(others)].dedup_key, submissions[min(others)].job_id, told), told)
    return submissions


def _submission(call: models.Call, new: jobs.NewJob, holder: jobs.Holder | None, seen: Mapping[str, Any]) -> models.Submission:
    notes = seen.get(new.queue)
    warnings = stops.of_submit(notes, new.queue, spec_of(call.func).kind) if notes else ()
    return models.Submission(holder.id if holder else new.id, new.queue, holder.id if holder else None, warnings)


def _is_other(call: models.Call, holder: jobs.Holder) -> bool:
    """Whether a key of the caller's own is held by another call: the same may name its arguments, or be compressed by RQ."""
    if holder.same_data or call.dedup_key is None:
        return False
    try:
        path, args, kwargs = arguments.of_job(jobs.data_of(holder.id))
        theirs = arguments.bind(function(path), path, args, kwargs)
    except DataError:
        return True
    mine = spec_of(call.func).path
    return path != mine or not arguments.same(theirs, arguments.bind(function(mine), mine, call.args, call.kwargs))


def _about(key: str | None, holder: str, told: list[models.Submission | None]) -> str:
    text = f"The dedup key {key!r:.80} is held by job {holder} for another call: wait until that job ended, or take another key."
    if len(told) > 1:
        text += f" {told.count(None):,} of {len(told):,} calls were refused for such a reason, the others submitted."
    return text


def prepare(call: models.Call) -> jobs.NewJob:
    """A call as it will be written, checked. Raises ArgumentError."""
    spec = spec_of(call.func)
    bound = arguments.bind(_functions[spec.path], spec.path, call.args, call.kwargs)
    if not isinstance(call.delay_s, int | float) or not math.isfinite(call.delay_s) or not 0 <= call.delay_s <= MAX_DELAY_S:
        raise ArgumentError(f"delay_s must be seconds from 0 to a year, not {call.delay_s!r}.")
    data = arguments.to_json([spec.path, None, list(call.args), call.kwargs], spec.path)
    name = call.dedup_key if call.dedup_key is not None else spec.dedup_key and spec.dedup_key.format(**bound)
    if name is not None and (not isinstance(name, str) or not 1 <= len(name) <= 500 or not arguments.is_text(name)):
        raise ArgumentError(f"dedup_key must be 1 to 500 characters of text, not {name!r:.80}.")
    if call.job_id is not None and not JOB_ID.fullmatch(call.job_id):
        raise ArgumentError(f"the job id {call.job_id!r:.60} must be up to 200 letters, digits, - and _.")
    return jobs.NewJob(
        id=call.job_id or secrets.token_hex(16),
        queue=named(call.queue) if call.queue else spec.queue,
        data=data,
        description=f"{spec.path}({', '.join(f'{value!r:.60}' for value in bound.values())})"[:500],
        timeout_s=spec.timeout_s,
        retries=spec.retries,
        delay_ms=round(call.delay_s * 1000),
        meta=arguments.to_json(call.meta, f"{spec.path} meta") if call.meta else "",
        claim=claims.split(name) if name else None,
    )


def cancel(job_id: str) -> str:
    """Cancel a job; returns the state it was in.

    `queued` and `scheduled`: it is cancelled now. `started`: it ends at its next progress(). A final state: nothing was changed.
    Raises NotFound. Safe to repeat.
    """
    with connection.errors_translated():
        before = jobs.cancel(job_id)
    if before is None:
        raise NotFound(f"No job {job_id}: it never was, or its record has expired.")
    return before


class Job(rq.job.Job):
    """RQ's job, with JSON in place of pickle, and running registered functions only."""

    def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None) -> None:
        super().__init__(id, connection, serializer or rq.serializers.JSONSerializer)

    def restore(self, raw_data: Any) -> Any:
        """As RQ's, without callbacks and webhooks: a name in Redis is never imported, an address there never called from here."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []

    @property
    def func(self) -> Callable[..., Any]:
        """The registered function; any other name raises ArgumentError and is never imported."""
        return function(self.func_name or "")


class Run(Protocol):
    """A job that runs, as seen from inside; the worker puts it into `current_run`."""

    @property
    def job_id(self) -> str:
        """Its id."""

    def progress(self, step: int, total: int | None, message: str) -> None:
        """Tell how far it is. Raises JobCancelled or LeaseLost where it must stop."""

    def cancelled(self) -> bool:
        """Whether it should stop."""


current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


def current_job_id() -> str | None:
    """Id of the job this code runs in; None outside a job."""
    run = current_run.get()
    return run.job_id if run else None


def progress(step: int, total: int | None = None, message: str = "") -> None:
    """Inside a job: tell how far it is; cheap to call often. A job that was cancelled, or lost its lease, ends here."""
    run = current_run.get()
    if run:
        run.progress(step, total, message)


def cancelled() -> bool:
    """Inside a job: whether it was cancelled or lost its lease, for code that wants to end in its own way."""
    run = current_run.get()
    return run is not None and run.cancelled()


def check() -> list[str]:
    """What is wrong with the jobs of this installation, one line each."""
    try:
        load_jobs()
    except (ImportError, SyntaxError, ArgumentError) as exc:
        return [f"jobs/ cannot be loaded: {exc}"]
    if not _specs:
        raise ConfigError("jobs/ holds no job at all: the installation is incomplete.")
    return []
