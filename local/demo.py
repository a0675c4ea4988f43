"""`manage.py demo`: the whole system on this machine, from CSV to ranks, against a sandbox that invents result pages."""

import csv
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import clock
import config
from errors import ArgumentError, ConfigError, StoreUnreachable, SystemFault, TrawlError
from local import demo_view, endpoint, up
from local.process_manager import ManagedProcess, ProcessManager
from local.server import Server, open_server
from state.engine import dedup
from state.store import connection
from state.tracking import halts, projects
from topics.tracking import imports

KEYWORDS = config.ROOT / "examples" / "keywords.csv"
DATA_DIR = config.ROOT / "data" / "demo"

#: Options of `manage.py sandbox`: a few captchas show what becomes of a check that failed. The same seed, the same pages.
SANDBOX = ("--latency-ms", "100", "--captcha", "0.006", "--no-results", "0.01", "--opaque", "0.05", "--seed", "7")

TICK_S = 2  # between two batches; 60 in real life
POLL_S = 0.25
SANDBOX_START_S = 20.0
STALLED_S = 60.0  # without one keyword done
STOP_S = 15.0  # from SIGTERM to kill -9
INTERRUPTED = 130  # exit code after Ctrl-C, as the shell's


def run(keywords: Path = KEYWORDS, data_dir: Path = DATA_DIR, sandbox_url: str | None = None) -> int:
    """Import, check what is due, show the ranks; returns the exit code (130 after Ctrl-C, 1 where a part keeps dying).

    Fresh ranks are not fetched again, and the next run continues one that was killed. `sandbox_url` names a sandbox that runs
    already. Raises ConfigError for a REDIS_URL whose store holds projects of the user's, and as `open_server`.
    """
    signals = up.collect_stop_signals()
    url = sandbox_url or f"http://{endpoint.HOST}:{endpoint.free_port()}"
    _use_demo_settings(data_dir, url)
    server = open_server()
    try:
        with connection.errors_translated():
            warnings = connection.refuse_unsafe()
            mine = _import(keywords, server)
            view = demo_view.View(mine)
            for line in warnings:
                view.say(f"Warning: {line}")
            view.say(_welcome(server))
            left = _left(mine)
        if left:
            processes = [] if sandbox_url else [_sandbox(url, mine)]
            code = _check_all(ProcessManager(processes, server, view.say), view, left, signals)
            if code:
                return code
        else:
            view.say("Nothing is due, so nothing is fetched.")
        with connection.errors_translated():
            view.show_result()
        return 0
    finally:
        server.stop()


def _use_demo_settings(data_dir: Path, sandbox_url: str) -> None:
    """Set the demo's settings for this process and its children. Only Redis and the number of workers stay the user's."""
    settings = config.settings()
    for name in config.Settings.model_fields:
        os.environ.pop(name.upper(), None)
    os.environ.update(
        TRAWL_NO_DOTENV="1",
        DATA_DIR=str(data_dir.resolve()),
        SERP_PROVIDER="sandbox",
        SANDBOX_URL=sandbox_url,
        SERP_ENQUEUE_INTERVAL=str(TICK_S),
        WORKERS=str(settings.worker_processes),
        WORKER_THREADS=str(settings.worker_threads),
        LOG_FORMAT="text",
        PYTHONUNBUFFERED="1",
    )
    if settings.configured_redis_url:
        os.environ["REDIS_URL"] = settings.configured_redis_url
    config.reload()


def _import(path: Path, server: Server) -> list[str]:
    """Add keywords that are missing; returns the ids of the demo's projects."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            mine = sorted({row["project"] for row in csv.DictReader(file)})
    except (OSError, KeyError) as exc:
        raise ArgumentError(f"{path} cannot be read as project,domain,keyword: {exc}") from None
    others = sorted(set(projects.ids()) - set(mine))
    if server.pid is None and others:
        raise ConfigError(
            f"REDIS_URL names a Redis with projects of yours ({', '.join(others[:3])}): the demo would give them invented ranks. "
            "Unset REDIS_URL, or name an empty database of it, e.g. redis://127.0.0.1:6379/9"
        )
    imports.import_csv(path)
    return mine


def _welcome(server: Server) -> str:
    store = "the Redis of REDIS_URL" if server.pid is None else f"an embedded server (process {server.pid})"
    return f"Trawl demo on {store}; data in {demo_view.short(config.settings().data_dir)}."


def _left(mine: list[str]) -> int:
    """How many keywords are due or being checked. Due ones are counted first, because they turn into claims."""
    due = sum(due for _, due in projects.counts(mine).values())
    return due + dedup.count()


def _check_all(manager: ProcessManager, view: "demo_view.View", left: int, signals: list[int]) -> int:
    """Run the processes until nothing is left to check; the exit code."""
    logs = config.settings().data_dir / "logs"
    try:
        if manager.processes:
            manager.poll()
            _wait_for_sandbox(manager)
        manager.processes += [_own(name) for name in ("scheduler", "worker")]
        with view.progress(left):
            finished = _watch(manager, view, signals)
    except TrawlError as exc:
        view.say(f"{exc} The logs lie in {demo_view.short(logs)}; the next run goes on where this one ended.")
        return 1
    finally:
        manager.stop(STOP_S)
    if not finished:
        view.say("Stopped. No keyword is lost: the next run goes on where this one ended.")
        return INTERRUPTED
    return 0


def _watch(manager: ProcessManager, view: "demo_view.View", signals: list[int]) -> bool:
    """Keep all processes running until nothing is left (True) or the user ends the demo (False)."""
    worker_log = demo_view.Tail(config.settings().data_dir / "logs" / "worker.log", "is started again")
    fewest, moved_at = None, clock.monotonic()
    while not signals:
        manager.poll()
        for line in worker_log.fresh():
            view.say(line)
        try:
            with connection.errors_translated():
                left = _left(view.project_ids)
                view.update(left)
                halt = halts.halted()
        except StoreUnreachable:  # an embedded server is soon back; another one may stay away until STALLED_S
            left, halt = fewest or 1, None
        if halt:
            raise SystemFault(f"Fetching was halted: {halt.reason}.")
        if left == 0:
            return True
        if fewest is None or left < fewest:
            fewest, moved_at = left, clock.monotonic()
        if clock.monotonic() - moved_at > STALLED_S:
            raise SystemFault(f"No keyword was finished for {STALLED_S:g} s; {left} are left.")
        clock.wait(POLL_S)
    return False


def _sandbox(url: str, mine: list[str]) -> ManagedProcess:
    domains = ",".join(projects.get(project_id).domain for project_id in mine)
    process = _own("sandbox", "--port", str(urlsplit(url).port), "--domains", domains, *SANDBOX)
    process.is_last = True  # a fetch that it refused would count as a failed check
    return process


def _own(command: str, *options: str) -> ManagedProcess:
    """A process of this program, with a log of its own."""
    logs = config.settings().data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, str(config.ROOT / "manage.py"), command, *options]
    return ManagedProcess(command, argv, log=logs / f"{command}.log")


def _wait_for_sandbox(manager: ProcessManager) -> None:
    """Wait before anything is fetched: a refused connection would count as a failed check."""
    at = urlsplit(config.settings().sandbox_url)
    deadline = clock.monotonic() + SANDBOX_START_S
    while clock.monotonic() < deadline:
        try:
            socket.create_connection((at.hostname or "", at.port or 0), timeout=1).close()
        except OSError:
            manager.poll()
            clock.wait(0.02)
        else:
            return
    raise SystemFault(f"The sandbox does not answer at {config.settings().sandbox_url}.")
