"""What `manage.py check` looks at, one function a thing; each says what is fine, or raises, and starts nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import clock
import config
import errors
import logs
import queues
import scheduler
from clients import llm, notify, storage
from clients import serp as providers
from engine import retry_policy
from models import Stop
from scheduling import loop
from scheduling.entries import registration
from state.engine import heartbeats
from state.store import connection, script_text, scripts
from topics.alerts import rules, telling
from topics.leads import model_file, tables
from topics.operations import stops
from topics.tracking import account

#: What may be so before a start: told, and no fault of the installation.
STARTS_LATER = stops.MAY_COME

#: Below this the disk is as good as full.
LEAST_FREE_BYTES = 100 << 20


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
        yield _run("provider", lambda: _provider(probe))
        yield _run("storage", lambda: _storage(probe))
        yield _run("language model", lambda: _language_model(probe))
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


def _provider(probe: bool) -> str:
    provider = providers.make(config.settings())
    name = "SANDBOX: its results are invented" if provider.is_sandbox else provider.name
    if provider.is_sandbox and not probe:
        return name
    try:
        health = account.verify(provider)
    except errors.NetworkError as exc:
        if probe:
            raise
        return f"{name}. Warning: token and credits could not be asked for: {exc}"
    return f"{name}; {health.remaining_credits:,.0f} credits left, {health.concurrency} requests at once"


def _language_model(probe: bool) -> str:
    client = llm.configured()
    if client is None:
        return "none: pages are read by rules (LLM_API_KEY)"
    priced = f"price: {client.price.source}"
    try:
        return f"{client.look()}; {priced}"
    except errors.DataError:  # a server without a list of models
        return f"{client.line.where} answers, and lists no models; {priced}"
    except errors.NetworkError as exc:
        if probe:
            raise
        return f"{client.line.where}; {priced}. Warning: it could not be asked: {exc}"


def _storage(probe: bool) -> str:
    settings = config.settings()
    store = storage.make(settings)
    if isinstance(store, storage.LocalStore):
        _check_folder(settings.data_dir / "objects")
        return store.describe()
    look = store.verify if probe else store.look
    try:
        look()
    except errors.NetworkError as exc:
        if probe:
            raise
        return f"{store.describe()}. Warning: the bucket could not be asked: {exc}"
    return store.describe()


def _check_folder(folder: Path) -> None:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise errors.ConfigError(f"{there} is no folder: set DATA_DIR to one.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise errors.ConfigError(f"{there} cannot be written by this user: give it to them, or set DATA_DIR to another folder.")
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE_BYTES:
        raise errors.SystemFault(f"Only {free >> 20} MiB are free below {there}: free some, or set DATA_DIR to another disk.")
