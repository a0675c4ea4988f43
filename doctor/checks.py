"""What `manage.py check` looks at, one function a thing; each says what is fine, or raises, and starts nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import clock
import config
import errors
import logs
import queues
import scheduler
from clients import notify
from doctor import service_checks
from engine import retry_policy
from models import Stop
from scheduling import loop
from scheduling.entries import registration
from state.engine import heartbeats
from state.store import connection, script_text, scripts
from topics.alerts import rules, telling
from topics.leads import model_file, tables
from topics.operations import stops

#: What may be so before a start: told, and no fault of the installation.
STARTS_LATER = stops.MAY_COME


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of one check: `ok` None = not checked, because another thing failed."""

    check: str
    ok: bool | None
    says: str


def every(probe: bool, *, asks_outside: bool = True) -> Iterator[Found]:
    """All checks in order. The provider is asked for the account and the bucket whether it is there: both are free.

    What does not answer is a warning; with `probe` it fails, and an object is written to the bucket and removed. Without
    `asks_outside` both are left out: they may take a minute to answer.
    """
    configuration = _run("configuration", _configuration)
    yield configuration
    if not configuration.ok:
        return
    redis = _run("redis", _redis)
    yield redis
    yield _run("scripts", _scripts) if redis.ok else Found("scripts", None, "not checked: Redis comes first")
    jobs = _run("jobs", _jobs)
    yield jobs
    yield _run("retries", retry_policy.check) if jobs.ok else Found("retries", None, "not checked: jobs come first")
    yield _run("companies", _companies)
    yield _run("alerts", _alerts)
    seen = _stops() if redis.ok else []
    yield _run("schedule", lambda: _schedule(bool(redis.ok), seen))
    if asks_outside:
        yield _run("provider", lambda: service_checks.provider(probe))
        yield _run("storage", lambda: service_checks.stored_pages(probe))
        yield _run("language model", lambda: service_checks.language_model(probe))
    for stop in seen:
        if stop.name not in stops.OF_ENTRIES:
            later = stop.name in STARTS_LATER or not stop.wrong
            yield Found("work", later, f"Warning: {stop}" if later else str(stop))


def _stops() -> list[Stop]:
    try:
        with connection.errors_translated():
            return stops.every()
    except errors.TrawlError:  # the checks before have said why
        return []


def _run(name: str, check: Callable[[], str]) -> Found:
    try:
        with connection.errors_translated():
            return Found(name, True, check())
    except errors.TrawlError as exc:
        return Found(name, False, logs.without_secrets(str(exc)))


def _configuration() -> str:
    settings = config.settings()
    says = f"{settings.worker_processes} workers, a batch of {settings.serp_batch_size} every {settings.serp_enqueue_interval} s"
    return ". ".join([says, *(f"Warning: {hint.rstrip('.')}" for hint in config.hints())])


def _redis() -> str:
    warnings = connection.refuse_unsafe()
    stopped = [str(verdict) for verdict in connection.examine() if verdict.stops]
    if stopped:
        raise errors.UnsafeStore(" ".join(stopped))
    return " ".join([f"{connection.where()} answers.", *(f"Warning: {line}" for line in warnings)])


def _scripts() -> str:
    problems = scripts.check()
    if problems:
        raise errors.SystemFault("; ".join(problems))
    return f"{len(script_text.names())} compile"


def _jobs() -> str:
    problems = queues.check()
    if problems:
        raise errors.ConfigError("; ".join(problems))
    return "all of jobs/ is registered"


def _companies() -> str:
    model, signs = model_file.current(), tables.technologies()
    return f"{len(model.rules)} rules score them (model {model.version}); {len(signs)} technologies are known by their signs"


def _schedule(redis: bool, seen: list[Stop]) -> str:
    entries = scheduler.table()
    for entry in entries:
        registration(entry, int(clock.now().timestamp()))  # raises where it cannot work
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise errors.ConfigError(f"two entries of the schedule have one name: {', '.join(sorted(names))}")
    broken = [str(stop) for stop in seen if stop.name in stops.OF_ENTRIES]
    if broken:
        raise errors.SystemFault(" ".join(broken))
    alive = heartbeats.last_beat(loop.HEARTBEAT) if redis else None
    running = "" if not redis else "; a scheduler runs" if alive else "; no scheduler runs"
    return ", ".join(f"{entry.name} {entry.when}" for entry in entries) + running


def _alerts() -> str:
    """Rules and targets as the settings name them; nothing is sent."""
    names = rules.load().rules
    on = sum(getattr(names, name).enabled for name in type(names).model_fields)
    found = telling.targets()
    for target in found:
        if problem := notify.problem(target):
            raise errors.ConfigError(f"ALERT_URLS: {target.name}: {problem}.")
    told = f"told to {', '.join(one.name for one in found)}" if found else "ALERT_URLS names nobody"
    return f"{on} rules on; {told}; `python manage.py alerts test` sends a test."
