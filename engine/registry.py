"""The registry of jobs: what `@job` declares, and the function behind a name in Redis.

Only registered functions run. A name in Redis that is not registered is refused and never imported. A new file in `jobs/` is
found without being named anywhere.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import models
from errors import ArgumentError, ConfigError
from state.engine import payload

HIGH, DEFAULT, LOW = "high", "default", "low"

#: The queues in the order in which workers serve them.
QUEUES = (HIGH, DEFAULT, LOW)

MAX_RETRIES = 3  # also the default

KIND = re.compile(r"[A-Za-z0-9_-]{1,40}")

P = ParamSpec("P")
R = TypeVar("R")

_specs: dict[str, models.JobSpec] = {}
_functions: dict[str, Callable[..., Any]] = {}
_listed: set[Callable[..., Any]] = set()


def job(
    *,
    queue: str = DEFAULT,
    kind: str | None = None,
    timeout_s: int = 180,
    retries: int = MAX_RETRIES,
    dedup_key: str | None = None,
    shared: bool = False,
    pages: int = 0,
    isolated: bool = False,
    memory_mb: int = 0,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function as a job. The function is returned unchanged and can be called like any other.

    - `queue`: high, default or low.
    - `kind`: the name that status, limits and stops use (default: the module's name).
    - `timeout_s`: longest time of one execution in seconds.
    - `retries`: executions after a failure that may pass, 0 to 3. The class of the error decides.
    - `dedup_key`: a format string over the arguments, e.g. "serp:{keyword_id}". While a job holds that key, another submit
      returns the id of that job and queues nothing. Arguments that the string does not name, and the function, do not matter.
    - `shared`: the dedup key names what all owners share, e.g. a tracked keyword. Else each owner has keys of its own.
    - `pages`: pages that a call may fetch; they are taken from the month of the API key that submits it.
    - `isolated`: run each call in a process of its own, for browsers and untrusted code.
    - `memory_mb`: most memory that an isolated process may take on top of what it begins with (0 = no limit).
    """
    if timeout_s <= 0 or not 0 <= retries <= MAX_RETRIES:
        raise ArgumentError(f"@job needs timeout_s > 0 and retries from 0 to {MAX_RETRIES}, not {timeout_s} and {retries}.")

    def register(func: Callable[P, R]) -> Callable[P, R]:
        path = payload.path_of(func)
        topic = kind or func.__module__.rpartition(".")[2]
        if not KIND.fullmatch(topic):
            raise ArgumentError(f"{path}: the kind {topic!r:.60} must be up to 40 letters, digits, - and _.")
        _specs[path] = models.JobSpec(
            path, named(queue), topic, timeout_s, retries, dedup_key, isolated, memory_mb, pages, shared, func in _listed
        )
        _functions[path] = func
        return func

    return register


def listed(func: Callable[P, R]) -> Callable[P, R]:
    """Keep a list of the calls of this job that are not over: for kinds with few jobs that people look for among many.

    It stands below `@job`. It counts where all jobs of the kind have it.
    """
    _listed.add(func)
    return func


def named(queue: str) -> str:
    """The queue of that name; `normal` is read as default. Raises ArgumentError."""
    name = DEFAULT if queue == "normal" else queue
    if name not in QUEUES:
        raise ArgumentError(f"No queue {queue!r}: there are {', '.join(QUEUES)}.")
    return name


def load_jobs() -> None:
    """Import every file of `jobs/`, so that its jobs are registered."""
    import jobs as folder

    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"jobs.{module.name}")


class UnknownJob(ArgumentError):
    """A function that is no job here. One that begins with `jobs.` may be a job of another version."""


def function(path: str) -> Callable[..., Any]:
    """The registered function of that dotted path. Raises ArgumentError for any other name. Imports only `jobs/`."""
    if path not in _functions:
        load_jobs()
    if path not in _functions:
        raise UnknownJob(f"{path!r} is not a job of this version: only functions under @queues.job in jobs/ run.")
    return _functions[path]


def spec_of(func: Callable[..., Any] | str) -> models.JobSpec:
    """The declaration of a job, by its function or path. Raises ArgumentError if there is no such job."""
    try:
        path = func if isinstance(func, str) else f"{func.__module__}.{func.__qualname__}"
    except AttributeError:
        path = f"{getattr(func, '__module__', '')}.{getattr(func, '__qualname__', repr(func))}"
    if path not in _specs:
        function(path)
    return _specs[path]


def coroutine_functions() -> list[str]:
    """Dotted paths of the registered jobs that are `async def`."""
    return [path for path, func in _functions.items() if inspect.iscoroutinefunction(func)]


def kinds() -> dict[str, str]:
    """Dotted path of each registered job, and its kind."""
    return {path: spec.kind for path, spec in _specs.items()}


def is_listed(kind: str) -> bool:
    """Whether all registered jobs of a kind are declared `listed`."""
    return {spec.listed for spec in _specs.values() if spec.kind == kind} == {True}


def check() -> list[str]:
    """The faults of the jobs of this installation, one line each."""
    try:
        load_jobs()
    except (ImportError, SyntaxError, ArgumentError) as exc:
        return [f"jobs/ cannot be loaded: {exc}"]
    if not _specs:
        raise ConfigError("jobs/ holds no job at all: the installation is incomplete.")
    return []
