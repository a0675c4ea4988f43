"""The registry of jobs: what `@job` declares, and which function a name in Redis stands for.

Only registered functions ever run: a name in Redis that is not registered is refused, never imported. A file put into `jobs/` is
found by itself.
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

#: In the order in which workers serve them.
QUEUES = (HIGH, DEFAULT, LOW)

MAX_RETRIES = 3  # also the default

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
        path = payload.path_of(func)
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


def check() -> list[str]:
    """What is wrong with the jobs of this installation, one line each."""
    try:
        load_jobs()
    except (ImportError, SyntaxError, ArgumentError) as exc:
        return [f"jobs/ cannot be loaded: {exc}"]
    if not _specs:
        raise ConfigError("jobs/ holds no job at all: the installation is incomplete.")
    return []
