"""`manage.py demo`: the whole system on this machine, from CSV to ranks, against a sandbox that invents result pages."""

import csv
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import clock
import config
import wording
from errors import ArgumentError, ConfigError, StoreUnreachable, SystemFault, TrawlError
from local import demo_view, endpoint, log_tail, ports, up
from local.process_manager import ManagedProcess, ProcessManager
from local.server import Server, open_server
from state.engine import dedup, leases, records
from state.store import connection
from state.tracking import halts, projects
from topics.tracking import competitors, imports, overview

KEYWORDS = config.ROOT / "examples" / "keywords.csv"
DATA_DIR = config.ROOT / "data" / "demo"

#: Options of `manage.py sandbox`: a few captchas show what becomes of a check that failed. The same seed, the same pages.
SEED, NO_RESULTS = 7, 0.01
SANDBOX = ("--latency-ms", "100", "--captcha", "0.006", "--no-results", f"{NO_RESULTS}", "--opaque", "0.05", "--seed", f"{SEED}")

TICK_S = 2  # between two batches; 60 in real life
POLL_S = 0.25
SANDBOX_START_S = 20.0
STALLED_S = 180.0  # without one keyword done
WEB_START_S = 30.0
HELD = 1000  # jobs of a killed run that are counted
STOP_S = 15.0  # from SIGTERM to kill -9
INTERRUPTED = 130  # exit code after Ctrl-C, as the shell's


#: Gives the projects of the demo a past: (their ids, what says whether to stop). commands/ names it; this room knows no sandbox.
Past = Callable[[list[str], Callable[[], bool]], int]

NOTHING_DUE = "Nothing is due, so nothing is fetched."
HOW_TO_OPEN = "To look at this in a browser, with 30 days of invented history: make demo OPEN=1 (or python manage.py demo --open)"


def run(keywords: Path = KEYWORDS, data_dir: Path = DATA_DIR, sandbox_url: str | None = None, past: Past | None = None) -> int:
    """Import, check what is due, show the ranks; returns the exit code (130 after Ctrl-C, 1 where a part keeps dying).

    Fresh ranks are not fetched again, and the next run continues one that was killed. `sandbox_url` names a sandbox that runs
    already. `past` invents one, and then all goes on at the end, pages included, until Ctrl-C (0). Raises ConfigError for a
    REDIS_URL whose store holds projects of the user's, and as `open_server`.
    """
    signals = up.collect_stop_signals()
    url = sandbox_url or f"http://{endpoint.HOST}:{ports.free_port()}"
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
            if past:
                view.say("Inventing the month before today …")
                view.say(f"{past(mine, lambda: bool(signals)):,} ranks of past days are new.")
            left = _left(mine)
            if left and server.pid is not None and (held := len(records.ids_at(records.running_places()[0], 0, HELD))):
                begun = f"{wording.pluralize(held, 'check')} of a run that was killed"
                view.say(f"Waiting for {begun}: they are begun anew once their leases end, {leases.LEASE_MS // 1000} s at most.")
        processes = [] if sandbox_url else [_sandbox(url, mine)]
        manager = ProcessManager(processes, server, view.say)
        if left or past:
            code = _work(manager, view, left, signals, stays=past is not None)
        else:
            view.say(NOTHING_DUE)
            code = _show(view)
            view.say(HOW_TO_OPEN)
        return code
    finally:
        server.stop()


def _show(view: "demo_view.View") -> int:
    with connection.errors_translated():
        view.show_result()
    return 0


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
        PORT=str(settings.port),
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


def _work(manager: ProcessManager, view: "demo_view.View", left: int, signals: list[int], stays: bool) -> int:
    """Run the processes until nothing is left to check, and where it stays until somebody ends it; the exit code."""
    logs = config.settings().data_dir / "logs"
    finished, shown = True, False
    try:
        if manager.processes:
            manager.poll()
            _wait_for_sandbox(manager)
        web = _web(view, stays)
        manager.processes += [_own(name) for name in ("scheduler", "worker")] + [web]
        if left:
            with view.progress(left):
                finished = _watch(manager, view, signals)
        else:
            view.say(NOTHING_DUE)
        if finished and stays:
            shown = _show(view) == 0
            _stay(manager, view, web, signals)
    except TrawlError as exc:
        view.say(f"{exc} The logs lie in {demo_view.short(logs)}; the next run goes on where this one ended.")
        return 1
    finally:
        manager.stop(STOP_S)
    if shown:
        view.say("Stopped.")
        return 0
    if not finished:
        view.say("Stopped. No keyword is lost: the next run goes on where this one ended.")
        return INTERRUPTED
    code = _show(view)
    view.say(HOW_TO_OPEN)
    return code


def _stay(manager: ProcessManager, view: "demo_view.View", web: ManagedProcess, signals: list[int]) -> None:
    """Keep all up until somebody ends it; the address is said as soon as the pages answer."""
    with connection.errors_translated():
        for project_id in view.project_ids:
            overview.make(project_id)
            competitors.make(project_id)
    port = int(str(web.argv[-1]))
    _wait_for(
        port, manager, signals, WEB_START_S, f"The web process does not answer: {demo_view.short(web.log or Path())} says why."
    )
    if not signals:
        view.say(f"Open http://{endpoint.HOST}:{port}/ in a browser. Every rank there is invented. Ctrl-C ends all.")
    while not signals:
        manager.poll()
        clock.wait(POLL_S)


def _watch(manager: ProcessManager, view: "demo_view.View", signals: list[int]) -> bool:
    """Keep all processes running until nothing is left (True) or the user ends the demo (False)."""
    worker_log = log_tail.Tail(config.settings().data_dir / "logs" / "worker.log", "is started again")
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


def _web(view: "demo_view.View", stays: bool) -> ManagedProcess:
    """The web process; its address is shown. Where it stays, its port is that of PORT, unless that is taken."""
    usual = config.settings().port
    port = usual if stays and ports.is_free(usual) else ports.free_port()
    if not stays:
        view.say(f"While the demo runs, its API answers at http://{endpoint.HOST}:{port}/docs.")
    return _own("web", "--host", endpoint.HOST, "--port", str(port))


def _own(command: str, *options: str) -> ManagedProcess:
    """A process of this program, with a log of its own."""
    logs = config.settings().data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, str(config.ROOT / "manage.py"), command, *options]
    return ManagedProcess(command, argv, log=logs / f"{command}.log")


def _wait_for_sandbox(manager: ProcessManager) -> None:
    """Wait before anything is fetched: a refused connection would count as a failed check."""
    url = config.settings().sandbox_url
    _wait_for(urlsplit(url).port or 0, manager, [], SANDBOX_START_S, f"The sandbox does not answer at {url}.")


def _wait_for(port: int, manager: ProcessManager, signals: list[int], within_s: float, or_else: str) -> None:
    """Wait until a process listens, or somebody ends the demo. Raises SystemFault with `or_else`."""
    deadline = clock.monotonic() + within_s
    while not signals and clock.monotonic() < deadline:
        try:
            socket.create_connection((endpoint.HOST, port), timeout=1).close()
        except OSError:
            manager.poll()
            clock.wait(0.02)
        else:
            return
    if not signals:
        raise SystemFault(or_else)
