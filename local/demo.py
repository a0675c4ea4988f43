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
from local.server import Server, open_server
from local.team import Member, Team
from state import activity, claims, connection, projects
from tracking import imports

KEYWORDS = config.ROOT / "examples" / "keywords.csv"
DATA_DIR = config.ROOT / "data" / "demo"

#: A few captchas, so that the demo shows what becomes of a check that failed; the same ones at every first run.
SANDBOX = {"latency_ms": 100, "captcha": 0.006, "no_results": 0.01, "opaque": 0.05, "seed": 7}

TICK_S = 2  # between two batches; 60 in real life
LOOK_S = 0.25
STALLED_S = 60.0  # without one keyword done
STOP_S = 15.0  # from SIGTERM to kill -9
INTERRUPTED = 130  # exit code after Ctrl-C, as the shell's


def run(keywords: Path = KEYWORDS, data_dir: Path = DATA_DIR, sandbox_url: str | None = None) -> int:
    """Import, check what is due, show the ranks; returns the exit code (130 after Ctrl-C, 1 where a part keeps dying).

    What is fresh is not fetched again, and a run that was killed is gone on with by the next one. `sandbox_url` names a sandbox
    that runs already. Raises ConfigError for a REDIS_URL whose store holds projects of the user's, and as `open_server`.
    """
    asked = up.listen()
    url = sandbox_url or f"http://{endpoint.HOST}:{endpoint.free_port()}"
    _use_demo_settings(data_dir, url)
    server = open_server()
    try:
        with connection.errors_translated():
            mine = _import(keywords, server)
            view = demo_view.View(mine, data_dir)
            view.say(_welcome(server, data_dir))
            left = _left(mine)
            if not left:
                view.show_result(None)
                return 0
        team = Team([] if sandbox_url else [_sandbox(url, mine)], server, view.say)
        return _check_all(team, view, left, asked, url)
    finally:
        server.stop()
        connection.use(None)


def _use_demo_settings(data_dir: Path, sandbox_url: str) -> None:
    """For us and all processes we start: nothing of the user's but where Redis is and how many workers run."""
    redis_url = config.settings().configured_redis_url
    workers = config.settings().workers
    unset = [name.upper() for name in config.Settings.model_fields]
    for name in unset:
        os.environ.pop(name, None)
    os.environ.update(
        TRAWL_NO_DOTENV="1",
        DATA_DIR=str(data_dir.resolve()),
        SERP_PROVIDER="sandbox",
        SANDBOX_URL=sandbox_url,
        SERP_ENQUEUE_INTERVAL=str(TICK_S),
        WORKERS=str(workers),
        LOG_FORMAT="text",
        PYTHONUNBUFFERED="1",
    )
    if redis_url:
        os.environ["REDIS_URL"] = redis_url
    config.reload()


def _import(path: Path, server: Server) -> list[str]:
    """Add what is not there yet; the ids of the demo's projects."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            mine = sorted({row["project"] for row in csv.DictReader(file)})
    except (OSError, KeyError) as exc:
        raise ArgumentError(f"{path} cannot be read as project,domain,keyword: {exc}") from None
    others = set(projects.ids()) - set(mine)
    if server.pid is None and others:
        raise ConfigError(
            f"REDIS_URL names a Redis with projects of yours ({', '.join(sorted(others)[:3])}): the demo would give them invented "
            "ranks. Unset REDIS_URL, or name an empty database of it, e.g. redis://127.0.0.1:6379/9"
        )
    imports.import_csv(path)
    return mine


def _welcome(server: Server, data_dir: Path) -> str:
    store = "the Redis of REDIS_URL" if server.pid is None else f"an embedded server (process {server.pid})"
    return f"Trawl demo: {store}, data in {demo_view.short(data_dir)}, a sandbox that invents result pages."


def _left(mine: list[str]) -> int:
    """Keywords that are due or in a worker's hands. Due ones are counted first: they turn into claims, not the other way."""
    due = sum(due for _, due in projects.counts(mine).values())
    return due + claims.count()


def _check_all(team: Team, view: demo_view.View, left: int, asked: list[int], sandbox_url: str) -> int:
    logs = config.settings().data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    try:
        team.tend()
        _wait_for(sandbox_url, team)
        team.members += [_own(name, logs) for name in ("scheduler", "worker")]
        with view.progress(left) as progress:
            finished = _watch(team, view, progress, asked)
    except TrawlError as exc:
        view.say(f"{exc}. The logs lie in {demo_view.short(logs)}; the next run goes on where this one ended.")
        return 1
    finally:
        team.stop_members(STOP_S)
    if not finished:
        view.say("Stopped. Nothing is lost: the next run goes on where this one ended.")
        return INTERRUPTED
    with connection.errors_translated():
        view.show_result(progress)
    return 0
